"""What the gates judge: one request with its kind, the object it would write and the one it would replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cluster.apiserver.request import Request, Verdict
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, forbidden
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_NOTHING: Mapping[str, Any] = MappingProxyType({})
CREATE, UPDATE, DELETE, CONNECT = "CREATE", "UPDATE", "DELETE", "CONNECT"


@dataclass(slots=True)
class Attributes:
    """`draft` may be changed by mutating plugins; it is None for a deletion."""

    server: ApiServer
    kind: Kind
    request: Request
    operation: str
    draft: Object | None = None
    old: Object | None = None
    subresource: str = ""
    name: str = ""
    notes: dict[str, str] | None = None  # for the audit log, of the plugin that is asked just now

    @property
    def namespace(self) -> str:
        return self.request.namespace

    @property
    def object(self) -> Object:
        """Return the draft; only for operations that have one."""
        assert self.draft is not None
        return self.draft

    def concerns(self, *resources: str) -> bool:
        """Say whether this writes one of `resources` itself, no subresource."""
        return not self.subresource and self.kind.resource in resources

    def forbid(self, why: str) -> StatusError:
        """Return the 403 an admission plugin answers."""
        metadata = (self.draft or {}).get("metadata") or {}
        return forbidden(self.kind.plural, self.kind.group, self.name or metadata.get("generateName", ""), why)

    def warn(self, text: str) -> None:
        if text not in self.request.warnings:
            self.request.warnings.append(text)

    def note(self, key: str, value: str) -> None:
        """Leave an annotation for the audit log with the verdict of the plugin that is asked."""
        self.notes = {**(self.notes or {}), key: value}

    def noted(self) -> Mapping[str, Any]:
        """Return the plugin's notes as its verdict's detail, and begin anew."""
        if self.notes is None:
            return _NOTHING
        notes, self.notes = self.notes, None
        return {"annotations": notes}

    @property
    def watched(self) -> bool:
        """Say whether somebody is told what the stages change; only then is it worth looking."""
        return self.draft is not None and self.server.notes_changes(self.request)

    def verdict(self, stage: str, by: str, allowed: bool, text: str = "", detail: Mapping[str, Any] = _NOTHING) -> None:
        self.request.verdicts.append(Verdict(stage, by, allowed, text, detail))
