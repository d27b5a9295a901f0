"""The defaults of a version, filled in while a body is decoded; whoever is told of changes hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver.changes import Change, text_of
from cluster.apiserver.request import Request, Verdict
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def default(server: ApiServer, kind: Kind, request: Request, draft: Object) -> None:
    """Fill `draft` in."""
    if not server.notes_changes(request):
        kind.default(draft)
        return
    before = text_of(draft)
    kind.default(draft)
    after = text_of(draft)
    detail = {"change": Change(before, after)} if after != before else {}
    request.verdicts.append(Verdict("defaulting", kind.kind, True, "", detail))
