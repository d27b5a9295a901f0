"""Changing live objects: the patch a command works out, sent and compared."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import threeway
from cluster.kubectl.command import Session
from cluster.kubectl.manifests import Info
from cluster.machinery.meta import Object


def two_way(info: Info, before: Object, after: Object) -> tuple[Any, str]:
    """Return (patch, type) that makes `after` of `before`."""
    schema = threeway.schema_of(info.mapping)
    if schema is not None:
        return threeway.two_way_strategic(before, after, schema), "strategic"
    return threeway.two_way_merge(before, after), "merge"


def send(
    session: Session, info: Info, patch: Any, patch_type: str, *, manager: str = "", dry_run: bool = False,
    **fields: Any,
) -> Object:
    """Send a patch; return the object as it is then."""
    if manager:
        fields["field_manager"] = manager
    return session.send("patch", info.mapping, name=info.name, namespace=info.namespace, body=patch,
                        patch_type=patch_type, dry_run=dry_run, **fields)


def change(session: Session, info: Info, after: Object, *, manager: str = "", dry_run: str = "none") -> bool:
    """Bring a live object to `after`; return whether anything had to change. The result stands in info.object."""
    before = info.object or {}
    patch, patch_type = two_way(info, before, after)
    if not patch:
        return False
    if dry_run == "client":
        info.object = after
    else:
        info.object = send(session, info, patch, patch_type, manager=manager, dry_run=dry_run == "server")
    return True
