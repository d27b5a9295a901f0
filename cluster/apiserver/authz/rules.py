"""RBAC's rules and bindings, compiled: which roles a user holds and what they allow.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cluster.apiserver.request import User
from cluster.machinery.meta import Object
from cluster.store.interface import Store

ROLES = "roles.rbac.authorization.k8s.io"
BINDINGS = "rolebindings.rbac.authorization.k8s.io"
CLUSTER_ROLES = "clusterroles.rbac.authorization.k8s.io"
CLUSTER_BINDINGS = "clusterrolebindings.rbac.authorization.k8s.io"
RESOURCES = (ROLES, BINDINGS, CLUSTER_ROLES, CLUSTER_BINDINGS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: a resource (with `path` empty) or a path."""

    verb: str
    group: str = ""
    resource: str = ""  # with its subresource: pods/log
    namespace: str = ""
    name: str = ""
    path: str = ""


FIELDS = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")


@dataclass(frozen=True, slots=True)
class Rule:
    """One PolicyRule."""

    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    names: frozenset[str]
    urls: tuple[str, ...]

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Rule:
        return _rule(*(tuple(rule.get(field) or ()) for field in FIELDS))

    def allows(self, asked: Asked) -> bool:
        if "*" not in self.verbs and asked.verb not in self.verbs:
            return False
        if asked.path:
            return any(_url_matches(url, asked.path) for url in self.urls)
        if "*" not in self.groups and asked.group not in self.groups:
            return False
        return self._has_resource(asked.resource) and (not self.names or asked.name in self.names)

    def _has_resource(self, resource: str) -> bool:
        if "*" in self.resources or resource in self.resources:
            return True
        _, slash, sub = resource.partition("/")
        return bool(slash) and f"*/{sub}" in self.resources


@lru_cache(maxsize=4096)
def _rule(
    verbs: tuple[str, ...],
    groups: tuple[str, ...],
    resources: tuple[str, ...],
    names: tuple[str, ...],
    urls: tuple[str, ...],
) -> Rule:
    """Return the rule; the bootstrap policy's are the same in every lab, and held once."""
    return Rule(frozenset(verbs), frozenset(groups), frozenset(resources), frozenset(names), urls)


def _url_matches(pattern: str, path: str) -> bool:
    if pattern == "*" or pattern == path:
        return True
    return pattern.endswith("*") and path.startswith(pattern.rstrip("*"))


@dataclass(frozen=True, slots=True)
class Grant:
    """One binding as one of its subjects sees it; `namespace` is '' for a cluster-wide one."""

    namespace: str
    binding: str
    role_kind: str
    role: str
    subject: str

    def reason(self) -> str:
        where = f"{self.namespace}/{self.binding}" if self.namespace else self.binding
        kind = "RoleBinding" if self.namespace else "ClusterRoleBinding"
        return f'RBAC: allowed by {kind} "{where}" of {self.role_kind} "{self.role}" to {self.subject}'


class Policy:
    """All roles and bindings of one moment."""

    def __init__(self, store: Store):
        self._roles: dict[tuple[str, str], tuple[Rule, ...]] = {}
        self._grants: dict[str, list[Grant]] = {}
        for role in store.list(CLUSTER_ROLES):
            self._roles["", role["metadata"]["name"]] = _rules(role)
        for role in store.list(ROLES):
            self._roles[role["metadata"]["namespace"], role["metadata"]["name"]] = _rules(role)
        # Cluster-wide grants are asked first, as the real authoriser does.
        for binding in (*store.list(CLUSTER_BINDINGS), *store.list(BINDINGS)):
            self._read(binding)

    def _read(self, binding: Object) -> None:
        metadata, role = binding["metadata"], binding.get("roleRef") or {}
        namespace = metadata.get("namespace") or ""
        for subject in binding.get("subjects") or ():
            word, shown = _subject(subject, namespace)
            grant = Grant(namespace, metadata["name"], role.get("kind", ""), role.get("name", ""), shown)
            self._grants.setdefault(word, []).append(grant)

    def grants(self, user: User, namespace: str) -> Iterator[Grant]:
        """Yield the grants a user has cluster-wide and in `namespace`."""
        words = [f"u:{user.name}", *(f"g:{group}" for group in user.groups)]
        found = [grant for word in words for grant in self._grants.get(word, ())]
        yield from (grant for grant in found if not grant.namespace)
        if namespace:
            yield from (grant for grant in found if grant.namespace == namespace)

    def rules(self, grant: Grant) -> tuple[Rule, ...] | None:
        """Return a grant's rules; None when its role does not exist."""
        namespace = grant.namespace if grant.role_kind == "Role" else ""
        return self._roles.get((namespace, grant.role))

    def role(self, namespace: str, name: str) -> tuple[Rule, ...]:
        return self._roles.get((namespace, name), ())

    def decide(self, user: User, asked: Asked) -> tuple[bool, str]:
        """Return whether a grant allows it, and the authoriser's reason."""
        missing: list[str] = []
        for grant in self.grants(user, asked.namespace):
            rules = self.rules(grant)
            if rules is None:
                kind = grant.role_kind.lower()
                missing.append(f'{kind}.rbac.authorization.k8s.io "{grant.role}" not found')
            elif any(rule.allows(asked) for rule in rules):
                return True, grant.reason()
        text = missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]"
        return False, f"RBAC: {text}" if missing else ""

    def held(self, user: User, namespace: str) -> Iterable[Rule]:
        """Yield every rule a user holds in `namespace`."""
        for grant in self.grants(user, namespace):
            yield from self.rules(grant) or ()


def _rules(role: Object) -> tuple[Rule, ...]:
    return tuple(Rule.of(rule) for rule in role.get("rules") or ())


def _subject(subject: Mapping[str, Any], namespace: str) -> tuple[str, str]:
    kind, name = subject.get("kind"), subject.get("name", "")
    if kind == "Group":
        return f"g:{name}", f'Group "{name}"'
    if kind == "ServiceAccount":
        where = subject.get("namespace") or namespace
        return f"u:system:serviceaccount:{where}:{name}", f'ServiceAccount "{name}/{where}"'
    return f"u:{name}", f'User "{name}"'
