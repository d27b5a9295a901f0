"""The editor's Apply: a text in, what became of each document out."""

from __future__ import annotations

import json
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from cluster.apiserver.callout import NotHere
from cluster.machinery.errors import StatusError
from cluster.persistence.requests import Held
from cluster.web.conversation import conversation
from cluster.web.pages.access import writer_of
from cluster.web.partials.manifest import apply_text
from cluster.web.users import lab_or_404

LIMIT = 3 * 1024 * 1024  # an API server's own limit of a request body


@require_POST
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    lab = lab_or_404(request, slug)
    asked = _asked(request)
    if asked is None:
        return JsonResponse({"error": "a JSON object with `text` is expected"}, status=400)
    text, dry_run = asked
    if len(text.encode("utf-8", "replace")) > LIMIT:
        return JsonResponse({"error": f"Request entity too large: limit is {LIMIT}"}, status=413)
    client = writer_of(lab)
    held = Held(lab.pk, client.server, "page")
    held.attend()
    try:
        answer = apply_text(client, text, dry_run=dry_run)
    except NotHere:
        held.release(undone=True)
        return _by_the_worker(lab.pk, text, dry_run)
    held.release(undone=dry_run or answer["failed"])
    return JsonResponse(answer)


def _by_the_worker(lab_id: int, text: str, dry_run: bool) -> HttpResponse:
    """What webhooks of the lab are to judge is applied where they run."""
    try:
        return JsonResponse(async_to_sync(_ask)(lab_id, text, dry_run))
    except StatusError as failure:
        return JsonResponse({"error": failure.message}, status=failure.code)


async def _ask(lab_id: int, text: str, dry_run: bool) -> dict[str, Any]:
    async with conversation(lab_id) as worker:
        answer: dict[str, Any] = await worker.ask("apply", text=text, dry_run=dry_run)
        return answer


def _asked(request: HttpRequest) -> tuple[str, bool] | None:
    try:
        body = json.loads(request.body)
    except (ValueError, UnicodeDecodeError):
        return None
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        return None
    return body["text"], bool(body.get("dryRun"))
