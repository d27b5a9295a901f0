"""`/scale`: the number of replicas of any workload, as one small kind. Read by autoscalers and `kubectl scale`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import bodies, create, patching, read, update
from cluster.apiserver.request import Request, Result
from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind
from cluster.machinery import labels
from cluster.machinery.errors import OPTIMISTIC_LOCK, bad_request, conflict, invalid
from cluster.machinery.fielderrors import invalid_value
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def scale_of(obj: Object) -> Object:
    """Return the `autoscaling/v1` Scale of a workload."""
    metadata, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    scale: Object = {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: metadata[field] for field in kept if field in metadata},
        "spec": {},
        "status": {"replicas": status.get("replicas") or 0},
    }
    if spec.get("replicas"):
        scale["spec"]["replicas"] = spec["replicas"]
    selector = spec.get("selector")
    if selector:
        scale["status"]["selector"] = _selector_text(selector)
    return scale


def _selector_text(selector: dict[str, Any]) -> str:
    if "matchLabels" in selector or "matchExpressions" in selector:
        return str(labels.from_label_selector(selector))
    return str(labels.from_map(selector))


def get(server: ApiServer, kind: Kind, request: Request) -> Result:
    return Result(scale_of(read.current(server, kind, request)))


def replace(server: ApiServer, kind: Kind, request: Request) -> Result:
    return _set(server, kind, request, request.body)


def patch(server: ApiServer, kind: Kind, request: Request) -> Result:
    scale = create.draft_of(scale_of(read.current(server, kind, request)))
    # A Scale has no lists of maps: a strategic merge of it is a plain one.
    plain = "merge" if request.patch_type == "strategic" else request.patch_type
    changed = patching.applied(kind, dataclasses.replace(request, patch_type=plain), scale)
    schema = schemas.of_kind("autoscaling", "v1", "Scale")
    bodies.examine_as(schema, "Scale", "v1", request, changed, patching.refusal(request, changed))
    return _set(server, kind, request, changed)


def _set(server: ApiServer, kind: Kind, request: Request, scale: Any) -> Result:
    if not isinstance(scale, dict):
        raise bad_request("expected input object type to be Scale, but *v1.Status")
    obj = read.current(server, kind, request)
    name = (scale.get("metadata") or {}).get("name")
    if name and name != request.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({request.name})")
    version = (scale.get("metadata") or {}).get("resourceVersion")
    if version and version != obj["metadata"]["resourceVersion"]:
        raise conflict(kind.plural, kind.group, request.name, OPTIMISTIC_LOCK)
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    if replicas < 0:
        error = invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("Scale", "autoscaling", request.name, [error])
    draft = create.draft_of(obj)
    draft["spec"]["replicas"] = replicas
    return Result(scale_of(update.change(server, kind, request, draft, obj)))


HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {
    "get": get,
    "update": replace,
    "patch": patch,
}
