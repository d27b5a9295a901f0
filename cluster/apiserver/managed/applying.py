"""Server-side apply: merge what a manager declares, drop what it no longer declares, refuse what others own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.errors import bad_request

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def apply(server: ApiServer, kind: Kind, request: Request) -> Result:
    raise bad_request("server-side apply is not served")
