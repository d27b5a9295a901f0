"""From client-side to server-side apply: what the client's applier owned becomes the server-side one's.

Without it, fields of the old manager could never be removed by applying. The last-applied annotation gets an owner
of its own first, so that it outlives the move.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cluster.apiserver.managed.fieldset import union
from cluster.kubectl import patching
from cluster.kubectl.command import Session
from cluster.kubectl.lastapplied import ANNOTATION
from cluster.kubectl.manifests import Info
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of

MANAGER = "kubectl"
_OF_ANNOTATION = "kubectl-last-applied"
_LAST_APPLIED_FAILED = (
    "failed to migrate kubectl.kubernetes.io/last-applied-configuration for Server-Side Apply. "
    "This is non-fatal and will be retried next time you apply. Error: {}"
)
_FIELDS_FAILED = (
    "server rejected managed fields migration to Server-Side Apply. "
    "This is non-fatal and will be retried next time you apply. Error: {}"
)


def migrate(session: Session, info: Info, manager: str, dry_run: bool, again: Callable[[], Object]) -> None:
    """Move an object just applied on the server away from client-side apply; `again` applies it once more."""
    failed = _LAST_APPLIED_FAILED
    try:
        _keep_annotation(session, info, manager, dry_run)
        failed = _FIELDS_FAILED
        moved = _moved(info.object or {}, manager)
        if moved is None:
            return
        info.object = patching.send(session, info, _patch(info.object or {}, moved), "json", dry_run=dry_run)
    except StatusError as failure:
        session.warn([failed.format(failure.message)])
    else:
        info.object = again()


def _keep_annotation(session: Session, info: Info, manager: str, dry_run: bool) -> None:
    live = info.object or {}
    text = annotations_of(live).get(ANNOTATION)
    if manager != MANAGER or text is None or _owners(live, "Apply"):
        return
    metadata: dict[str, Any] = {"name": info.name, "annotations": {ANNOTATION: text}}
    if info.namespace:
        metadata["namespace"] = info.namespace
    body = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata}
    info.object = patching.send(session, info, body, "apply", manager=_OF_ANNOTATION, dry_run=dry_run)


def _entries(live: Object) -> list[Object]:
    return live["metadata"].get("managedFields") or []


def _owns_annotation(entry: Object) -> bool:
    metadata = (entry.get("fieldsV1") or {}).get("f:metadata") or {}
    return f"f:{ANNOTATION}" in (metadata.get("f:annotations") or {})


def _owners(live: Object, operation: str) -> list[Object]:
    """Return the entries of this operation that own the last-applied annotation."""
    return [one for one in _entries(live) if one["operation"] == operation and _owns_annotation(one)]


def _moved(live: Object, manager: str) -> list[Object] | None:
    """Return managedFields with the client-side appliers' fields given to `manager`; None where there are none."""
    names = {one["manager"] for one in _owners(live, "Update")}
    old = [one for one in _entries(live) if one["operation"] == "Update" and one["manager"] in names and _main(one)]
    if not old:
        return None
    entries = [one for one in _entries(live) if one not in old]
    own = next(
        (one for one in entries if (one["manager"], one["operation"]) == (manager, "Apply") and _main(one)), None
    )
    fields = (own or {}).get("fieldsV1") or {}
    for one in old:
        fields = union(fields, one.get("fieldsV1") or {})
    made = {**(own or old[0]), "manager": manager, "operation": "Apply", "fieldsV1": fields}
    return [made, *(one for one in entries if one is not own)]


def _main(entry: Object) -> bool:
    return not entry.get("subresource")


def _patch(live: Object, moved: list[Object]) -> list[Object]:
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": moved},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]
