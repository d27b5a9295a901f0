"""A machine that runs pods. https://kubernetes.io/docs/concepts/architecture/nodes/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, Subresource, name_fields, status_subresource
from cluster.kinds.podspec.affinity import taints
from cluster.kinds.printing import AGE, NAME, NONE, UNKNOWN, age, wide
from cluster.kinds.validation.fields import Errors
from cluster.machinery.fielderrors import forbidden_field
from cluster.machinery.meta import Object, labels, name

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


def default(draft: Object) -> None:
    status = draft.get("status")
    if status and status.get("allocatable") is None and status.get("capacity") is not None:
        status["allocatable"] = dict(status["capacity"])
    draft.setdefault("spec", {})
    draft.setdefault("status", {})


def fields(obj: Object) -> dict[str, str]:
    unschedulable = "true" if (obj.get("spec") or {}).get("unschedulable") else "false"
    return {**name_fields(obj), "spec.unschedulable": unschedulable}


def roles(obj: Object) -> list[str]:
    """Return the roles of a node by its labels, sorted."""
    found = set()
    for key, value in labels(obj).items():
        if key.startswith(_ROLE_PREFIX) and len(key) > len(_ROLE_PREFIX):
            found.add(key.removeprefix(_ROLE_PREFIX))
        elif key == _ROLE_LABEL and value:
            found.add(value)
    return sorted(found)


def _status(obj: Object) -> str:
    words = [
        "Ready" if condition.get("status") == "True" else "NotReady"
        for condition in (obj.get("status") or {}).get("conditions") or ()
        if condition.get("type") == "Ready"
    ]
    words = words or ["Unknown"]
    if (obj.get("spec") or {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _address(obj: Object, kind: str) -> str:
    for address in (obj.get("status") or {}).get("addresses") or ():
        if address.get("type") == kind:
            return str(address.get("address"))
    return NONE


def _kernel(info: dict[str, Any]) -> str:
    version, architecture = info.get("kernelVersion") or UNKNOWN, info.get("architecture")
    return f"{version} ({architecture})" if architecture else str(version)


def row(obj: Object, now: float) -> Sequence[Any]:
    info = (obj.get("status") or {}).get("nodeInfo") or {}
    return (
        name(obj),
        _status(obj),
        ",".join(roles(obj)) or NONE,
        age(obj, now),
        info.get("kubeletVersion") or "",
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        info.get("osImage") or UNKNOWN,
        _kernel(info),
        info.get("containerRuntimeVersion") or UNKNOWN,
    )


def validate(obj: Object) -> Errors:
    return taints("metadata.taints", (obj.get("spec") or {}).get("taints") or [])


def validate_update(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors: Errors = []
    ranges, previous = spec.get("podCIDRs") or [], before.get("podCIDRs") or []
    if previous and (ranges != previous or spec.get("podCIDR", previous[0]) != previous[0]):
        text = 'node updates may not change podCIDR except from "" to valid'
        errors.append(forbidden_field("spec.podCIDRs", text))
    if before.get("providerID") and spec.get("providerID") != before["providerID"]:
        text = 'node updates may not change providerID except from "" to valid'
        errors.append(forbidden_field("spec.providerID", text))
    return errors + validate(new)


KIND = Kind(
    group="",
    version="v1",
    kind="Node",
    plural="nodes",
    namespaced=False,
    short_names=("no",),
    subresources=(
        Subresource("proxy", "NodeProxyOptions", ("create", "delete", "get", "patch", "update")),
        status_subresource("Node"),
    ),
    has_status=True,
    columns=(
        NAME,
        Column("Status", description="The status of the node"),
        Column("Roles", description="The roles of the node"),
        AGE,
        Column("Version", about="status.nodeInfo.kubeletVersion"),
        wide("Internal-IP", "status.addresses"),
        wide("External-IP", "status.addresses"),
        wide("OS-Image", "status.nodeInfo.osImage"),
        wide("Kernel-Version", "status.nodeInfo.kernelVersion"),
        wide("Container-Runtime", "status.nodeInfo.containerRuntimeVersion"),
    ),
    row=row,
    default=default,
    fields=fields,
    judged_twice=True,
    metadata_checks=2,
    validate=validate,
    validate_update=validate_update,
)
