"""The ancestor of the ReplicaSet. https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import SCALE, Column, Kind, name_fields, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.spec import pod_template
from cluster.kinds.podspec.warnings import replica_warnings
from cluster.kinds.printing import AGE, CONTAINERS, IMAGES, NAME, age, containers_and_images, labels_text, wide
from cluster.kinds.validation.fields import Errors, not_negative
from cluster.kinds.validation.workloads import MISMATCH, always_restarting, template_labels
from cluster.machinery.fielderrors import invalid_value, required
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    template = spec.get("template")
    labels = ((template or {}).get("metadata") or {}).get("labels")
    if template is not None:
        default_template(template)
    if labels:
        # The oldest workload takes its own labels and its selector from the template when they are missing.
        if not spec.get("selector"):
            spec["selector"] = dict(labels)
        metadata = draft.setdefault("metadata", {})
        if not metadata.get("labels"):
            metadata["labels"] = dict(labels)
    if spec.get("replicas") is None:
        spec["replicas"] = 1


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
        labels_text(spec.get("selector")),
    )


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors = not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    selector, template = spec.get("selector"), spec.get("template")
    if not selector:
        errors.append(required("spec.selector"))
    errors += not_negative("spec.replicas", spec.get("replicas"))
    if template is None:
        return [*errors, required("spec.template")]
    labels = template_labels(template)
    if selector and any((labels or {}).get(key) != value for key, value in selector.items()):
        errors.append(invalid_value("spec.template.metadata.labels", labels, MISMATCH))
    return errors + pod_template("spec.template", template) + always_restarting(spec, "ReplicationController")


KIND = Kind(
    group="",
    version="v1",
    kind="ReplicationController",
    plural="replicationcontrollers",
    namespaced=True,
    short_names=("rc",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("ReplicationController"),
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
    warnings=replica_warnings,
)
