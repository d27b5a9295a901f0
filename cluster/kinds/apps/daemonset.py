"""One pod on every node that fits. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
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
)
