"""API priority and fairness at the door of the Kubernetes API: a client that floods a lab waits, others go on.

The decision is the core's (`cluster.apiserver.flowcontrol`); this holds one lab's seats in this process and
lets requests wait without a thread. A real server has 600 seats; a process of the lab has as many as it can
work on, or what `--max-requests-inflight` and its sister leave, if that is less. Who asks is known from the
request before, by its credential: a client's first request counts as `global-default`'s. Watches, logs and
connections hold a seat until they begin to answer.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from cluster.apiserver.exchange import Exchange
from cluster.apiserver.flowcontrol.classify import LEVELS, SCHEMAS, Digest, Flow, Plan, digest
from cluster.apiserver.flowcontrol.dump import levels_text
from cluster.apiserver.flowcontrol.seats import WAIT_LIMIT, Level, Outcome, shares
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import User
from cluster.apiserver.server import ApiServer
from cluster.apiserver.wireforms import HttpRequest, HttpResponse

SEATS = 16  # four for each thread that answers
EVERY = 1.0  # seconds between two looks at the configuration
_LABS, _CLIENTS, _CLASSIFIED = 256, 1024, 4096
_UNKNOWN = "global-default"
_INFLIGHT = (("max-requests-inflight", 400), ("max-mutating-requests-inflight", 200))
_TEXT = b"Too many requests, please try again later.\n"


class TooMany(Exception):
    """There is no seat and no place to wait: `response` is the 429."""

    def __init__(self, flow: Flow):
        super().__init__(flow.level)
        headers = [("Retry-After", "1"), ("Content-Type", "text/plain; charset=utf-8")]
        headers += [("X-Content-Type-Options", "nosniff"), *headers_of(flow)]
        self.response = HttpResponse(429, headers, _TEXT)


def headers_of(flow: Flow | None) -> list[tuple[str, str]]:
    """Return what tells a client where its request belonged."""
    if flow is None:
        return []
    return [
        ("X-Kubernetes-PF-FlowSchema-UID", flow.schema_uid),
        ("X-Kubernetes-PF-PriorityLevel-UID", flow.level_uid),
    ]


class Asker:
    """A witness that knows who asked last; each server answers on one thread."""

    def __init__(self) -> None:
        self.user = User("")

    def saw(self, exchange: Exchange) -> None:
        self.user = exchange.request.user


class LabFlows:
    """One lab's plan and seats. Threads leave what they learn; the event loop asks and waits."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.total = SEATS
        self.levels: dict[str, Level] = {}
        self._built: Plan | None = None
        self._mark: tuple[int, ...] = ()
        self._looked = 0.0
        self._users: OrderedDict[Hashable, User] = OrderedDict()
        self._flows: dict[tuple[User, Digest], Flow | None] = {}

    def learn(self, client: Hashable, server: ApiServer, user: User) -> None:
        """Note who a client is and, now and then, how the lab is configured."""
        if user.name:
            self._users[client] = user
            while len(self._users) > _CLIENTS:
                self._users.popitem(last=False)
        now = time.monotonic()
        if now - self._looked > EVERY:
            self._looked = now
            self._look(server)

    def _look(self, server: ApiServer) -> None:
        if not server.launch.is_on("enable-priority-and-fairness", True):
            self.plan, self._mark = None, ()
            return
        total = seats_of(server.launch)
        mark = (total, server.store.last_change(SCHEMAS), server.store.last_change(LEVELS))
        if mark != self._mark:
            self.total, self.plan, self._mark = total, Plan.of(server.store), mark

    def flow(self, client: Hashable, asked: Digest) -> Flow | None:
        """Return the flow of a request; None where there is no plan, or no schema for it."""
        plan = self._current()
        if plan is None:
            return None
        user = self._users.get(client)
        if user is None:
            level = plan.levels.get(_UNKNOWN)
            return Flow(_UNKNOWN, "", _UNKNOWN, level["metadata"]["uid"]) if level is not None else None
        key = (User(user.name, user.groups), asked)
        if key not in self._flows:
            if len(self._flows) >= _CLASSIFIED:
                self._flows.clear()
            self._flows[key] = plan.classify(asked, user)
        return self._flows[key]

    def _current(self) -> Plan | None:
        """Return the plan, its levels built; a level that did not change keeps its seats and queues."""
        plan = self.plan
        if plan is not self._built and plan is not None:
            seats = shares(plan.levels, self.total)
            before = self._built.levels if self._built is not None else {}
            kept = {name: level for name, level in self.levels.items() if name in before}
            self.levels = {
                name: self._level(kept.get(name), before.get(name), level, seats[name])
                for name, level in plan.levels.items()
            }
            self._flows.clear()
        self._built = plan
        return plan

    def _level(self, level: Level | None, before: Any, now: Any, seats: int) -> Level:
        if level is None or before["spec"] != now["spec"]:
            return Level(now["spec"], seats)
        level.seats = seats
        return level


def seats_of(launch: Launch) -> int:
    """Return the seats of one lab in one process."""
    asked = [launch.value(flag, str(default)) for flag, default in _INFLIGHT]
    return min(SEATS, sum(int(one) if one.isdecimal() else 0 for one in asked) or SEATS)


class Flows:
    """The seats of all labs in this process."""

    def __init__(self) -> None:
        self._labs: OrderedDict[str, LabFlows] = OrderedDict()

    def _of(self, slug: str) -> LabFlows:
        found = self._labs.get(slug)
        if found is None:
            found = self._labs[slug] = LabFlows()
            while len(self._labs) > _LABS:
                self._labs.popitem(last=False)
        return found

    def _flow(self, slug: str, client: Hashable, asked: Digest) -> Flow | None:
        """Return a request's flow; None for a lab that nobody has been answered of."""
        lab = self._labs.get(slug)
        return lab.flow(client, asked) if lab is not None else None

    def learn(self, slug: str, client: Hashable, server: ApiServer) -> None:
        """Note, on the thread that answered, who asked and how the lab is configured."""
        self._of(slug).learn(client, server, asker_of(server).user)

    @asynccontextmanager
    async def seat(self, slug: str, client: Hashable, asked: Digest) -> AsyncIterator[None]:
        """Hold a seat, after waiting for it where there is none; raises TooMany."""
        flow = self._flow(slug, client, asked)
        if flow is None:
            yield
            return
        level = self._labs[slug].levels[flow.level]
        await _seated(level, flow)
        try:
            yield
        finally:
            _give_back(level)

    def headers(self, slug: str, client: Hashable, asked: Digest) -> list[tuple[str, str]]:
        return headers_of(self._flow(slug, client, asked))

    def dump(self, slug: str) -> str:
        return levels_text(self._of(slug).levels)


async def _seated(level: Level, flow: Flow) -> None:
    ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    outcome = level.ask(flow, ticket)
    if outcome is Outcome.REFUSE:
        raise TooMany(flow)
    if outcome is Outcome.RUN:
        return
    try:
        await asyncio.wait_for(asyncio.shield(ticket), WAIT_LIMIT)
    except BaseException as error:
        if not level.leave(ticket):  # it has begun just now
            _give_back(level)
        if isinstance(error, TimeoutError):
            raise TooMany(flow) from None
        raise


def _give_back(level: Level) -> None:
    ticket = level.done()
    if isinstance(ticket, asyncio.Future):
        ticket.set_result(None)


def asker_of(server: ApiServer) -> Asker:
    """Return the server's witness of who asks; it gets one where it has none."""
    found = next((one for one in server.witnesses if isinstance(one, Asker)), None)
    if found is None:
        found = Asker()
        server.witnesses.append(found)
    return found


def client_of(scope: MutableMapping[str, Any], request: HttpRequest) -> Hashable:
    """Return what tells one client from another: its credential and whom it plays."""
    played = (request.header("impersonate-user"), tuple(request.header_values("impersonate-group")))
    return request.header("authorization"), request.header("cookie"), scope.get("client_certificate"), played


def digest_of(request: HttpRequest) -> Digest:
    return digest(request.method, request.path, request.flag("watch"))


FLOWS = Flows()
