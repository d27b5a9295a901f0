"""Confidential data, base64 on the wire. https://kubernetes.io/docs/concepts/configuration/secret/"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from cluster.kinds.core.datarules import update_secret, validate_secret
from cluster.kinds.kind import Column, Kind, name_fields
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    if not draft.get("type"):
        draft["type"] = "Opaque"
    plain = draft.pop("stringData", None)
    if plain:
        data = draft.setdefault("data", {})
        for key, text in plain.items():
            data[key] = base64.b64encode(text.encode()).decode()


def fields(obj: Object) -> dict[str, str]:
    return {**name_fields(obj), "type": obj.get("type") or ""}


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), obj.get("type") or "", len(obj.get("data") or {}), age(obj, now)


KIND = Kind(
    group="",
    version="v1",
    kind="Secret",
    plural="secrets",
    namespaced=True,
    columns=(NAME, Column("Type", about="type"), Column("Data", about="data"), AGE),
    row=row,
    default=default,
    fields=fields,
    metadata_checks=2,
    validate=validate_secret,
    validate_update=update_secret,
)
