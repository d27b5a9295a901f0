"""Rolling updates of ReplicaSets. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.kind import SCALE, Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.warnings import replica_warnings
from cluster.kinds.printing import AGE, CONTAINERS, IMAGES, NAME, age, containers_and_images, selector_text, wide
from cluster.kinds.validation.fields import Errors, at_most_all, immutable, not_negative, positive_int_or_percent
from cluster.kinds.validation.workloads import replica_template, selector
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required, unsupported
from cluster.machinery.intstr import is_zero
from cluster.machinery.meta import Object, name

_QUARTER = "25%"
_USUAL = (("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600))


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    for field, value in _USUAL:
        if spec.get(field) is None:
            spec[field] = value
    default_template(spec.setdefault("template", {}))
    strategy = spec.setdefault("strategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", _QUARTER)
        rolling.setdefault("maxSurge", _QUARTER)


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return (
        name(obj),
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        status.get("updatedReplicas") or 0,
        status.get("availableReplicas") or 0,
        age(obj, now),
        *containers_and_images((spec.get("template") or {}).get("spec") or {}),
        selector_text(spec.get("selector")),
    )


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors = not_negative("spec.replicas", spec.get("replicas"))
    errors += selector(spec, "deployment") + replica_template(spec)
    errors += _strategy("spec.strategy", spec.get("strategy") or {})
    errors += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    errors += not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline = spec.get("progressDeadlineSeconds")
    errors += not_negative("spec.progressDeadlineSeconds", deadline)
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        text = "must be greater than minReadySeconds"
        errors.append(invalid_value("spec.progressDeadlineSeconds", deadline, text))
    return errors


def _strategy(path: str, strategy: dict[str, Any]) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        text = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden_field(f"{path}.rollingUpdate", text)] if rolling is not None else []
    if kind != "RollingUpdate":
        return [unsupported(path, internal("DeploymentStrategy", strategy), ("Recreate", "RollingUpdate"))]
    if rolling is None:
        return [required(f"{path}.rollingUpdate", "this should be defaulted and never be nil")]
    return _rolling(f"{path}.rollingUpdate", rolling)


def _rolling(path: str, rolling: dict[str, Any]) -> Errors:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    errors = positive_int_or_percent(f"{path}.maxUnavailable", unavailable)
    errors += positive_int_or_percent(f"{path}.maxSurge", surge)
    if is_zero(unavailable) and is_zero(surge):
        errors.append(invalid_value(f"{path}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"))
    return errors + at_most_all(f"{path}.maxUnavailable", unavailable)


def validate_update(new: Object, old: Object) -> Errors:
    return validate(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


KIND = Kind(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    namespaced=True,
    short_names=("deploy",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("Deployment"),
    ),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Ready", description="Number of the pod with ready state"),
        Column("Up-to-date", about="status.updatedReplicas"),
        Column("Available", about="status.availableReplicas"),
        AGE,
        CONTAINERS,
        IMAGES,
        wide("Selector", "spec.selector"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    validate=validate,
    validate_update=validate_update,
    warnings=replica_warnings,
)
