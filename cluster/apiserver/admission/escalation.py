"""RBAC's own guard: nobody grants what they do not hold, unless they may `escalate` or `bind`.

In the real server this is part of RBAC's storage (pkg/registry/rbac/*/policybased).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.apiserver.authz.rules import BINDINGS, CLUSTER_BINDINGS, CLUSTER_ROLES, ROLES, Asked, Rule
from cluster.apiserver.request import User
from cluster.machinery.errors import not_found
from cluster.machinery.meta import Object

_GROUP = "rbac.authorization.k8s.io"
_EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
_EVERY_PATH = {"verbs": ["*"], "nonResourceURLs": ["*"]}
_HOUSEKEEPING = frozenset({"ownerReferences", "finalizers", "managedFields", "resourceVersion"})
Written = Mapping[str, Any]  # a rule in its API form


class RbacEscalation(Plugin):
    name = "RBAC escalation"
    operations = (CREATE, UPDATE)
    resources = frozenset({ROLES, CLUSTER_ROLES, BINDINGS, CLUSTER_BINDINGS})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        user = attributes.request.user
        if "system:masters" in user.groups or _changes_nothing(attributes) or self._is_excused(attributes, user):
            return
        namespace = attributes.namespace if attributes.kind.namespaced else ""
        policy = attributes.server.authorizer.policy()
        held = list(policy.held(user, namespace))
        if attributes.object.get("aggregationRule") and any(_missing([_EVERYTHING, _EVERY_PATH], held)):
            raise attributes.forbid("must have cluster-admin privileges to use the aggregationRule")
        missing = sorted(set(_compacted(_missing(self._granted(attributes), held))))
        if missing:
            groups = " ".join(f'"{group}"' for group in user.groups)
            absent = [grant.role_missing() for grant in policy.grants(user, namespace) if policy.rules(grant) is None]
            shown = f"; resolution errors: [{', '.join(absent)}]" if absent else ""
            raise attributes.forbid(
                f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions not currently '
                "held:\n" + "\n".join(missing) + shown
            )

    def _is_excused(self, attributes: Attributes, user: User) -> bool:
        plural = attributes.kind.plural
        role = attributes.object.get("roleRef") or {}
        if plural in ("roles", "clusterroles"):
            asked = Asked("escalate", _GROUP, plural, attributes.namespace, attributes.name)
        else:
            target = "clusterroles" if role.get("kind") == "ClusterRole" else "roles"
            asked = Asked("bind", _GROUP, target, attributes.namespace, role.get("name", ""))
        return attributes.server.authorizer.decide(user, asked)[0]

    def _granted(self, attributes: Attributes) -> Iterable[Written]:
        draft = attributes.object
        if "roleRef" not in draft:
            return list(draft.get("rules") or ())
        role = draft["roleRef"]
        plural = ROLES if role.get("kind") == "Role" else CLUSTER_ROLES
        where = attributes.namespace if plural == ROLES else ""
        found = attributes.server.store.get(plural, where, role.get("name", ""))
        if found is None:
            raise not_found(plural.partition(".")[0], _GROUP, role.get("name", ""))
        return list(found.get("rules") or ())


def _changes_nothing(attributes: Attributes) -> bool:
    """Say whether an update grants what was granted: the same rules, or a binding with other housekeeping only."""
    old, new = attributes.old, attributes.object
    if old is None:
        return False
    if "roleRef" not in new:
        return all(old.get(field) == new.get(field) for field in ("rules", "aggregationRule"))
    return _rest(old) == _rest(new)


def _rest(obj: Object) -> Object:
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _HOUSEKEEPING}
    return {**obj, "metadata": metadata}


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest thing a rule grants: one verb on one resource (by name), or on one path."""

    verb: str
    group: str = ""
    resource: str = ""
    name: str = ""
    path: str = ""

    def is_held(self, held: list[Rule]) -> bool:
        return any(rule.allows(Asked(self.verb, self.group, self.resource, "", self.name, self.path)) for rule in held)


def _atoms(rule: Written) -> Iterator[Atom]:
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in rule.get("verbs") or ():
                yield from (Atom(verb, group, resource, name) for name in rule.get("resourceNames") or [""])
    for path in rule.get("nonResourceURLs") or ():
        yield from (Atom(verb, path=path) for verb in rule.get("verbs") or ())


def _missing(granted: Iterable[Written], held: list[Rule]) -> Iterator[Atom]:
    """Yield what is granted and not held."""
    return (atom for rule in granted for atom in _atoms(rule) if not atom.is_held(held))


def _compacted(missing: Iterable[Atom]) -> Iterator[str]:
    """Yield one line per resource with all its verbs, and one per path and verb, as the real message lists them."""
    verbs: dict[tuple[str, str, str], list[str]] = {}
    for atom in missing:
        if atom.path:
            yield f'{{NonResourceURLs:["{atom.path}"], Verbs:["{atom.verb}"]}}'
        else:
            verbs.setdefault((atom.group, atom.resource, atom.name), []).append(atom.verb)
    for (group, resource, name), found in verbs.items():
        names = f', ResourceNames:["{name}"]' if name else ""
        listed = " ".join(f'"{verb}"' for verb in found)
        yield f'{{APIGroups:["{group}"], Resources:["{resource}"]{names}, Verbs:[{listed}]}}'
