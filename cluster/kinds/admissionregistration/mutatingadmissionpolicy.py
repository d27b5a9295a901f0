"""Changes to incoming objects, written in CEL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.admissionregistration.matching import default_match_resources, param_kind_text
from cluster.kinds.admissionregistration.policyrules import validate_mutating
from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    if spec.get("failurePolicy") is None:
        spec["failurePolicy"] = "Fail"
    if spec.get("matchConstraints") is not None:
        default_match_resources(spec["matchConstraints"])


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    return name(obj), len(spec.get("mutations") or ()), param_kind_text(spec), age(obj, now)


def validate(obj: Object) -> Errors:
    return validate_mutating(obj.get("spec") or {})


KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="MutatingAdmissionPolicy",
    plural="mutatingadmissionpolicies",
    namespaced=False,
    categories=("api-extensions",),
    has_generation=True,
    columns=(
        NAME,
        Column(
            "Mutations",
            "integer",
            description="Mutation indicates the number of mutations rules defined in this configuration",
        ),
        Column("ParamKind", description="ParamKind specifies the kind of resources used to parameterize this policy"),
        AGE,
    ),
    row=row,
    default=default,
    validate=validate,
)
