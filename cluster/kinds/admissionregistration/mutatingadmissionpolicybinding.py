"""Where a MutatingAdmissionPolicy applies, and with which parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.admissionregistration.matching import default_match_resources
from cluster.kinds.admissionregistration.policyrules import validate_binding
from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, UNSET, age
from cluster.kinds.validation.fields import Errors
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    matched = draft.setdefault("spec", {}).get("matchResources")
    if matched is not None:
        default_match_resources(matched)


def _parameter(spec: dict[str, Any]) -> str:
    reference = spec.get("paramRef")
    if not reference:
        return UNSET
    if reference.get("name"):
        return f"{reference.get('namespace') or '*'}/{reference['name']}"
    return UNSET


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    return name(obj), spec.get("policyName") or "", _parameter(spec), age(obj, now)


def validate(obj: Object) -> Errors:
    return validate_binding(obj.get("spec") or {}, with_actions=False)


KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="MutatingAdmissionPolicyBinding",
    plural="mutatingadmissionpolicybindings",
    namespaced=False,
    categories=("api-extensions",),
    has_generation=True,
    columns=(
        NAME,
        Column(
            "PolicyName", description="PolicyName indicates the policy definition which the policy binding binded to"
        ),
        Column("ParamRef", description="ParamRef indicates the param resource which sets the configuration param"),
        AGE,
    ),
    row=row,
    default=default,
    validate=validate,
)
