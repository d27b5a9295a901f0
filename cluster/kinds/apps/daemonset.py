"""One pod on every node that fits. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.spec import pod_template
from cluster.kinds.podspec.warnings import template_warnings
from cluster.kinds.printing import (
    AGE,
    CONTAINERS,
    IMAGES,
    NAME,
    age,
    containers_and_images,
    labels_text,
    selector_text,
    wide,
)
from cluster.kinds.validation.fields import Errors, at_most_all, immutable, not_negative, positive_int_or_percent
from cluster.kinds.validation.selectors import is_empty, label_selector, matches
from cluster.kinds.validation.workloads import MISMATCH, always_restarting, template_labels
from cluster.machinery.fielderrors import invalid_value, required, unsupported
from cluster.machinery.intstr import is_zero
from cluster.machinery.meta import Object, name

_COUNTS = (
    "desiredNumberScheduled",
    "currentNumberScheduled",
    "numberReady",
    "updatedNumberScheduled",
    "numberAvailable",
)


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    default_template(spec.setdefault("template", {}))
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    if spec.get("revisionHistoryLimit") is None:
        spec["revisionHistoryLimit"] = 10


def prepare_create(draft: Object) -> None:
    annotations = draft.setdefault("metadata", {}).setdefault("annotations", {})
    annotations["deprecated.daemonset.template.generation"] = "1"
    draft["status"] = {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    }


def prepare_update(draft: Object, old: Object) -> None:
    key = "deprecated.daemonset.template.generation"
    before = int(((old.get("metadata") or {}).get("annotations") or {}).get(key) or 0)
    changed = (draft.get("spec") or {}).get("template") != (old.get("spec") or {}).get("template")
    draft["metadata"].setdefault("annotations", {})[key] = str(before + changed)


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    template = (spec.get("template") or {}).get("spec") or {}
    return (
        name(obj),
        *(status.get(count) or 0 for count in _COUNTS),
        labels_text(template.get("nodeSelector")),
        age(obj, now),
        *containers_and_images(template),
        selector_text(spec.get("selector")),
    )


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    template, selector = spec.get("template") or {}, spec.get("selector")
    errors = label_selector("spec.selector", selector)
    labels = template_labels(template)
    if not errors and (selector is None or not matches(selector, labels or {})):
        errors.append(invalid_value("spec.template.metadata.labels", labels, MISMATCH))
    if selector is not None and is_empty(selector):
        errors.append(invalid_value("spec.selector", selector, "empty selector is invalid for daemonset"))
    errors += pod_template("spec.template", template) + always_restarting(spec, "DaemonSet")
    errors += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    errors += _strategy("spec.updateStrategy", spec.get("updateStrategy") or {})
    return errors + not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def _strategy(path: str, strategy: dict[str, Any]) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "OnDelete":
        return []
    if kind != "RollingUpdate":
        return [
            unsupported(path, internal("DeploymentStrategy", strategy), ("RollingUpdate", "OnDelete"), in_order=True)
        ]
    if rolling is None:
        return [required(f"{path}.rollingUpdate")]
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    here = f"{path}.rollingUpdate"
    errors = positive_int_or_percent(f"{here}.maxUnavailable", unavailable)
    errors += positive_int_or_percent(f"{here}.maxSurge", surge)
    errors += at_most_all(f"{here}.maxUnavailable", unavailable) + at_most_all(f"{here}.maxSurge", surge)
    if not is_zero(unavailable) and not is_zero(surge):
        errors.append(invalid_value(f"{here}.maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
    if is_zero(unavailable) and is_zero(surge):
        errors.append(required(f"{here}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    return validate(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


KIND = Kind(
    group="apps",
    version="v1",
    kind="DaemonSet",
    plural="daemonsets",
    namespaced=True,
    short_names=("ds",),
    categories=("all",),
    subresources=(status_subresource("DaemonSet"),),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Desired", "integer", about="status.desiredNumberScheduled"),
        Column("Current", "integer", about="status.currentNumberScheduled"),
        Column("Ready", "integer", about="status.numberReady"),
        Column("Up-to-date", "integer", about="status.updatedNumberScheduled"),
        Column("Available", "integer", about="status.numberAvailable"),
        Column("Node Selector", about="spec.template.spec.nodeSelector"),
        AGE,
        CONTAINERS,
        IMAGES,
        wide("Selector", "spec.selector"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    judged_twice=True,
    metadata_checks=2,
    validate=validate,
    validate_update=validate_update,
    warnings=template_warnings,
)
