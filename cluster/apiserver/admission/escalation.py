"""RBAC's own guard: nobody grants what they do not hold, unless they may `escalate` or `bind`.

In the real server this is part of RBAC's storage (pkg/registry/rbac/*/policybased).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.apiserver.authz.rules import BINDINGS, CLUSTER_BINDINGS, CLUSTER_ROLES, ROLES, Asked, Rule
from cluster.apiserver.request import User
from cluster.machinery.errors import not_found

_GROUP = "rbac.authorization.k8s.io"


class RbacEscalation(Plugin):
    name = "RBAC escalation"
    operations = (CREATE, UPDATE)
    resources = frozenset({ROLES, CLUSTER_ROLES, BINDINGS, CLUSTER_BINDINGS})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        user = attributes.request.user
        if "system:masters" in user.groups or self._is_excused(attributes, user):
            return
        namespace = attributes.namespace if attributes.kind.namespaced else ""
        missing = sorted(set(_missing(self._granted(attributes), list(self._held(attributes, user, namespace)))))
        if missing:
            groups = " ".join(f'"{group}"' for group in user.groups)
            raise attributes.forbid(
                f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions not currently '
                "held:\n" + "\n".join(missing)
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

    def _granted(self, attributes: Attributes) -> Iterable[Rule]:
        draft = attributes.object
        if "roleRef" not in draft:
            return [Rule.of(rule) for rule in draft.get("rules") or ()]
        role = draft["roleRef"]
        plural = ROLES if role.get("kind") == "Role" else CLUSTER_ROLES
        where = attributes.namespace if plural == ROLES else ""
        found = attributes.server.store.get(plural, where, role.get("name", ""))
        if found is None:
            raise not_found(plural.partition(".")[0], _GROUP, role.get("name", ""))
        return [Rule.of(rule) for rule in found.get("rules") or ()]

    def _held(self, attributes: Attributes, user: User, namespace: str) -> Iterable[Rule]:
        return attributes.server.authorizer.policy().held(user, namespace)


def _missing(granted: Iterable[Rule], held: list[Rule]) -> Iterator[str]:
    """Yield what is granted and not held, one line per resource as the real message lists them."""
    for rule in granted:
        for group in sorted(rule.groups):
            for resource in sorted(rule.resources):
                for name in sorted(rule.names) or [""]:
                    verbs = [verb for verb in sorted(rule.verbs) if not _covers(held, verb, group, resource, name)]
                    if verbs:
                        yield _shown(group, resource, name, verbs)
        for url in rule.urls:
            verbs = [verb for verb in sorted(rule.verbs) if not any(one.allows(Asked(verb, path=url)) for one in held)]
            if verbs:
                yield f'{{NonResourceURLs:["{url}"], Verbs:[{_list(verbs)}]}}'


def _covers(held: list[Rule], verb: str, group: str, resource: str, name: str) -> bool:
    return any(rule.allows(Asked(verb, group, resource, "", name)) for rule in held)


def _list(words: Iterable[str]) -> str:
    return " ".join(f'"{word}"' for word in words)


def _shown(group: str, resource: str, name: str, verbs: list[str]) -> str:
    names = f', ResourceNames:["{name}"]' if name else ""
    return f'{{APIGroups:["{group}"], Resources:["{resource}"]{names}, Verbs:[{_list(verbs)}]}}'
