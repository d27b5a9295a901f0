"""Who asks: the kubeconfig's user or the flags', known by the API server; then impersonation by --as.

The place's door `identify` takes the credentials. Where none is wired the door `client` speaks as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.apiserver.asking import NOBODY
from cluster.apiserver.authn.frontdoor import FrontDoor
from cluster.apiserver.authn.impersonation import impersonated
from cluster.apiserver.client import Client
from cluster.apiserver.request import ANONYMOUS, Request, Result, User, Verdict
from cluster.kubectl import credentials
from cluster.kubectl.config import KubeConfig
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Parsed
from cluster.machinery.errors import StatusError, Unreachable
from cluster.workloads.process import Call


class Unheard(Client):
    """A client that nobody lets in: its first request fails, but commands that send none work."""

    def __init__(self, door: Client, why: Exception, said: Sequence[Verdict] = ()):
        super().__init__(door.server, ANONYMOUS, manager=door.manager, cause=door.cause, checked=door.checked)
        self._why = why
        self.verdicts = tuple(said)

    def because(self, cause: str) -> Client:
        return self

    def as_user(self, user: User, *, impersonated: bool = False) -> Client:
        return self

    def request(self, verb: str, resource: str, **fields: Any) -> Result:
        if isinstance(self._why, StatusError) and not isinstance(self._why, Unreachable):
            plural, _, group = resource.partition(".")
            place = {field: fields[field] for field in ("namespace", "name", "subresource") if fields.get(field)}
            request = Request(verb, NOBODY, group=group, resource=plural, verdicts=list(self.verdicts), **place)
            self.server.tell(request, self._why.code, error=self._why)
        raise self._why


def client(call: Call, config: KubeConfig, flags: Parsed) -> Client:
    """Return the client that speaks for whoever the configuration and the flags name."""
    door = call.place.services.get("client")
    if door is None:
        raise CommandError(
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
            bare=True,
        )
    inside: Client = door
    front = call.place.services.get("identify")
    said: list[Verdict] = []
    try:
        return _plain(inside, flags) if front is None else _known(front, config, flags, call.place.now(), said)
    except (CommandError, StatusError) as why:
        return Unheard(inside, why, said)


def _known(front: FrontDoor, config: KubeConfig, flags: Parsed, now: float, said: list[Verdict]) -> Client:
    given = credentials.given(config, flags)
    why = front.distrust(given.roots, now) if given.roots else ""
    if why:
        raise CommandError(f"Unable to connect to the server: {why}", bare=True)
    return front.enter(given.token, given.certificate, given.wanted, said)


def _plain(speaker: Client, flags: Parsed) -> Client:
    other = impersonated(speaker.server, speaker.user, credentials.wanted({}, flags))
    return speaker if other is speaker.user else speaker.as_user(other, impersonated=True)
