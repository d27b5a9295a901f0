"""Why a user may or may not: every binding that touches them, what each rule misses, and the least that would do.

Reads the policy only; asks the chain once for the decision itself. For a page that explains the second gate.
https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cluster.apiserver.authz.rules import CLUSTER_ROLES, ROLES, Asked, Grant, Policy, Rule
from cluster.apiserver.request import User, Verdict
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_API = "rbac.authorization.k8s.io"
_ACCOUNT = "system:serviceaccount:"
_NOT_IN_NAMES = re.compile(r"[^a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule held against the question. `differs` holds what does not match: verb, group, resource, name, path."""

    index: int
    rule: Mapping[str, Any]
    differs: tuple[str, ...]

    @property
    def matches(self) -> bool:
        return not self.differs

    @property
    def nearly(self) -> bool:
        """Say whether exactly one thing differs."""
        return len(self.differs) == 1


@dataclass(frozen=True, slots=True)
class BindingView:
    """One binding that touches the user: references of kind, name and namespace, and its role's rules.

    `counts`: it holds in the namespace asked for. `role_exists` is False where its roleRef names nothing.
    """

    binding: Mapping[str, str]
    role: Mapping[str, str]
    subject: Mapping[str, str]
    counts: bool
    role_exists: bool
    rules: tuple[RuleView, ...]

    @property
    def allows(self) -> bool:
        return self.counts and any(rule.matches for rule in self.rules)

    @property
    def nearly(self) -> bool:
        """Say whether one thing only is wrong: a rule nearly matches, or all would match in another namespace."""
        if self.counts:
            return any(rule.nearly for rule in self.rules)
        return any(rule.matches for rule in self.rules)


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role that would allow it and is not bound to the user where it would count."""

    role: Mapping[str, str]
    index: int
    rule: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision and all that touches it. `bindings` count here; `elsewhere` are of other namespaces."""

    user: User
    asked: Asked
    allowed: bool
    reason: str
    verdicts: tuple[Verdict, ...]
    bindings: tuple[BindingView, ...]
    elsewhere: tuple[BindingView, ...]
    unbound: tuple[RoleView, ...]

    @property
    def nearly(self) -> tuple[BindingView, ...]:
        """Return the bindings of which exactly one thing is wrong."""
        return tuple(one for one in (*self.bindings, *self.elsewhere) if one.nearly)


def explain(server: ApiServer, user: User, asked: Asked) -> Explanation:
    """Return why `user` may or may not do what is asked."""
    decision = server.authorizer.ask(user, asked)
    policy = server.authorizer.policy()
    views = [_binding(server, policy, grant, asked) for grant in policy.all_grants(user)]
    here = tuple(view for view in views if view.counts)
    elsewhere = tuple(view for view in views if not view.counts)
    bound = {tuple(view.role.values()) for view in here}
    unbound = tuple(one for one in _would_allow(server, policy, asked) if tuple(one.role.values()) not in bound)
    return Explanation(user, asked, decision.allowed, decision.reason, decision.verdicts, here, elsewhere, unbound)


def _binding(server: ApiServer, policy: Policy, grant: Grant, asked: Asked) -> BindingView:
    role = grant.role_reference()
    rules = policy.rules(grant)
    counts = grant.namespace in ("", asked.namespace)
    views = tuple(_rules(server, role, rules or (), asked))
    return BindingView(grant.binding_reference(), role, grant.subject_reference(), counts, rules is not None, views)


def _rules(server: ApiServer, role: Mapping[str, str], rules: tuple[Rule, ...], asked: Asked) -> Iterator[RuleView]:
    shown = _written(server, role)
    for index, rule in enumerate(rules):
        yield RuleView(index, shown[index], rule.differs(asked))


def _written(server: ApiServer, role: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return a role's rules as they are written."""
    resource = ROLES if role["kind"] == "Role" else CLUSTER_ROLES
    found = server.store.get(resource, role["namespace"], role["name"]) or {}
    return list(found.get("rules") or ())


def _would_allow(server: ApiServer, policy: Policy, asked: Asked) -> Iterator[RoleView]:
    for (namespace, name), rules in sorted(policy.roles().items()):
        if namespace not in ("", asked.namespace):
            continue
        index = next((index for index, rule in enumerate(rules) if rule.allows(asked)), None)
        if index is not None:
            role = {"kind": "Role" if namespace else "ClusterRole", "name": name, "namespace": namespace}
            yield RoleView(role, index, _written(server, role)[index])


def smallest_role(user: User, asked: Asked) -> tuple[Object, Object]:
    """Return a Role (or ClusterRole) that allows just what is asked, and the binding that gives it to `user`."""
    namespace = "" if asked.path else asked.namespace
    kind = "Role" if namespace else "ClusterRole"
    name = _name(asked)
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    role: Object = {"apiVersion": f"{_API}/v1", "kind": kind, "metadata": metadata, "rules": [_rule(asked)]}
    binding: Object = {
        "apiVersion": f"{_API}/v1",
        "kind": f"{kind}Binding",
        "metadata": dict(metadata),
        "subjects": [_subject(user)],
        "roleRef": {"apiGroup": _API, "kind": kind, "name": name},
    }
    return role, binding


def _rule(asked: Asked) -> dict[str, Any]:
    if asked.path:
        return {"verbs": [asked.verb], "nonResourceURLs": [asked.path]}
    rule: dict[str, Any] = {"verbs": [asked.verb], "apiGroups": [asked.group], "resources": [asked.resource]}
    if asked.name and asked.verb != "create":  # the authoriser does not know the name of what is being created
        rule["resourceNames"] = [asked.name]
    return rule


def _name(asked: Asked) -> str:
    words = (asked.verb, asked.path or asked.resource, "" if asked.verb == "create" else asked.name)
    joined = "-".join(word.strip("/") for word in words if word.strip("/")).lower()
    return _NOT_IN_NAMES.sub("-", joined).strip("-.")


def _subject(user: User) -> dict[str, str]:
    if user.name.startswith(_ACCOUNT) and user.name.count(":") == 3:
        namespace, name = user.name.removeprefix(_ACCOUNT).split(":")
        return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    return {"apiGroup": _API, "kind": "User", "name": user.name}
