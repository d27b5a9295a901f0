"""What the cluster knows about a storage driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, UNSET, age
from cluster.kinds.validation.fields import Errors, one_of
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    usual: tuple[tuple[str, Any], ...] = (
        ("attachRequired", True),
        ("podInfoOnMount", False),
        ("storageCapacity", False),
        ("fsGroupPolicy", "ReadWriteOnceWithFSType"),
        ("requiresRepublish", False),
        ("seLinuxMount", False),
    )
    for field, value in usual:
        if spec.get(field) is None:
            spec[field] = value
    if not spec.get("volumeLifecycleModes"):
        spec["volumeLifecycleModes"] = ["Persistent"]


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    tokens = [request.get("audience") or "" for request in spec.get("tokenRequests") or ()]
    return (
        name(obj),
        spec.get("attachRequired", True),
        spec.get("podInfoOnMount", False),
        spec.get("storageCapacity", False),
        ",".join(tokens) if tokens else UNSET,
        spec.get("requiresRepublish", False),
        ",".join(spec.get("volumeLifecycleModes") or ()) or "<none>",
        age(obj, now),
    )


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    for index, mode in enumerate(spec.get("volumeLifecycleModes") or ()):
        errors += one_of(f"spec.volumeLifecycleModes[{index}]", mode, ("Ephemeral", "Persistent"))
    policies = ("ReadWriteOnceWithFSType", "File", "None")
    return errors + one_of("spec.fsGroupPolicy", spec.get("fsGroupPolicy"), policies)


KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="CSIDriver",
    plural="csidrivers",
    namespaced=False,
    columns=(
        NAME,
        Column("AttachRequired", "boolean", about="spec.attachRequired"),
        Column("PodInfoOnMount", "boolean", about="spec.podInfoOnMount"),
        Column("StorageCapacity", "boolean", about="spec.storageCapacity"),
        Column("TokenRequests", about="spec.tokenRequests"),
        Column("RequiresRepublish", "boolean", about="spec.requiresRepublish"),
        Column("Modes", about="spec.volumeLifecycleModes"),
        AGE,
    ),
    row=row,
    default=default,
    validate=validate,
)
