"""`/status`: what a controller observed; everything else of the body is ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cluster.apiserver import patching, read, update
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {
    "get": read.get,
    "update": update.replace,
    "patch": patching.patch,
}
