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

    @property
    def watched(self) -> bool:
        """Say whether somebody is told what the stages change; only then is it worth looking."""
        return bool(self.server.witnesses) and self.draft is not None

    def verdict(
        self, stage: str, by: str, allowed: bool, text: str = "", detail: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.request.verdicts.append(Verdict(stage, by, allowed, text, detail))
