"""Answers as bytes: JSON or YAML; objects, Tables or metadata alone. Each revision is encoded once per form."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import orjson
import yaml

from cluster.apiserver import tables
from cluster.apiserver.conversion import from_stored
from cluster.apiserver.custom import CustomKind
from cluster.apiserver.negotiation import PLAIN, YAML, Form
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

_KEPT = 2048


def shaped(kind: Kind, answer: Object, form: Form, now: float, include: str) -> Object:
    """Return an answer in the shape that was asked for; a Status stays what it is."""
    if not form.kind or answer.get("kind") == "Status":
        return answer
    if form.kind == "Table":
        return tables.table(kind, answer, now, include, form.version)
    if "items" in answer:
        return tables.partial_list(answer)
    return tables.partial(answer)


def dump(answer: Any, form: Form = PLAIN, pretty: bool = False) -> bytes:
    if form.media == YAML:
        return yaml.safe_dump(answer, sort_keys=True, default_flow_style=False, allow_unicode=True).encode()
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2 if pretty else orjson.OPT_APPEND_NEWLINE)


def without_type(kind: Kind, obj: Object) -> Object:
    """Return an item of a list: built-in kinds leave apiVersion and kind to the list."""
    return {field: value for field, value in obj.items() if field not in ("apiVersion", "kind")}


def joined(kind: Kind, texts: Sequence[bytes], revision: int) -> bytes:
    """Return a List made of stored JSON texts, undecoded. Custom kinds keep their type in every item."""
    prefix = orjson.dumps({"kind": kind.kind, "apiVersion": kind.api_version})[:-1] + b","
    cut = len(prefix)
    if isinstance(kind, CustomKind):
        items = b",".join(texts)
    else:
        items = b",".join(b"{" + text[cut:] if text.startswith(prefix) else text for text in texts)
    head = orjson.dumps({"kind": f"{kind.kind}List", "apiVersion": kind.api_version})[:-1]
    return head + b',"metadata":{"resourceVersion":"%d"},"items":[' % revision + items + b"]}\n"


class ObjectTexts:
    """Remembers the encoded form of recent revisions, for the many watchers of one object."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    def text(self, kind: Kind, version: str, obj: Object, form: Form, now: float, include: str, number: int) -> bytes:
        """Return `obj` (as it is at revision `number`) encoded; Tables are not kept, since they show ages."""
        if form.kind == "Table":
            return self._encode(kind, version, obj, form, now, include)
        key = (kind.group, version, kind.kind, form, number, obj["metadata"].get("uid"))
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = self._encode(kind, version, obj, form, now, include)
            while len(self._texts) > _KEPT:
                self._texts.popitem(last=False)
        return found

    def _encode(self, kind: Kind, version: str, obj: Object, form: Form, now: float, include: str) -> bytes:
        answer = from_stored(kind, version, obj)
        return orjson.dumps(shaped(kind, answer, form, now, include))
