"""A browser's visit without a browser: the lab's link for a cookie, then the page's socket."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from cluster.management.bench.websocket import WebSocket
from cluster.models import Lab


def cookie_of(page: str, lab: Lab) -> str:
    where = urlsplit(page)
    link = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    link.request("GET", f"/labs/{lab.slug}/enter/{lab.token}/")
    answer = link.getresponse()
    answer.read()
    cookies = [line.split(";")[0] for line in answer.headers.get_all("Set-Cookie") or ()]
    link.close()
    return "; ".join(cookies)


def open_socket(page: str, lab: Lab) -> WebSocket:
    return WebSocket(f"{page.replace('http', 'ws', 1)}/ws/labs/{lab.slug}/", cookie=cookie_of(page, lab))
