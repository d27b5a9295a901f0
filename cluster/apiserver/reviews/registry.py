"""The kinds that are answered and never stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.errors import method_not_supported

Handler = Callable[[Any, Kind, Request], Result]

REVIEWS: Mapping[str, Handler] = {}


def handler(kind: Kind, request: Request) -> Handler:
    found = REVIEWS.get(kind.resource)
    if found is None or request.verb not in kind.verbs:
        raise method_not_supported(kind.plural, kind.group, request.verb)
    return found
