"""Requests that a web process cannot answer alone: webhooks judge them, and those run with the lab's worker.

What an admission webhook is to see is answered by the worker as a whole. What an authorisation webhook is asked
is asked by the worker, and the request is tried again with the answer. Every other request never comes here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.authz.opinion import Authoriser, Opinion
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.authz.webhook import Unasked, WebhookAuthorizer
from cluster.apiserver.callout import NotHere
from cluster.apiserver.http import Answer
from cluster.apiserver.request import User
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.machinery.errors import internal
from cluster.web.conversation import Conversation, conversation
from cluster.web.gate import Door

QUESTIONS = 50  # more authorisation questions than one request asks
Value = dict[str, Any]


@dataclass(slots=True)
class Answered:
    """What was found: the lab and its answer."""

    door: Door
    answer: Answer


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the authoriser at `position` of the chain said."""

    position: int
    user: User
    asked: Asked
    said: Opinion

    def teach(self, chain: Sequence[Authoriser]) -> None:
        authoriser = chain[self.position] if self.position < len(chain) else None
        if isinstance(authoriser, WebhookAuthorizer):
            authoriser.learn(self.user, self.asked, self.said)


class Missing(Exception):
    """What was lacking to answer a request of `door`'s lab; `who` really asks."""

    def __init__(self, door: Door, who: User, cause: NotHere, chain: Sequence[Authoriser]):
        super().__init__(str(cause))
        self.door = door
        self.who = who
        self.question = cause if isinstance(cause, Unasked) else None
        self.position = chain.index(self.question.authorizer) if self.question else -1


async def complete(attempt: Callable[[Sequence[Learnt]], Awaitable[Answered]], request: HttpRequest) -> Answered:
    """Attempt until nothing is missing, or let the worker answer."""
    learnt: list[Learnt] = []
    for _ in range(QUESTIONS):
        try:
            return await attempt(learnt)
        except Missing as missing:
            async with conversation(missing.door.lab_id) as worker:
                if missing.question is None:
                    return Answered(missing.door, await _executed(worker, request, missing.who))
                learnt.append(await _asked(worker, missing.position, missing.question))
    raise internal("the authorization webhook was asked too often")


async def _asked(worker: Conversation, position: int, question: Unasked) -> Learnt:
    user, asked = question.user, question.asked
    fields = {name: getattr(asked, name) for name in Asked.__slots__}
    said = await worker.ask("authorize", position=position, user=packed_user(user), asked=fields)
    return Learnt(position, user, asked, Opinion(said["allowed"], said["reason"], error=said["error"], lasting=False))


async def _executed(worker: Conversation, request: HttpRequest, who: User) -> HttpResponse | Connection:
    return unpacked_answer(await worker.ask("request", user=packed_user(who), request=packed_request(request)))


def packed_request(request: HttpRequest) -> Value:
    """Return a request as a message can carry it; whose it is is told apart."""
    headers = [[name, value] for name, value in request.headers if name.lower() != "authorization"]
    fields = {name: getattr(request, name) for name in ("method", "path", "query", "body", "source")}
    return {**fields, "headers": headers}


def unpacked_request(given: Mapping[str, Any]) -> HttpRequest:
    headers = [(str(name), str(value)) for name, value in given["headers"]]
    return HttpRequest(given["method"], given["path"], given["query"], headers, given["body"], given["source"])


def packed_user(user: User) -> Value:
    extra = {key: list(values) for key, values in user.extra.items()}
    return {"name": user.name, "groups": list(user.groups), "uid": user.uid, "extra": extra}


def unpacked_user(given: Mapping[str, Any]) -> User:
    extra = {key: tuple(values) for key, values in given["extra"].items()}
    return User(given["name"], tuple(given["groups"]), given["uid"], extra)


def packed_answer(answer: HttpResponse | Connection) -> Value:
    """Return an answer as a message can carry it."""
    if isinstance(answer, HttpResponse):
        return {"code": answer.code, "headers": [list(pair) for pair in answer.headers], "body": answer.body}
    fields = {name: getattr(answer, name) for name in Connection.__slots__ if name != "user"}
    fields |= {"argv": list(answer.argv), "ports": list(answer.ports), "options": dict(answer.options)}
    return {"connection": fields, "user": packed_user(answer.user)}


def unpacked_answer(given: Mapping[str, Any]) -> HttpResponse | Connection:
    if "connection" not in given:
        headers = [(str(name), str(value)) for name, value in given["headers"]]
        return HttpResponse(given["code"], headers, given["body"])
    fields = dict(given["connection"])
    fields |= {"argv": tuple(fields["argv"]), "ports": tuple(fields["ports"])}
    return Connection(user=unpacked_user(given["user"]), **fields)
