"""Keeps `metadata.managedFields` true at every write: who set which field last, by which operation.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cluster.apiserver.conversion import api_version
from cluster.apiserver.custom import CustomKind
from cluster.apiserver.managed import typed
from cluster.apiserver.managed.fieldset import Node, difference, union
from cluster.apiserver.request import Request
from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

# What the server sets itself has no manager.
_STRIPPED = (
    *("name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields"),
    *("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"),
)
_COMPONENTS = {"system:kube-scheduler": "kube-scheduler", "system:nodes": "kubelet"}
_CONTROLLERS = "system:serviceaccount:kube-system:"


@dataclass(frozen=True, slots=True)
class Manager:
    """Who manages fields; two writes by the same one are one entry."""

    name: str
    operation: str
    version: str
    subresource: str = ""

    @classmethod
    def of_entry(cls, entry: Object) -> Manager:
        return cls(
            entry.get("manager", ""),
            entry.get("operation", ""),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
        )

    def entry(self, fields: Node, time: str) -> Object:
        made: Object = {
            "manager": self.name,
            "operation": self.operation,
            "apiVersion": self.version,
            "time": time,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        }
        return made | ({"subresource": self.subresource} if self.subresource else {})


Managers = dict[Manager, tuple[Node, str]]


def managers_of(obj: Object) -> Managers:
    """Return who manages what of an object, with the time of their last change."""
    entries = obj["metadata"].get("managedFields") or ()
    return {Manager.of_entry(one): (one.get("fieldsV1") or {}, one.get("time", "")) for one in entries}


def write(draft: Object, managers: Managers) -> None:
    """Set managedFields, in the order the real server keeps: by operation, time, name."""
    kept = [(manager, fields, time) for manager, (fields, time) in managers.items() if fields]
    kept.sort(key=lambda one: (one[0].operation, one[2], one[0].name, one[0].version, one[0].subresource))
    if kept:
        draft["metadata"]["managedFields"] = [manager.entry(fields, time) for manager, fields, time in kept]
    else:
        draft["metadata"].pop("managedFields", None)


def managed_part(obj: Object) -> Object:
    """Return an object without what has no manager."""
    found = {field: value for field, value in obj.items() if field not in ("apiVersion", "kind")}
    metadata = {field: value for field, value in obj["metadata"].items() if field not in _STRIPPED}
    found.pop("metadata", None)
    return {**found, "metadata": metadata} if metadata else found


def manager_of(kind: Kind, request: Request, operation: str = "Update") -> Manager:
    """Return the manager of a request; in-process components go by their processes' names."""
    name = request.field_manager or "unknown"
    if not request.user_agent:
        name = _COMPONENTS.get(request.user.name, name)
        if request.user.name.startswith(_CONTROLLERS):
            name = "kube-controller-manager"
    return Manager(name, operation, api_version(kind, request.version), request.subresource)


class FieldManager:
    """Tracks the owners of fields for one server."""

    def __init__(self, server: ApiServer):
        self._server = server

    def type_of(self, kind: Kind) -> typed.Type:
        if isinstance(kind, CustomKind):
            return typed.Type(typed.MAP, dict(kind.schema))
        name = schemas.definition_name(kind.group, kind.version, kind.kind)
        return typed.named(name) if name else typed.UNTYPED

    def created(self, kind: Kind, draft: Object, request: Request) -> None:
        """Note what the creator set."""
        if request.patch_type == "apply":
            return
        part = managed_part(draft)
        if kind.has_status:
            part.pop("status", None)
        changed, _ = typed.compare(self.type_of(kind), {}, part)
        write(draft, {manager_of(kind, request): (changed, self._server.now())})

    def updated(self, kind: Kind, draft: Object, old: Object, request: Request) -> None:
        """Note what this update changed, and who lost it."""
        if request.patch_type == "apply":
            return
        changed, removed = self.changes(kind, draft, old)
        tracked = _tracked(draft, old, request)
        if not tracked:
            # Nobody's fields are followed until somebody applies.
            draft["metadata"].pop("managedFields", None)
            return
        draft["metadata"]["managedFields"] = tracked
        if not changed and not removed:
            return
        lost = union(changed, removed)
        managers = {manager: (difference(fields, lost), time) for manager, (fields, time) in managers_of(draft).items()}
        if changed:
            own = manager_of(kind, request)
            managers[own] = (union(managers.get(own, ({}, ""))[0], changed), self._server.now())
        write(draft, managers)

    def changes(self, kind: Kind, draft: Object, old: Object) -> tuple[Node, Node]:
        """Return (added or changed, removed)."""
        return typed.compare(self.type_of(kind), managed_part(old), managed_part(draft))

    def same(self, draft: Object, old: Object) -> bool:
        """Say whether nothing but bookkeeping differs."""
        if draft == old:
            return True
        if {**draft, "metadata": 0} != {**old, "metadata": 0}:
            return False
        return _plain(draft["metadata"]) == _plain(old["metadata"])


def _tracked(draft: Object, old: Object, request: Request) -> list[Object]:
    """Return the entries an update starts from: what it says itself where that can be read, else the old ones."""
    kept: list[Object] = old["metadata"].get("managedFields") or []
    given: Any = draft["metadata"].get("managedFields")
    if request.subresource or not given or not isinstance(given, list) or given == kept:
        return kept
    if given == [{}]:
        return []
    return given if all(_is_entry(one) for one in given) else kept


def _is_entry(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and one.get("operation") in ("Apply", "Update")
        and one.get("fieldsType") == "FieldsV1"
        and isinstance(one.get("fieldsV1"), dict)
    )


def _plain(metadata: Object) -> dict[str, Any]:
    """Return metadata with managedFields stripped of their times."""
    found = dict(metadata)
    entries = found.pop("managedFields", None) or ()
    found["managedFields"] = [{field: value for field, value in one.items() if field != "time"} for one in entries]
    return found
