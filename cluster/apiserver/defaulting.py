"""The defaults of a version, filled in while a body is decoded; whoever is told of changes hears of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cluster.apiserver.changes import Change, text_of
from cluster.apiserver.request import Request, Verdict
from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


@cache
def _has_spec(group: str, version: str, kind: str) -> bool:
    schema = schemas.of_kind(group, version, kind)
    return schema is not None and "spec" in schemas.properties(schema)


def default(server: ApiServer, kind: Kind, request: Request, draft: Object) -> None:
    """Fill `draft` in."""
    if draft.get("spec") is None and _has_spec(kind.group, kind.version, kind.kind):
        draft["spec"] = {}  # a struct of its own, in no built-in kind a pointer: there even when nobody wrote it
    if not server.notes_changes(request):
        kind.default(draft)
        return
    before = text_of(draft)
    kind.default(draft)
    after = text_of(draft)
    detail = {"change": Change(before, after)} if after != before else {}
    request.verdicts.append(Verdict("defaulting", kind.kind, True, "", detail))
