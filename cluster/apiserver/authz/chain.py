"""The chain of authorisers: system:masters, then the nodes' own rules, then RBAC; the first yes decides.

Simplified: the Node authoriser allows a kubelet what ClusterRole system:node lists, for all nodes, without
the graph of which pod uses which secret.
"""

from __future__ import annotations

from cluster.apiserver.authz.rules import RESOURCES, Asked, Policy
from cluster.apiserver.request import Request, User, Verdict
from cluster.machinery.errors import StatusError
from cluster.store.interface import Store

MASTERS, NODES = "system:masters", "system:nodes"
_KEPT = 20_000


class Denied(StatusError):
    """403 of an authoriser, as against one of admission."""


class Authorizer:
    """Allows what any of its authorisers allows; decisions are kept until a role or binding changes."""

    def __init__(self, store: Store):
        self._store = store
        self._mark: tuple[int, ...] = ()
        self._policy: Policy | None = None
        self._decided: dict[tuple[User, Asked], tuple[bool, str]] = {}

    def policy(self) -> Policy:
        """Return the roles and bindings of now."""
        mark = tuple(self._store.last_change(resource) for resource in RESOURCES)
        if self._policy is None or mark != self._mark:
            self._policy, self._mark = Policy(self._store), mark
            self._decided.clear()
        return self._policy

    def decide(self, user: User, asked: Asked) -> tuple[bool, str]:
        """Return whether `user` may, and why."""
        if MASTERS in user.groups:
            return True, ""
        policy = self.policy()
        key = (User(user.name, user.groups), asked)
        found = self._decided.get(key)
        if found is None:
            if len(self._decided) > _KEPT:
                self._decided.clear()
            found = self._decided[key] = self._ask(policy, user, asked)
        return found

    def _ask(self, policy: Policy, user: User, asked: Asked) -> tuple[bool, str]:
        is_node = NODES in user.groups or user.name == NODES
        if is_node and any(rule.allows(asked) for rule in policy.role("", "system:node")):
            return True, ""
        return policy.decide(user, asked)

    def require(self, request: Request) -> None:
        """Return if allowed; raise 403 in the real words otherwise."""
        resource = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
        asked = Asked(request.verb, request.group, resource, request.namespace, request.name)
        if request.resource == "namespaces" and request.name and not request.namespace:
            # A namespace is inside itself: a Role of it may allow reading it.
            asked = Asked(request.verb, request.group, resource, request.name, request.name)
        allowed, reason = self.decide(request.user, asked)
        request.verdicts.append(Verdict("authz", "RBAC" if reason else "", allowed, reason))
        if not allowed:
            raise self._denied(request, asked, reason)

    def _denied(self, request: Request, asked: Asked, reason: str) -> Denied:
        qualified = f"{request.resource}.{request.group}" if request.group else request.resource
        subject = f'{qualified} "{request.name}" is forbidden' if request.name else f"{qualified} is forbidden"
        where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
        text = (
            f'{subject}: User "{request.user.name}" cannot {request.verb} resource "{asked.resource}" '
            f'in API group "{request.group}" {where}'
        )
        details = {"name": request.name, "group": request.group, "kind": request.resource}
        known = {field: value for field, value in details.items() if value}
        return Denied(403, "Forbidden", f"{text}: {reason}" if reason else text, known)

    def require_path(self, user: User, verb: str, path: str) -> None:
        """Return if a URL that names no resource is allowed; raise 403 otherwise."""
        allowed, _ = self.decide(user, Asked(verb, path=path))
        if not allowed:
            raise Denied(403, "Forbidden", f'forbidden: User "{user.name}" cannot {verb} path "{path}"', {})
