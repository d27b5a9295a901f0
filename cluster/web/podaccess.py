"""What the API server passes through to the kubelets: logs, and requests proxied to pods and services."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.machinery.errors import internal
from cluster.web.conversation import conversation, new_session
from cluster.web.elsewhere import packed_answer, packed_request, unpacked_answer


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


async def fetch_through(lab_id: int, asked: Connection, request: HttpRequest, outer: str) -> HttpResponse:
    """Answer a proxied request with what the pod, service or node answers; `outer` is the lab's own path."""
    async with conversation(lab_id) as worker:
        reply = await worker.ask("proxy", asked=packed_answer(asked), request=packed_request(request), outer=outer)
    answer = unpacked_answer(reply)
    if isinstance(answer, HttpResponse):
        return answer
    raise internal("a proxied request led to another connection")
