"""What both webhook plugins share: the hooks of all configurations in order, and one call to one of them.

Hooks are compiled when a configuration changes. A request that none is about costs two look-ups. Follows
k8s.io/apiserver `admission/plugin/webhook`. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cluster.apiserver import callout
from cluster.apiserver.admission import review
from cluster.apiserver.admission.expressions import bindings_of
from cluster.apiserver.admission.match_conditions import MatchConditions
from cluster.apiserver.admission.matching import Criteria
from cluster.apiserver.attributes import Attributes
from cluster.apiserver.callout import Target
from cluster.machinery.cel import CelError
from cluster.machinery.errors import StatusError, bad_request, internal
from cluster.store.interface import Store

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of a configuration, compiled."""

    configuration: str
    name: str
    criteria: Criteria
    target: Target
    timeout: float
    ignores_failure: bool
    reinvoked: bool
    quiet: bool  # has no side effects in a dry run
    versions: tuple[str, ...]
    conditions: MatchConditions

    @classmethod
    def of(cls, configuration: str, given: Mapping[str, Any]) -> Hook:
        return cls(
            configuration,
            given["name"],
            Criteria.of(given, "rules"),
            _target(given.get("clientConfig") or {}),
            float(given.get("timeoutSeconds") or 10),
            given.get("failurePolicy") == "Ignore",
            given.get("reinvocationPolicy") == "IfNeeded",
            given.get("sideEffects") in ("None", "NoneOnDryRun"),
            tuple(given.get("admissionReviewVersions") or ()),
            MatchConditions.of(given.get("matchConditions")),
        )


def _target(client: Mapping[str, Any]) -> Target:
    roots = _pem(client.get("caBundle"))
    service = client.get("service")
    if service is None:
        return Target.of_url(str(client.get("url") or ""), roots)
    port, path = int(service.get("port") or 443), str(service.get("path") or "")
    return Target.of_service(service["namespace"], service["name"], port, path, roots)


def _pem(bundle: Any) -> str:
    try:
        return base64.b64decode(str(bundle or "")).decode("utf-8", "replace")
    except binascii.Error:
        return ""


class Hooks:
    """The webhooks of one kind of configuration, as the store has them now."""

    def __init__(self, resource: str):
        self._resource = resource
        self._mark = -1
        self._hooks: tuple[Hook, ...] = ()

    def of(self, store: Store) -> tuple[Hook, ...]:
        """Return all hooks, configurations in the order of their names."""
        mark = store.last_change(self._resource)
        if mark != self._mark:
            found = sorted(store.list(self._resource), key=lambda each: str(each["metadata"]["name"]))
            self._hooks = tuple(
                Hook.of(each["metadata"]["name"], hook)
                for each in found
                for hook in each.get("webhooks") or ()
                if hook.get("rules")
            )
            self._mark = mark
        return self._hooks


@dataclass(frozen=True, slots=True)
class Answer:
    """A webhook's response, checked."""

    allowed: bool
    status: Mapping[str, Any] = field(default_factory=dict)
    patch: bytes = b""
    warnings: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)


def matching(hooks: tuple[Hook, ...], attributes: Attributes) -> Iterator[tuple[Hook, str]]:
    """Yield the hooks to be called for a request, each with the version it is shown in."""
    for hook in hooks:
        version = hook.criteria.version(attributes)
        if version and _meets_conditions(hook, attributes, version):
            yield hook, version


def _meets_conditions(hook: Hook, attributes: Attributes, version: str) -> bool:
    """Say whether the request passes the hook's match conditions; one that cannot be told counts as a failure."""
    if not hook.conditions.programs:
        return True
    try:
        return hook.conditions.hold(bindings_of(attributes, version))
    except CelError as error:
        if hook.ignores_failure:
            return False
        raise attributes.forbid(str(error)) from None


def call(hook: Hook, attributes: Attributes, version: str, serial: str, *, mutating: bool) -> Answer | None:
    """Ask one webhook; None where it failed and its policy is to ignore that.

    StatusError where it failed otherwise. `serial` tells this call from others of the same request.
    """
    if attributes.request.dry_run and not hook.quiet:
        raise bad_request(f'admission webhook "{hook.name}" does not support dry run')
    server = attributes.server
    identity = server.ids.uid("admission-review", server.store.revision + 1, attributes.name, serial)
    spoken = next((one for one in hook.versions if one in review.VERSIONS), "v1")
    asked = review.of(attributes, version, identity, spoken)
    try:
        return _asked(server, hook, asked, identity, spoken, mutating=mutating)
    except callout.CallFailed as error:
        text = f'failed calling webhook "{hook.name}": {error}'
        attributes.verdict(_stage(mutating), hook.name, hook.ignores_failure, text, {"failed": True})
        if hook.ignores_failure:
            return None
        raise internal(text) from None


def _stage(mutating: bool) -> str:
    return "mutating" if mutating else "validating"


def _asked(
    server: ApiServer, hook: Hook, asked: Mapping[str, Any], identity: str, spoken: str, *, mutating: bool
) -> Answer:
    try:
        answer = callout.post(server, hook.target, asked, hook.timeout)
    except callout.CallFailed as error:
        raise callout.CallFailed(f"failed to call webhook: {error}") from None
    try:
        response = review.response_of(answer, identity, spoken, mutating=mutating)
    except review.BadResponse as error:
        raise callout.CallFailed(f"received invalid webhook response: {error}") from None
    return Answer(
        bool(response.get("allowed")),
        response.get("status") or {},
        review.patch_of(response),
        tuple(str(one) for one in response.get("warnings") or ()),
        {str(key): str(value) for key, value in (response.get("auditAnnotations") or {}).items()},
    )


def settle(hook: Hook, attributes: Attributes, answer: Answer, *, mutating: bool) -> None:
    """Pass on what a webhook said beside its yes or no; raise its refusal."""
    for text in answer.warnings:
        attributes.warn(text)
    annotations = {f"{hook.name}/{key}": value for key, value in answer.annotations.items()}
    detail = {"configuration": hook.configuration, **({"annotations": annotations} if annotations else {})}
    if answer.allowed:
        attributes.verdict(_stage(mutating), hook.name, True, "", detail)
        return
    refusal = denied(hook.name, answer.status)
    attributes.verdict(_stage(mutating), hook.name, False, refusal.message, detail)
    raise refusal


def denied(name: str, status: Mapping[str, Any]) -> StatusError:
    """Return a webhook's refusal as the API server passes it on: 400 unless it named another failure."""
    code = status.get("code")
    code = code if isinstance(code, int) and code >= 400 else 400
    why, reason = str(status.get("message") or ""), str(status.get("reason") or "")
    text = f'admission webhook "{name}" denied the request'
    text += f": {why or reason}" if why or reason else " without explanation"
    details = status.get("details")
    return StatusError(code, reason, text, details if isinstance(details, dict) else None)
