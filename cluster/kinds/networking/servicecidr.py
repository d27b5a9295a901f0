"""A range that cluster IPs are taken from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors, texts
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required
from cluster.machinery.meta import Object, name
from cluster.machinery.names import cidr


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), ",".join((obj.get("spec") or {}).get("cidrs") or ()), age(obj, now)


def validate(obj: Object) -> Errors:
    ranges = (obj.get("spec") or {}).get("cidrs") or []
    if not ranges:
        return [required("spec.cidrs", "at least one CIDR required")]
    errors: Errors = []
    if len(ranges) > 2:
        errors.append(invalid_value("spec", ranges, "may only hold up to 2 values"))
    for index, one in enumerate(ranges):
        errors += texts(f"spec.cidrs[{index}]", one, cidr(one))
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    ranges, before = ((obj.get("spec") or {}).get("cidrs") or [] for obj in (new, old))
    if ranges == before or (len(before) == 1 and ranges[:1] == before and len(ranges) == 2):
        return validate(new)
    return [forbidden_field("spec.cidrs", "field is immutable")]


KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="ServiceCIDR",
    plural="servicecidrs",
    namespaced=False,
    subresources=(status_subresource("ServiceCIDR"),),
    has_status=True,
    columns=(NAME, Column("CIDRs", about="spec.cidrs"), AGE),
    row=row,
    prepare_create=prepare_create,
    validate=validate,
    validate_update=validate_update,
)
