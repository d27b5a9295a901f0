"""Webhook authorisation: a server the cluster's owner chose is asked by SubjectAccessReview, and its answers kept.

Allowed answers are kept five minutes, others thirty seconds, on the lab's clock, unless flags say otherwise. A
server that does not answer has no opinion, so the next authoriser decides. Left out: retries, and match
conditions of a structured configuration. https://kubernetes.io/docs/reference/access-authn-authz/webhook/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cluster.apiserver import callout
from cluster.apiserver.authz.opinion import Listing, Opinion
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.kubeconfig import BadKubeconfig, target_of
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import User
from cluster.machinery import fieldselector, goduration, labels

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

GROUP = "authorization.k8s.io"
_KEPT = 10_000
MOMENT = 1.0
_FLAG = "authorization-webhook-"
_OPERATORS = {"=": "In", "in": "In", "!=": "NotIn", "notin": "NotIn", "exists": "Exists", "!exists": "DoesNotExist"}


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """One webhook of the chain: `kubeconfig` is the file's text, times are seconds."""

    kubeconfig: str = ""
    version: str = "v1beta1"  # of the SubjectAccessReview it is sent
    timeout: float = 30.0
    authorized_ttl: float = 300.0
    unauthorized_ttl: float = 30.0
    denies_on_failure: bool = False

    @classmethod
    def of(cls, launch: Launch) -> WebhookSettings:
        """Return what the flags of a start say."""
        return cls(
            launch.file(f"{_FLAG}config-file") or "",
            launch.value(f"{_FLAG}version", "v1beta1"),
            authorized_ttl=_seconds(launch.value(f"{_FLAG}cache-authorized-ttl"), 300.0),
            unauthorized_ttl=_seconds(launch.value(f"{_FLAG}cache-unauthorized-ttl"), 30.0),
        )


def _seconds(text: str, default: float) -> float:
    try:
        return goduration.parse(text) if text else default
    except ValueError:
        return default


class Unasked(callout.NotHere):
    """A question this process cannot put itself; whoever can tells the answer by `learn`, and the request is redone."""

    def __init__(self, authorizer: WebhookAuthorizer, user: User, asked: Asked):
        super().__init__(f"{user.name} {asked}")
        self.authorizer = authorizer
        self.user = user
        self.asked = asked


class WebhookAuthorizer:
    """One webhook of `--authorization-mode=Webhook`."""

    name = "Webhook"

    def __init__(self, server: ApiServer, launch: Launch, settings: WebhookSettings | None = None):
        self._server = server
        self._launch = launch
        self._settings = settings or WebhookSettings.of(launch)
        self._kept: dict[tuple[User, Asked], tuple[float, Opinion]] = {}

    def decide(self, user: User, asked: Asked) -> Opinion:
        """Return what the server says, or said not long ago."""
        now, key = self._server.clock.now(), (user, asked)
        kept = self._kept.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        try:
            said = self._asked(user, asked)
        except (callout.CallFailed, BadKubeconfig) as error:
            refused = False if self._settings.denies_on_failure else None
            return Opinion(refused, error=str(error), lasting=False)
        except callout.NotHere:
            raise Unasked(self, user, asked) from None
        self.learn(user, asked, said)
        return said

    def learn(self, user: User, asked: Asked, said: Opinion) -> None:
        """Keep an answer for its time; a failure only for as long as the request that met it takes."""
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        ttl = self._settings.authorized_ttl if said.allowed else self._settings.unauthorized_ttl
        self._kept[user, asked] = (self._server.clock.now() + (MOMENT if said.error else ttl), said)

    def rules(self, user: User, namespace: str) -> Listing:
        return Listing(incomplete=True, error="webhook authorizer does not support user rule resolution")

    def _asked(self, user: User, asked: Asked) -> Opinion:
        settings = self._settings
        target = target_of(settings.kubeconfig, self._launch.files)
        answer = callout.post(self._server, target, review(user, asked, settings.version), settings.timeout)
        status = answer.get("status") if isinstance(answer, dict) else None
        return _opinion(status if isinstance(status, dict) else {})


def _opinion(status: Mapping[str, Any]) -> Opinion:
    allowed, denied = bool(status.get("allowed")), bool(status.get("denied"))
    reason = str(status.get("reason") or "")
    if allowed and denied:
        raise callout.CallFailed("webhook subject access review returned both allow and deny response")
    error = str(status.get("evaluationError") or "")
    return Opinion(True if allowed else False if denied else None, reason, lasting=False, error=error)


def review(user: User, asked: Asked, version: str = "v1") -> dict[str, Any]:
    """Return the SubjectAccessReview that asks this."""
    spec: dict[str, Any] = {}
    if asked.path:
        spec["nonResourceAttributes"] = {"path": asked.path, "verb": asked.verb}
    else:
        spec["resourceAttributes"] = _resource(asked)
    spec["user"] = user.name
    spec["groups" if version == "v1" else "group"] = list(user.groups)
    if user.extra:
        spec["extra"] = {key: list(values) for key, values in user.extra.items()}
    if user.uid:
        spec["uid"] = user.uid
    head = {"kind": "SubjectAccessReview", "apiVersion": f"{GROUP}/{version}", "metadata": {}}
    return {**head, "spec": spec, "status": {"allowed": False}}


def _resource(asked: Asked) -> dict[str, Any]:
    resource, _, sub = asked.resource.partition("/")
    fields = {
        "namespace": asked.namespace,
        "verb": asked.verb,
        "group": asked.group,
        "version": asked.version or "*",
        "resource": resource,
        "subresource": sub,
        "name": asked.name,
    }
    found: dict[str, Any] = {field: value for field, value in fields.items() if value}
    for field, requirements in (("fieldSelector", _fields(asked)), ("labelSelector", _labels(asked))):
        if requirements:
            found[field] = {"requirements": requirements}
    return found


def _fields(asked: Asked) -> list[dict[str, Any]]:
    try:
        terms = fieldselector.parse(asked.field_selector).terms
    except fieldselector.FieldSelectorError:
        return []
    return [{"key": one.field, "operator": "In" if one.equal else "NotIn", "values": [one.value]} for one in terms]


def _labels(asked: Asked) -> list[dict[str, Any]]:
    try:
        selector = labels.parse(asked.label_selector) if asked.label_selector else labels.EVERYTHING
    except labels.SelectorError:
        return []
    found = []
    for one in selector.requirements:
        if one.operator in _OPERATORS:
            entry: dict[str, Any] = {"key": one.key, "operator": _OPERATORS[one.operator]}
            found.append({**entry, "values": sorted(one.values)} if one.values else entry)
    return found
