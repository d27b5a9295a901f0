"""A file of the learner's terminal, opened and saved by the web editor. The worker keeps the files."""

from __future__ import annotations

import json

from asgiref.sync import async_to_sync
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from cluster.machinery.errors import StatusError
from cluster.web.conversation import conversation
from cluster.web.users import lab_or_404

LIMIT = 1024 * 1024


@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, slug: str) -> HttpResponse:
    lab = lab_or_404(request, slug)
    path = request.GET.get("path", "")
    try:
        return _save(request, lab.pk, path) if request.method == "POST" else _show(lab.pk, path)
    except StatusError as failure:
        return JsonResponse({"error": failure.message}, status=failure.code)


def _show(lab_id: int, path: str) -> HttpResponse:
    """A file that is not there yet opens empty, as in any editor."""
    if not path.startswith("/"):
        raise Http404("no such file")
    return JsonResponse({"path": path, "text": async_to_sync(_ask)(lab_id, "file.read", path=path) or ""})


def _save(request: HttpRequest, lab_id: int, path: str) -> HttpResponse:
    try:
        text = json.loads(request.body)["text"]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        text = None
    if not isinstance(text, str) or not path.startswith("/") or len(text) > LIMIT:
        return JsonResponse({"error": "a JSON object with `text` is expected"}, status=400)
    async_to_sync(_ask)(lab_id, "file.write", path=path, text=text)
    return JsonResponse({"path": path})


async def _ask(lab_id: int, call: str, **given: str) -> str | None:
    async with conversation(lab_id) as worker:
        answer: str | None = await worker.ask(call, **given)
        return answer
