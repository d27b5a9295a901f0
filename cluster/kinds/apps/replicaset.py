"""A number of equal pods. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import SCALE, Column, Kind, name_fields, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.warnings import replica_warnings
from cluster.kinds.printing import AGE, CONTAINERS, IMAGES, NAME, age, containers_and_images, selector_text, wide
from cluster.kinds.validation.fields import Errors, immutable, not_negative
from cluster.kinds.validation.workloads import replica_template, selector
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    default_template(spec.setdefault("template", {}))


def prepare_create(draft: Object) -> None:
    draft["status"] = {"replicas": 0}


def fields(obj: Object) -> dict[str, str]:
    return {**name_fields(obj), "status.replicas": str((obj.get("status") or {}).get("replicas") or 0)}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return (
        name(obj),
        spec.get("replicas") or 0,
        status.get("replicas") or 0,
        status.get("readyReplicas") or 0,
        age(obj, now),
        *containers_and_images((spec.get("template") or {}).get("spec") or {}),
        selector_text(spec.get("selector")),
    )


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors = not_negative("spec.replicas", spec.get("replicas"))
    errors += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    return errors + selector(spec, "deployment") + replica_template(spec)


def validate_update(new: Object, old: Object) -> Errors:
    return validate(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


KIND = Kind(
    group="apps",
    version="v1",
    kind="ReplicaSet",
    plural="replicasets",
    namespaced=True,
    short_names=("rs",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("ReplicaSet"),
    ),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Desired", "integer", about="spec.replicas"),
        Column("Current", "integer", about="status.replicas"),
        Column("Ready", "integer", about="status.readyReplicas"),
        AGE,
        CONTAINERS,
        IMAGES,
        wide("Selector", "spec.selector"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    fields=fields,
    judged_twice=True,
    metadata_checks=2,
    validate=validate,
    validate_update=validate_update,
    warnings=replica_warnings,
)
