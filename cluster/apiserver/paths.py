"""URLs: what a path of the API means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """`/apis/apps/v1/namespaces/default/deployments/web/scale`, taken apart."""

    group: str
    version: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""  # what follows the subresource (proxy paths)
    watch: bool = False  # the old /watch/ prefix


def parse(path: str) -> ResourcePath | None:
    """Return what a resource path names; None for any other path."""
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 3 and parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    watch = rest[0] == "watch" and len(rest) > 1
    return _resource(group, version, rest[1:] if watch else rest, watch)


def _resource(group: str, version: str, parts: list[str], watch: bool) -> ResourcePath:
    namespace = ""
    if parts[0] == "namespaces" and len(parts) >= 3 and not _of_namespace(parts):
        namespace, parts = parts[1], parts[2:]
    resource, name, subresource, *rest = [*parts, "", "", ""][: max(4, len(parts))]
    return ResourcePath(group, version, resource, namespace, name, subresource, "/".join(filter(None, rest)), watch)


def _of_namespace(parts: list[str]) -> bool:
    return len(parts) == 3 and parts[2] in ("status", "finalize")
