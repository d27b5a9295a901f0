"""Which controller answers for an Ingress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, NONE, age, name_or_default
from cluster.kinds.validation.fields import Errors, immutable, qualified
from cluster.machinery.fielderrors import invalid_value, required, too_long
from cluster.machinery.meta import Object


def default(draft: Object) -> None:
    parameters = (draft.get("spec") or {}).get("parameters")
    if parameters and parameters.get("scope") is None:
        parameters["scope"] = "Cluster"


def _parameters(parameters: dict[str, Any] | None) -> str:
    if not parameters:
        return NONE
    group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
    return f"{parameters.get('kind', '')}{group}/{parameters.get('name', '')}"


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    shown = name_or_default(obj, "ingressclass.kubernetes.io/is-default-class")
    return shown, spec.get("controller") or "", _parameters(spec.get("parameters")), age(obj, now)


def validate(obj: Object) -> Errors:
    controller = (obj.get("spec") or {}).get("controller") or ""
    if not controller:
        return [required("spec.controller")]
    if len(controller) > 250:
        return [too_long("spec.controller", 250)]
    return qualified("spec.controller", controller.lower()) if "/" in controller else _no_domain(controller)


def _no_domain(controller: str) -> Errors:
    text = 'must be a domain-prefixed path (such as "acme.io/foo")'
    return [invalid_value("spec.controller", controller, text)]


def validate_update(new: Object, old: Object) -> Errors:
    controllers = [(obj.get("spec") or {}).get("controller") for obj in (new, old)]
    return validate(new) + immutable("spec.controller", controllers[0], controllers[1])


KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="IngressClass",
    plural="ingressclasses",
    namespaced=False,
    has_generation=True,
    columns=(
        NAME,
        Column("Controller", description="Controller that is responsible for handling this class"),
        Column("Parameters", description="A reference to a resource with additional parameters"),
        AGE,
    ),
    row=row,
    default=default,
    validate=validate,
    validate_update=validate_update,
)
