"""One request with its answer, as those are told who write it down: the gates' recorder and the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cluster.apiserver.request import Request
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and answered. The request carries its verdicts; `ended` is the lab's time in seconds."""

    request: Request
    code: int
    ended: float
    answer: Object | None = None
    error: StatusError | None = None


class Witness(Protocol):
    """Told of every exchange of one API server, in order, right after it; must not change what it is shown."""

    def saw(self, exchange: Exchange) -> None: ...
