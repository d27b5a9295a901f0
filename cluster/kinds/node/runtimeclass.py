"""A container runtime by name. https://kubernetes.io/docs/concepts/containers/runtime-class/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.kind import Column, Kind
from cluster.kinds.podspec.affinity import tolerations
from cluster.kinds.podspec.resources import resources
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors, immutable, labels, texts
from cluster.machinery.fielderrors import duplicate
from cluster.machinery.meta import Object, name
from cluster.machinery.names import dns_label


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), obj.get("handler") or "", age(obj, now)


def validate(obj: Object) -> Errors:
    handler = obj.get("handler") or ""
    errors = texts("handler", handler, dns_label(handler))
    overhead = (obj.get("overhead") or {}).get("podFixed") or {}
    errors += resources("overhead.podFixed", {"limits": overhead})
    scheduling = obj.get("scheduling") or {}
    errors += labels("scheduling.nodeSelector", scheduling.get("nodeSelector"))
    given = scheduling.get("tolerations") or []
    errors += tolerations("scheduling.tolerations", given)
    for index, toleration in enumerate(given):
        if toleration in given[:index]:
            shown = internal("Toleration", toleration)
            errors.append(duplicate(f"scheduling.tolerations[{index}]", shown))
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    return validate(new) + immutable("handler", new.get("handler"), old.get("handler"))


KIND = Kind(
    group="node.k8s.io",
    version="v1",
    kind="RuntimeClass",
    plural="runtimeclasses",
    namespaced=False,
    columns=(NAME, Column("Handler"), AGE),
    row=row,
    metadata_checks=2,
    validate=validate,
    validate_update=validate_update,
)
