"""RBAC's rules and bindings, compiled: which roles a user holds and what they allow.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cluster.apiserver.request import User
from cluster.machinery import fieldselector
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
    version: str = ""
    field_selector: str = ""
    label_selector: str = ""


def exact_value(selector: str, field: str) -> str:
    """Return what a field selector demands a field to be; '' where it demands nothing, or cannot be read."""
    try:
        return fieldselector.parse(selector).required(field)
    except fieldselector.FieldSelectorError:
        return ""


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

    def differs(self, asked: Asked) -> tuple[str, ...]:
        """Return what keeps this rule from allowing it: any of verb, path, group, resource, name."""
        found = [] if "*" in self.verbs or asked.verb in self.verbs else ["verb"]
        if asked.path:
            return tuple(found if any(_url_matches(url, asked.path) for url in self.urls) else [*found, "path"])
        if "*" not in self.groups and asked.group not in self.groups:
            found.append("group")
        if not self._has_resource(asked.resource):
            found.append("resource")
        if self.names and asked.name not in self.names:
            found.append("name")
        return tuple(found)

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
    subject_kind: str
    subject: str
    subject_namespace: str = ""

    def reason(self) -> str:
        where = f"{self.binding}/{self.namespace}" if self.namespace else self.binding
        return f'RBAC: allowed by {self.kind} "{where}" of {self.role_kind} "{self.role}" to {self._shown()}'

    def _shown(self) -> str:
        place = f"/{self.subject_namespace}" if self.subject_namespace else ""
        return f'{self.subject_kind} "{self.subject}{place}"'

    @property
    def kind(self) -> str:
        return "RoleBinding" if self.namespace else "ClusterRoleBinding"

    def role_missing(self) -> str:
        return f'{self.role_kind.lower()}.rbac.authorization.k8s.io "{self.role}" not found'

    def binding_reference(self) -> dict[str, str]:
        return {"kind": self.kind, "name": self.binding, "namespace": self.namespace}

    def role_reference(self) -> dict[str, str]:
        """Return the role: kind, name, and namespace ('' for a ClusterRole)."""
        namespace = self.namespace if self.role_kind == "Role" else ""
        return {"kind": self.role_kind, "name": self.role, "namespace": namespace}

    def subject_reference(self) -> dict[str, str]:
        return {"kind": self.subject_kind, "name": self.subject, "namespace": self.subject_namespace}


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
            word, *shown = _subject(subject, namespace)
            grant = Grant(namespace, metadata["name"], role.get("kind", ""), role.get("name", ""), *shown)
            self._grants.setdefault(word, []).append(grant)

    def grants(self, user: User, namespace: str) -> Iterator[Grant]:
        """Yield the grants a user has cluster-wide and in `namespace`."""
        found = self.all_grants(user)
        yield from (grant for grant in found if not grant.namespace)
        if namespace:
            yield from (grant for grant in found if grant.namespace == namespace)

    def all_grants(self, user: User) -> list[Grant]:
        """Return every binding that touches a user, in whichever namespace."""
        words = [f"u:{user.name}", *(f"g:{group}" for group in user.groups)]
        found: dict[tuple[str, str], Grant] = {}
        for grant in (one for word in words for one in self._grants.get(word, ())):
            found.setdefault((grant.namespace, grant.binding), grant)  # a binding counts once, by its first subject
        return list(found.values())

    def roles(self) -> Mapping[tuple[str, str], tuple[Rule, ...]]:
        """Return (namespace or '', name) -> rules of every role there is."""
        return self._roles

    def rules(self, grant: Grant) -> tuple[Rule, ...] | None:
        """Return a grant's rules; None when its role does not exist."""
        namespace = grant.namespace if grant.role_kind == "Role" else ""
        return self._roles.get((namespace, grant.role))

    def find(self, user: User, asked: Asked) -> tuple[Grant | None, int, list[str]]:
        """Return the first grant that allows it with its rule's index, and which roles of others were not there."""
        missing: list[str] = []
        for grant in self.grants(user, asked.namespace):
            rules = self.rules(grant)
            if rules is None:
                missing.append(grant.role_missing())
                continue
            for index, rule in enumerate(rules):
                if rule.allows(asked):
                    return grant, index, missing
        return None, -1, missing

    def held(self, user: User, namespace: str) -> Iterable[Rule]:
        """Yield every rule a user holds in `namespace`."""
        for grant in self.grants(user, namespace):
            yield from self.rules(grant) or ()


def _rules(role: Object) -> tuple[Rule, ...]:
    return tuple(Rule.of(rule) for rule in role.get("rules") or ())


def _subject(subject: Mapping[str, Any], namespace: str) -> tuple[str, str, str, str]:
    """Return the word a user is found by, and the subject's kind, name and namespace."""
    kind, name = subject.get("kind"), subject.get("name", "")
    if kind == "Group":
        return f"g:{name}", "Group", name, ""
    if kind == "ServiceAccount":
        where = subject.get("namespace") or namespace
        return f"u:system:serviceaccount:{where}:{name}", "ServiceAccount", name, where
    return f"u:{name}", "User", name, ""
