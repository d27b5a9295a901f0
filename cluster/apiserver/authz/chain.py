"""The chain of authorisers: the privileged group, then those of `--authorization-mode` in their order.

The first that says yes or no decides; where none does, the answer is no. What every one of them said
stays with the request as verdicts.
https://kubernetes.io/docs/reference/access-authn-authz/authorization/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cluster.apiserver.authz import registry
from cluster.apiserver.authz.node import Node
from cluster.apiserver.authz.opinion import Authoriser, Listing
from cluster.apiserver.authz.rbac import Rbac
from cluster.apiserver.authz.rules import RESOURCES, Asked, Policy, exact_value
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import Request, User, Verdict
from cluster.machinery.errors import StatusError
from cluster.store.interface import Store

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

MASTERS = "system:masters"
_KEPT = 20_000
_COLLECTIONS = frozenset({"list", "watch", "deletecollection"})


class Denied(StatusError):
    """403 of an authoriser, as against one of admission."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The chain's answer. `denied`: somebody refused, as against nobody allowing."""

    allowed: bool
    reason: str
    verdicts: tuple[Verdict, ...]
    denied: bool = False
    error: str = ""


_PRIVILEGED = Decision(True, "", (Verdict("authz", MASTERS, True, "", {"group": MASTERS}),))


class Authorizer:
    """Asks the chain; decisions are kept until a role or binding changes, where those alone decide."""

    def __init__(self, store: Store):
        self._store = store
        self._rbac = Rbac(store)
        self.chain: tuple[Authoriser, ...] = (Node(store), self._rbac)
        self._mark: tuple[int, ...] = ()
        self._decided: dict[tuple[User, Asked], Decision] = {}

    def start(self, server: ApiServer, launch: Launch) -> None:
        """Be the chain a start of the server asks for."""
        self.chain = registry.chain(server, self._store, launch, self._rbac)
        self._decided.clear()

    def policy(self) -> Policy:
        """Return the roles and bindings of now."""
        return self._rbac.policy()

    def decide(self, user: User, asked: Asked) -> tuple[bool, str]:
        """Return whether `user` may, and why."""
        found = self.ask(user, asked)
        return found.allowed, found.reason

    def ask(self, user: User, asked: Asked) -> Decision:
        """Return the chain's decision with what each authoriser said."""
        if MASTERS in user.groups:
            return _PRIVILEGED
        mark = tuple([self._store.last_change(resource) for resource in RESOURCES])
        if mark != self._mark or len(self._decided) > _KEPT:
            self._mark = mark
            self._decided.clear()
        key = (User(user.name, user.groups), asked)
        found = self._decided.get(key)
        if found is None:
            found, lasting = self._ask(user, asked)
            if lasting:
                self._decided[key] = found
        return found

    def _ask(self, user: User, asked: Asked) -> tuple[Decision, bool]:
        verdicts: list[Verdict] = []
        reasons: list[str] = []
        errors: list[str] = []
        lasting = True
        for authoriser in self.chain:
            said = authoriser.decide(user, asked)
            lasting = lasting and said.lasting
            verdicts.append(Verdict("authz", authoriser.name, said.allowed, said.reason, said.detail))
            if said.error:
                errors.append(said.error)
            if said.allowed is not None:
                error = _joined(errors)
                return Decision(said.allowed, said.reason, tuple(verdicts), not said.allowed, error), lasting
            if said.reason:
                reasons.append(said.reason)
        return Decision(False, "\n".join(reasons), tuple(verdicts), False, _joined(errors)), lasting

    def rules(self, user: User, namespace: str) -> Listing:
        """Return what all authorisers list for a user; incomplete where one of them cannot."""
        found = [authoriser.rules(user, namespace) for authoriser in self.chain]
        resources = tuple(rule for one in found for rule in one.resources)
        paths = tuple(rule for one in found for rule in one.paths)
        error = _joined([one.error for one in found if one.error])
        return Listing(resources, paths, any(one.incomplete for one in found), error)

    def require(self, request: Request) -> None:
        """Return if allowed; raise 403 in the real words otherwise."""
        asked = asked_of(request)
        found = self.ask(request.user, asked)
        request.verdicts.extend(found.verdicts)
        if not found.allowed:
            raise _denied(request, asked, found.reason)

    def require_path(self, user: User, verb: str, path: str, verdicts: list[Verdict] | None = None) -> Decision:
        """Return the decision if a URL that names no resource is allowed; raise 403 otherwise.

        `verdicts` takes what each authoriser said.
        """
        found = self.ask(user, Asked(verb, path=path))
        if verdicts is not None:
            verdicts.extend(found.verdicts)
        if not found.allowed:
            why = f": {found.reason}" if found.reason else ""
            raise Denied(403, "Forbidden", f'forbidden: User "{user.name}" cannot {verb} path "{path}"{why}', {})
        return found


def _joined(errors: list[str]) -> str:
    """Return several errors as an aggregate shows them: each once, in brackets where there is more than one."""
    known = list(dict.fromkeys(errors))
    return known[0] if len(known) == 1 else f"[{', '.join(known)}]" if known else ""


def asked_of(request: Request) -> Asked:
    """Return what a request asks for."""
    resource = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    name, namespace = request.name, request.namespace
    if request.resource == "namespaces" and name and not namespace:
        namespace = name  # a namespace is inside itself: a Role of it may allow reading it
    if request.verb not in _COLLECTIONS:
        return Asked(request.verb, request.group, resource, namespace, name, "", request.version)
    if request.field_selector and not name:
        name = exact_value(request.field_selector, "metadata.name")
    selectors = (request.field_selector, request.label_selector)
    return Asked(request.verb, request.group, resource, namespace, name, "", request.version, *selectors)


def _denied(request: Request, asked: Asked, reason: str) -> Denied:
    qualified = f"{request.resource}.{request.group}" if request.group else request.resource
    subject = f'{qualified} "{asked.name}" is forbidden' if asked.name else f"{qualified} is forbidden"
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    text = (
        f'{subject}: User "{request.user.name}" cannot {request.verb} resource "{asked.resource}" '
        f'in API group "{request.group}" {where}'
    )
    details = {"name": asked.name, "group": request.group, "kind": request.resource}
    known = {field: value for field, value in details.items() if value}
    return Denied(403, "Forbidden", f"{text}: {reason}" if reason else text, known)
