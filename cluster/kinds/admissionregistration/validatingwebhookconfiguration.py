"""Webhooks that may refuse incoming objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.admissionregistration.matching import default_webhook
from cluster.kinds.admissionregistration.rules import validate_webhooks
from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    for hook in draft.get("webhooks") or ():
        default_webhook(hook)


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), len(obj.get("webhooks") or ()), age(obj, now)


def validate(obj: Object) -> Errors:
    return validate_webhooks(obj.get("webhooks") or [])


KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="ValidatingWebhookConfiguration",
    plural="validatingwebhookconfigurations",
    namespaced=False,
    categories=("api-extensions",),
    has_generation=True,
    columns=(
        NAME,
        Column(
            "Webhooks",
            "integer",
            description="Webhooks indicates the number of webhooks registered in this configuration",
        ),
        AGE,
    ),
    row=row,
    default=default,
    validate=validate,
)
