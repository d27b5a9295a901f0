"""The bootstrap policy of `rbac.yaml` as RBAC objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cluster.machinery.meta import Object

_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = {"u": "User", "g": "Group"}


@cache
def _table() -> Mapping[str, Any]:
    text = files("cluster.apiserver.bootstrap").joinpath("rbac.yaml").read_text()
    table: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return table


def rule(text: str) -> dict[str, Any]:
    """Return the PolicyRule of one line."""
    verbs, _, rest = text.partition(": ")
    if " @ " not in rest:
        return {"verbs": verbs.split(), "nonResourceURLs": rest.split()}
    resources, _, where = rest.partition(" @ ")
    groups, _, names = where.partition(" = ")
    made = {
        "verbs": verbs.split(),
        "apiGroups": ["" if group == "core" else group for group in groups.split(",")],
        "resources": resources.split(),
    }
    return made | ({"resourceNames": names.split()} if names else {})


def _metadata(key: str, labels: Mapping[str, str]) -> dict[str, Any]:
    namespace, _, name = key.rpartition("/")
    metadata: dict[str, Any] = {
        "name": name,
        "annotations": {f"{_GROUP.replace('.k8s.io', '.kubernetes.io')}/autoupdate": "true"},
        "labels": {"kubernetes.io/bootstrapping": "rbac-defaults", **labels},
    }
    return metadata | ({"namespace": namespace} if namespace else {})


def cluster_roles() -> Iterator[Object]:
    table = _table()["clusterRoles"]
    for name, entry in table.items():
        labels = {f"{_GROUP}/aggregate-to-{target}": "true" for target in entry.get("to", ())}
        role: Object = {"metadata": _metadata(name, labels), "rules": _rules(table, name)}
        if "aggregate" in entry:
            selector = {"matchLabels": {f"{_GROUP}/{entry['aggregate']}": "true"}}
            role["aggregationRule"] = {"clusterRoleSelectors": [selector]}
        yield role


def _rules(table: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a role's rules; an aggregated role's are those of the roles that name it, as its controller would."""
    if "aggregate" not in table[name]:
        return [rule(text) for text in table[name]["rules"]]
    found: list[dict[str, Any]] = []
    for other in sorted(table):
        if name in table[other].get("to", ()):
            found += [one for one in _rules(table, other) if one not in found]
    return found


def roles() -> Iterator[Object]:
    for key, entry in _table()["roles"].items():
        yield {"metadata": _metadata(key, {}), "rules": [rule(text) for text in entry["rules"]]}


def cluster_role_bindings() -> Iterator[Object]:
    yield from _bindings("clusterRoleBindings")


def role_bindings() -> Iterator[Object]:
    yield from _bindings("roleBindings")


def _bindings(section: str) -> Iterator[Object]:
    for key, (role, *subjects) in _table()[section].items():
        kind, _, name = role.partition("/")
        yield {
            "metadata": _metadata(key, {}),
            "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": name},
            "subjects": [_subject(text) for text in subjects],
        }


def _subject(text: str) -> dict[str, str]:
    letter, _, name = text.partition(":")
    if letter == "s":
        namespace, _, account = name.partition("/")
        return {"kind": "ServiceAccount", "namespace": namespace, "name": account}
    return {"apiGroup": _GROUP, "kind": _SUBJECTS[letter], "name": name}
