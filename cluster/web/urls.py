"""Addresses of this part of the site; the Kubernetes API is not among them, it is mounted in `labsite.asgi`."""

from __future__ import annotations

from cluster.web.urls_pages import urlpatterns

__all__ = ["urlpatterns"]
