"""Which controller answers for an Ingress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.networking.ingressrules import typed_reference
from cluster.kinds.printing import AGE, NAME, NONE, age, name_or_default
from cluster.kinds.validation.fields import Errors, domain_path, immutable, one_of, texts
from cluster.machinery.fielderrors import forbidden_field, required, too_long
from cluster.machinery.meta import Object
from cluster.machinery.names import dns_label

_LONGEST = 250


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
    spec = obj.get("spec") or {}
    controller, parameters = spec.get("controller") or "", spec.get("parameters")
    errors: Errors = []
    if len(controller) > _LONGEST:
        errors.append(too_long("spec.controller", _LONGEST))
    errors += domain_path("spec.controller", controller)
    if parameters is None:
        return errors
    errors += typed_reference("spec.parameters", parameters)
    return errors + _scope("spec.parameters", parameters)


def _scope(path: str, parameters: dict[str, Any]) -> Errors:
    scope, space = parameters.get("scope"), parameters.get("namespace")
    where = f"{path}.namespace"
    if scope not in ("Cluster", "Namespace"):
        return one_of(f"{path}.scope", scope, ("Cluster", "Namespace"))
    if scope == "Cluster":
        return [] if space is None else [forbidden_field(where, "`parameters.scope` is set to 'Cluster'")]
    if space is None:
        return [required(where, "`parameters.scope` is set to 'Namespace'")]
    return texts(where, space, dns_label(space))


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
    metadata_checks=2,
    validate=validate,
    validate_update=validate_update,
)
