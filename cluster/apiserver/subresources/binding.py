"""`pods/binding` and `bindings`: the scheduler's answer. Sets the node and the PodScheduled condition once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import read
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.errors import bad_request, conflict, invalid
from cluster.machinery.fielderrors import FieldError, required, unsupported
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def bind(server: ApiServer, kind: Kind, request: Request) -> Result:
    """Bind one pod to one node; 409 when it is bound or being deleted."""
    binding = request.body or {}
    target = binding.get("target") or {}
    _check(binding, target)
    if not request.name:
        request.name = (binding.get("metadata") or {}).get("name") or ""
    pods = server.registry.by_resource("", "pods") or kind
    pod = read.current(server, pods, request)
    _check_pod(pod, binding, target)
    binding = _admitted(server, pods, request, binding)
    server.write(pods, bound(pod, binding, target["name"], server.now()), request)
    return Result({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, True, 201)


def _admitted(server: ApiServer, pods: Kind, request: Request, binding: Object) -> Object:
    """Return the Binding as the plugins leave it: the real server admits it as `pods/binding`."""
    metadata = dict(binding.get("metadata") or {})
    draft = {**binding, "metadata": metadata}
    attributes = Attributes(server, pods, request, CREATE, draft=draft, subresource="binding", name=request.name)
    server.admission.admit(attributes)
    server.admission.judge(attributes)
    return draft


def _check(binding: Object, target: dict[str, Any]) -> None:
    errors: list[FieldError] = []
    if target.get("kind") not in (None, "", "Node"):
        errors.append(unsupported("target.kind", target["kind"], ["Node", "<empty>"]))
    if not target.get("name"):
        errors.append(required("target.name"))
    if errors:
        raise invalid("Binding", "", (binding.get("metadata") or {}).get("name") or "", errors)


def _check_pod(pod: Object, binding: Object, target: dict[str, Any]) -> None:
    metadata, name = pod["metadata"], pod["metadata"]["name"]
    uid = (binding.get("metadata") or {}).get("uid")
    if uid and uid != metadata["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata['uid']}"
        raise conflict("pods", "", name, why)
    if metadata.get("deletionTimestamp"):
        raise conflict("pods/binding", "", name, f"pod {name} is being deleted, cannot be assigned to a host")
    node = pod["spec"].get("nodeName")
    if node:
        raise conflict("pods/binding", "", name, f'pod {name} is already assigned to node "{node}"')
    if pod["spec"].get("schedulingGates"):
        raise bad_request(f"pod {name} has non-empty .spec.schedulingGates")


def bound(pod: Object, binding: Object, node: str, now: str) -> Object:
    """Return the pod as it is once bound."""
    status = dict(pod.get("status") or {})
    condition = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
    others = [item for item in status.get("conditions") or () if item.get("type") != "PodScheduled"]
    status["conditions"] = [*others, condition]
    status.pop("nominatedNodeName", None)
    changed = {**pod, "spec": {**pod["spec"], "nodeName": node}, "status": status}
    given = binding.get("metadata") or {}
    for field in ("annotations", "labels"):
        if given.get(field):
            merged = {**(pod["metadata"].get(field) or {}), **given[field]}
            changed["metadata"] = {**changed["metadata"], field: merged}
    return changed


HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {"create": bind}
