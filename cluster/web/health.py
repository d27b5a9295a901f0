"""`/healthz`: pages, database and control plane, each tried for real."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from cluster.persistence.heartbeat import control_plane_is_live


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 `ok`, or 503 with what is missing."""
    try:
        live = control_plane_is_live()
    except Exception as error:  # whatever the database says, the answer is one line
        return HttpResponse(f"database: {type(error).__name__}\n", status=503, content_type="text/plain")
    if not live:
        return HttpResponse("control plane: no heartbeat\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
