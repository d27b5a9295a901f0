"""What the API server passes through to the kubelets: logs, and requests proxied to pods and services."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping
from typing import Any

from cluster.apiserver.wireforms import Connection, HttpResponse
from cluster.machinery.errors import StatusError
from cluster.web.conversation import conversation, new_session


async def read_logs(lab_id: int, asked: Connection) -> HttpResponse:
    async with conversation(lab_id) as worker:
        text = await worker.ask("logs", namespace=asked.namespace, pod=asked.name, options=dict(asked.options))
    return HttpResponse(200, [("Content-Type", "text/plain")], text)


async def stream_logs(lab_id: int, asked: Connection) -> AsyncIterator[bytes]:
    """Yield what is there, then what comes, until the container ends."""
    session = new_session()
    async with conversation(lab_id) as worker:
        where = {"namespace": asked.namespace, "pod": asked.name, "container": asked.container}
        await worker.ask("logs.follow", session=session, options=dict(asked.options), **where)
        try:
            async for message in worker.messages():
                if message["type"] == "output":
                    yield message["data"]
                elif message["type"] == "end":
                    return
        finally:
            await worker.tell("leave", session=session)


async def fetch_through(lab_id: int, asked: Connection, scope: MutableMapping[str, Any]) -> HttpResponse:
    """Answer a proxied request with what the pod or service answers."""
    async with conversation(lab_id) as worker:
        reply = await worker.ask(
            "proxy",
            resource=asked.resource,
            namespace=asked.namespace,
            target=asked.options.get("target", asked.name),
            path=asked.path,
            method=scope.get("method", "GET"),
            headers=[],
            body=b"",
        )
    if reply["error"]:
        raise StatusError(503, "ServiceUnavailable", f"error trying to reach service: {reply['error']}")
    return HttpResponse(reply["status"], [tuple(pair) for pair in reply["headers"]], reply["body"])
