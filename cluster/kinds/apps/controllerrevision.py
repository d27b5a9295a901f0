"""One frozen state of a StatefulSet's or DaemonSet's template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, NONE, age
from cluster.kinds.validation.fields import Errors, immutable, not_negative
from cluster.machinery.fielderrors import required
from cluster.machinery.meta import Object, controller_of, name


def row(obj: Object, now: float) -> Sequence[Any]:
    owner = controller_of(obj)
    controller = NONE
    if owner:
        group = owner["apiVersion"].partition("/")[0] if "/" in owner["apiVersion"] else ""
        controller = f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}"
    return name(obj), controller, obj.get("revision") or 0, age(obj, now)


def validate(obj: Object) -> Errors:
    errors: Errors = [] if obj.get("data") is not None else [required("data", "data is mandatory")]
    return errors + not_negative("revision", obj.get("revision"))


def validate_update(new: Object, old: Object) -> Errors:
    return validate(new) + immutable("data", new.get("data"), old.get("data"))


KIND = Kind(
    group="apps",
    version="v1",
    kind="ControllerRevision",
    plural="controllerrevisions",
    namespaced=True,
    columns=(
        NAME,
        Column("Controller", description="Controller of the object"),
        Column("Revision", about="revision"),
        AGE,
    ),
    row=row,
    validate=validate,
    validate_update=validate_update,
)
