"""One cluster IP and the Service that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import NAME, age
from cluster.kinds.validation.fields import Errors, immutable, texts
from cluster.machinery.cidr import parse_ip
from cluster.machinery.fielderrors import invalid_value, required
from cluster.machinery.meta import Object, name
from cluster.machinery.names import dns_subdomain, ip_address, path_segment


# The real server prints an age in the row and declares no column for it.
def row(obj: Object, now: float) -> Sequence[Any]:
    parent = (obj.get("spec") or {}).get("parentRef") or {}
    group = f".{parent['group']}" if parent.get("group") else ""
    parts = [f"{parent.get('resource', '')}{group}", parent.get("namespace"), parent.get("name")]
    return name(obj), "/".join(part for part in parts if part), age(obj, now)


_PARENT = "spec.parentRef"


def validate(obj: Object) -> Errors:
    """Check that the name is an address in its canonical form, and that somebody holds it."""
    given = name(obj)
    found = parse_ip(given)
    errors = texts("metadata.name", given, ip_address(given)) if found is None else []
    if found is not None and str(found) != given:
        errors.append(invalid_value("metadata.name", given, f"must be in canonical form ({found})"))
    parent = (obj.get("spec") or {}).get("parentRef")
    if parent is None:
        return [*errors, required(_PARENT)]
    if parent.get("group"):
        errors += texts(f"{_PARENT}.group", parent["group"], dns_subdomain(parent["group"]))
    for field in ("resource", "name"):
        value = parent.get(field) or ""
        errors += texts(f"{_PARENT}.{field}", value, path_segment(value)) if value else [required(f"{_PARENT}.{field}")]
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    parents = [(obj.get("spec") or {}).get("parentRef") for obj in (new, old)]
    return validate(new) + immutable(_PARENT, *parents)


KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="IPAddress",
    plural="ipaddresses",
    namespaced=False,
    short_names=("ip",),
    columns=(NAME, Column("ParentRef", about="spec.parentRef")),
    row=row,
    validate=validate,
    validate_update=validate_update,
)
