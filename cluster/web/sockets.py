"""Which WebSocket goes where: the page's to its consumer, exec and attach to the Kubernetes side.

Pages' sockets must come from this site's own origin; Kubernetes clients send none and bring a token.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from cluster.web.api import ROUTE
from cluster.web.consumers.lab import serve_page
from cluster.web.kubesocket import serve_kubernetes

PAGE = re.compile(r"/ws/labs/(?P<slug>[^/]+)/")


async def application(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Route one socket; an unknown path is refused in the handshake."""
    page = PAGE.fullmatch(scope["path"])
    if page is not None and same_origin(scope):
        await serve_page({**scope, "slug": page["slug"]}, receive, send)
        return
    found = ROUTE.fullmatch(scope["path"])
    if found is not None:
        await serve_kubernetes(scope, receive, send, found["slug"], found["path"])
        return
    await receive()
    await send({"type": "websocket.close", "code": 4404})


def same_origin(scope: MutableMapping[str, Any]) -> bool:
    """Say whether the browser says that a page of this very host opened the socket."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is None:
        return False
    return urlsplit(origin.decode("latin-1")).netloc == headers.get(b"host", b"").decode("latin-1")
