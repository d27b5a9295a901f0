"""From a path to a lab and a user: who may talk to the Kubernetes API of which lab.

The lab's token is a cluster administrator's; tokens and client certificates that the lab's API server
takes are whom they name; the owner's browser may read as the administrator. Whoever brings nothing of
this is told that there is no such lab. The listener shows on every certificate, whoever signed it: here
alone it is judged, against the lab's own authority.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.db import connection

from cluster.apiserver.http import HttpApi
from cluster.apiserver.launch import STATE_KEY, Launch
from cluster.apiserver.openapi.documents import OpenApi
from cluster.apiserver.request import ADMIN, User
from cluster.apiserver.server import ApiServer
from cluster.machinery.errors import no_such_path
from cluster.machinery.ids import Ids
from cluster.metrics.resource import ResourceMetrics
from cluster.models import Lab
from cluster.models.text import loads
from cluster.persistence.announce import BELL
from cluster.persistence.audit import Backlog
from cluster.persistence.django_state import DjangoState
from cluster.persistence.django_store import DjangoStore
from cluster.persistence.requests import Posting
from cluster.persistence.tokens import issuer
from cluster.persistence.wallclock import ClockState, LabClock
from cluster.runtime.authority import Authority
from cluster.runtime.settings import LabSettings
from cluster.web.users import holds_grant, visitor_id

_LAB = (
    "SELECT id, slug, name, owner_id, token, settings, virtual_base, wall_base, speed, paused, reached, jump_to, "
    "watched_at, (SELECT value FROM cluster_state WHERE lab_id = cluster_lab.id AND key = %s) "
    "FROM cluster_lab WHERE slug = %s"
)
_LOOKED_EVERY = 30.0
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Door:
    """One lab as the API's gate knows it."""

    lab_id: int
    slug: str
    name: str
    owner: str
    token: str
    settings: str
    clock: ClockState
    watched_at: float
    launch: str | None = None  # the state-book entry that tells which API server runs


def find(slug: str) -> Door:
    """Return the lab of a path; 404 when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_LAB, [STATE_KEY, slug])
        row = cursor.fetchone()
    if row is None:
        raise no_such_path()
    return Door(*row[:6], ClockState(*row[6:9], bool(row[9]), *row[10:12]), *row[12:])


def bearer(scope: Mapping[str, Any]) -> str:
    """Return the bearer token of a request, '' when it has none."""
    kind, _, token = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def slug_of(token: str) -> str:
    """Return the lab whose administrator's token this is; 404 when it is nobody's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug FROM cluster_lab WHERE token = %s", [token])
        row = cursor.fetchone()
    if row is None:
        raise no_such_path()
    return str(row[0])


def note_visit(door: Door) -> None:
    """Write down, now and then, that somebody uses this lab, and wake it if it slept."""
    now = time.time()
    if now - door.watched_at > _LOOKED_EVERY:
        Lab.objects.filter(pk=door.lab_id).update(watched_at=now)
        BELL.ring(door.lab_id)


class Servers:
    """The API servers of each thread: stateless but for caches, so a few are kept."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._openapi = OpenApi()

    def of(self, door: Door) -> HttpApi:
        kept: OrderedDict[int, tuple[HttpApi, str | None]] = self._own.__dict__.setdefault("kept", OrderedDict())
        api, launch = kept.get(door.lab_id, (None, None))
        if api is None or launch != door.launch:
            api = api or build_api(door, self._openapi)
            api.server.start(Launch.of(loads(door.launch) if door.launch else None))
            kept[door.lab_id] = api, door.launch
            while len(kept) > _KEPT:
                kept.popitem(last=False)
        api.server.clock.state = door.clock  # type: ignore[attr-defined]
        return api


def build_api(door: Door, openapi: OpenApi) -> HttpApi:
    """Return the API before the lab's tables."""
    settings = LabSettings(**loads(door.settings))
    store = DjangoStore(door.lab_id, lambda revision: BELL.ring(door.lab_id))
    clock, ids = LabClock(door.clock), Ids(settings.seed)
    server = ApiServer(store, clock, ids, tokens=issuer(settings, door.slug, door.token))
    server.roots = Authority(ids, settings.start, clock, settings.keyring).certificate()
    Posting(door.lab_id, server).attend()
    server.audit_sink = Backlog(door.lab_id)
    server.metrics = ResourceMetrics(store, DjangoState(door.lab_id), clock, ids)

    def by_token(token: str) -> User | None:
        return ADMIN if compare_digest(token.encode(), door.token.encode()) else None

    api = HttpApi(server, by_token, openapi=openapi)
    api.authentication.admits_anonymous = False
    api.authentication.takes_certificates = settings.sealed
    return api


def known_user(door: Door, scope: Mapping[str, Any], method: str) -> User | None:
    """Return whom the browser says it is; None where a token or a certificate is to decide.

    Whoever brings neither is told that there is no such lab.
    """
    headers = dict(scope["headers"])
    if b"authorization" in headers or scope.get("client_certificate") is not None:
        return None
    if method in ("GET", "HEAD") and _is_at_home(door, headers.get(b"cookie", b"").decode("latin-1")):
        return ADMIN
    raise no_such_path()


def _is_at_home(door: Door, cookie: str) -> bool:
    try:
        jar = {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
    except CookieError:
        return False
    visitor = visitor_id(jar)
    return bool(visitor and visitor == door.owner) or holds_grant(door, jar)
