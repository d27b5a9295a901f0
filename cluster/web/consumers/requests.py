"""What the worker answers in place of a web process: requests and manifests that webhooks judge, what one is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.apiserver import proxying
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.client import Client
from cluster.apiserver.http import HttpApi
from cluster.apiserver.request import ADMIN
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import Connection
from cluster.machinery.errors import bad_request
from cluster.runtime.simulation import Simulation
from cluster.web.elsewhere import packed_answer, unpacked_answer, unpacked_request, unpacked_user
from cluster.web.partials.manifest import apply_text

Arguments = Mapping[str, Any]


def answer_request(simulation: Simulation, given: Arguments) -> dict[str, Any]:
    """Answer a whole request for the user the web process has authenticated."""
    request = unpacked_request(given["request"])
    api = HttpApi(simulation.server, lambda token: None, containers=simulation.containers)
    answer = api.handle(request, unpacked_user(given["user"]))
    if isinstance(answer, Watch):
        raise bad_request("a watch is answered where it was asked")
    return packed_answer(answer)


def proxy(simulation: Simulation, given: Arguments) -> dict[str, Any]:
    """Hand a request to a pod, service or node, as the API server's proxy does."""
    asked = unpacked_answer(given["asked"])
    if not isinstance(asked, Connection):
        raise bad_request("nothing to be proxied")
    request = unpacked_request(given["request"])
    return packed_answer(proxying.answer(simulation.server, asked, request, given["outer"]))


def authorize(simulation: Simulation, given: Arguments) -> dict[str, Any]:
    """Ask the authoriser at one position of the chain."""
    authoriser = simulation.server.authorizer.chain[given["position"]]
    said = authoriser.decide(unpacked_user(given["user"]), Asked(**given["asked"]))
    return {"allowed": said.allowed, "reason": said.reason, "error": said.error}


def apply(simulation: Simulation, given: Arguments) -> dict[str, Any]:
    """Apply a text of the editor as the administrator; a check leaves no trace in the list of requests."""
    server = simulation.server
    witnesses = server.witnesses
    server.witnesses = [] if given["dry_run"] else witnesses
    try:
        return apply_text(Client(server, ADMIN, checked=True), given["text"], dry_run=given["dry_run"])
    finally:
        server.witnesses = witnesses
