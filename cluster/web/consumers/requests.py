"""What the worker answers in place of a web process: requests that webhooks judge, and what one is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.http import HttpApi
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.errors import bad_request
from cluster.runtime.simulation import Simulation
from cluster.web.elsewhere import packed_answer, unpacked_user

Arguments = Mapping[str, Any]


def answer_request(simulation: Simulation, given: Arguments) -> dict[str, Any]:
    """Answer a whole request for the user the web process has authenticated."""
    headers = [(name, value) for name, value in given["headers"] if name.lower() != "authorization"]
    request = HttpRequest(
        given["method"], given["path"], given["query"], headers, given["body"], source=given["source"]
    )
    api = HttpApi(simulation.server, lambda token: None, containers=simulation.containers)
    answer = api.handle(request, unpacked_user(given["user"]))
    if isinstance(answer, Watch):
        raise bad_request("a watch is answered where it was asked")
    return packed_answer(answer)


def authorize(simulation: Simulation, given: Arguments) -> dict[str, Any]:
    """Ask the authoriser at one position of the chain."""
    authoriser = simulation.server.authorizer.chain[given["position"]]
    said = authoriser.decide(unpacked_user(given["user"]), Asked(**given["asked"]))
    return {"allowed": said.allowed, "reason": said.reason, "error": said.error}
