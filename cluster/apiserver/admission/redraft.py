"""A draft that a webhook or a policy changes: how they see it, and how what they made becomes the draft again."""

from __future__ import annotations

from typing import Any

import orjson

from cluster.apiserver.attributes import Attributes
from cluster.apiserver.conversion import api_version, from_stored, to_stored
from cluster.apiserver.custom import CustomKind
from cluster.apiserver.strictness import WrongType, check, prune, settle
from cluster.kinds import schema as schemas
from cluster.machinery.errors import internal
from cluster.machinery.meta import Object


def shown(attributes: Attributes, draft: Object, version: str) -> Object:
    """Return the draft in the version those who change it are shown."""
    kind = attributes.kind
    return {**from_stored(kind, version, draft), "apiVersion": api_version(kind, version), "kind": kind.kind}


def typed(attributes: Attributes, changed: Any, version: str) -> Object:
    """Return what a patch made as the kind it must be: fields it does not know are dropped, wrong types refused."""
    kind = attributes.kind
    if not isinstance(changed, dict) or not isinstance(changed.get("metadata"), dict):
        raise internal(f"Object 'metadata' is missing in '{orjson.dumps(changed).decode()}'")
    schema = None if isinstance(kind, CustomKind) else schemas.of_kind(kind.group, version, kind.kind)
    if schema is not None:
        try:
            found = check(schema, changed, kind.kind)
        except WrongType as error:
            raise internal(str(error)) from None
        if found.unknown:
            prune(schema, changed)
        if found.nulls:
            settle(schema, changed)
    return changed


def take(attributes: Attributes, draft: Object, changed: Object, version: str) -> None:
    """Let the draft be what the patch made, defaulted again."""
    kind = attributes.kind
    stored = to_stored(kind, version, changed)
    head = {"kind": kind.kind, "apiVersion": kind.stored_api_version}
    rest = {key: value for key, value in stored.items() if key not in head}
    draft.clear()
    draft.update({**head, **rest})
    kind.default(draft)
