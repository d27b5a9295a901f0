"""Discovery: which groups, versions and resources there are, in the legacy and the aggregated form.

Built from the kinds registry alone. https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery-api
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from cluster.apiserver.custom import CustomKind
from cluster.kinds.kind import Kind, Subresource
from cluster.kinds.registry import Registry
from cluster.machinery.meta import Object

# Kinds a real 1.36 still stores in an older version than it prefers: it shows in the version hash.
_STORED_AS = {
    "customresourcedefinitions.apiextensions.k8s.io": "v1beta1",
    "mutatingadmissionpolicies.admissionregistration.k8s.io": "v1beta1",
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": "v1beta1",
}
# CustomResourceDefinitions list their verbs and subresources in another order than built-in kinds do.
_CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


def versions() -> Object:
    """Return `/api`."""
    address = {"clientCIDR": "0.0.0.0/0", "serverAddress": ""}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}


def group_list(registry: Registry) -> Object:
    """Return `/apis`."""
    groups = [_group(registry, group) for group in registry.groups if group]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _group(registry: Registry, group: str) -> Object:
    served = [{"groupVersion": f"{group}/{version}", "version": version} for version in registry.versions(group)]
    return {"name": group, "versions": served, "preferredVersion": served[0]}


def group(registry: Registry, name: str) -> Object | None:
    """Return `/apis/<group>`; None for a group that is not served."""
    if not name or name not in registry.groups:
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(registry, name)}


def _kinds(registry: Registry, name: str, version: str) -> list[Kind]:
    found = [kind for kind in registry.of_group(name) if version in (kind.version, *kind.other_versions)]
    return sorted(found, key=lambda kind: kind.plural)


def resource_list(registry: Registry, name: str, version: str) -> Object | None:
    """Return `/api/v1` or `/apis/<group>/<version>`; None for a version that is not served."""
    kinds = _kinds(registry, name, version)
    if not kinds:
        return None
    answer: Object = {"kind": "APIResourceList"}
    if name:
        answer["apiVersion"] = "v1"
    answer["groupVersion"] = f"{name}/{version}" if name else version
    answer["resources"] = [entry for kind in kinds for entry in _entries(kind)]
    return answer


def _entries(kind: Kind) -> Iterable[Object]:
    entry: Object = {
        "name": kind.plural,
        "singularName": kind.singular_name,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(_verbs(kind)),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if kind.stored and "create" in kind.verbs:
        entry["storageVersionHash"] = storage_version_hash(kind)
    yield entry
    for sub in kind.subresources:
        yield _sub_entry(kind, sub)


def _verbs(kind: Kind) -> tuple[str, ...]:
    return _CUSTOM_VERBS if is_custom(kind) else kind.verbs


def is_custom(kind: Kind) -> bool:
    """Say whether a CustomResourceDefinition made this kind."""
    return isinstance(kind, CustomKind)


def _sub_entry(kind: Kind, sub: Subresource) -> Object:
    entry: Object = {"name": f"{kind.plural}/{sub.name}", "singularName": "", "namespaced": kind.namespaced}
    if sub.version:
        entry |= {"group": sub.group, "version": sub.version}
    return entry | {"kind": sub.kind, "verbs": list(sub.verbs)}


def storage_version_hash(kind: Kind) -> str:
    group_ = "" if kind.key == "events" else kind.group
    version = _STORED_AS.get(kind.resource, kind.version)
    digest = hashlib.sha256(f"{group_}/{version}/{kind.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def aggregated(registry: Registry, core: bool, version: str = "v2") -> Object:
    """Return `/api` or `/apis` as one APIGroupDiscoveryList."""
    names = [""] if core else [name for name in registry.groups if name]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": [_aggregated_group(registry, name) for name in names],
    }


def _aggregated_group(registry: Registry, name: str) -> Object:
    served = [
        {
            "version": version,
            "resources": [_aggregated_resource(kind, version) for kind in _kinds(registry, name, version)],
            "freshness": "Current",
        }
        for version in registry.versions(name)
    ]
    return {"metadata": {"name": name} if name else {}, "versions": served}


def _aggregated_resource(kind: Kind, version: str) -> Object:
    own = {"group": kind.group, "version": version} if is_custom(kind) else {"group": "", "version": ""}
    entry: dict[str, Any] = {
        "resource": kind.plural,
        "responseKind": {**own, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular_name,
        "verbs": list(_verbs(kind)),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if kind.subresources:
        entry["subresources"] = [_aggregated_sub(own, sub) for sub in kind.subresources]
    return entry


def _aggregated_sub(own: dict[str, str], sub: Subresource) -> Object:
    response = {"group": sub.group, "version": sub.version} if sub.version else own
    return {"subresource": sub.name, "responseKind": {**response, "kind": sub.kind}, "verbs": list(sub.verbs)}
