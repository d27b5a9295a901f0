"""A pod template stored on its own; few use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.spec import pod_template
from cluster.kinds.printing import NAME, containers_and_images, labels_text
from cluster.kinds.validation.fields import Errors
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    default_template(draft.setdefault("template", {}))


def row(obj: Object, now: float) -> Sequence[Any]:
    template = obj.get("template") or {}
    return (
        name(obj),
        *containers_and_images(template.get("spec") or {}),
        labels_text(template["metadata"].get("labels")),
    )


def validate(obj: Object) -> Errors:
    return pod_template("template", obj.get("template") or {})


KIND = Kind(
    group="",
    version="v1",
    kind="PodTemplate",
    plural="podtemplates",
    namespaced=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Containers", description="Names of each container in the template."),
        Column("Images", description="Images referenced by each container in the template."),
        Column("Pod Labels", description="The labels for the pod template."),
    ),
    row=row,
    default=default,
    validate=validate,
)
