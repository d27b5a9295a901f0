"""Every address of the site that Django serves; the Kubernetes API is mounted beside it in `labsite.asgi`."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from cluster.web.entrance import enter, enter_lab
from cluster.web.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", set_language, name="set_language"),
    path("enter/<str:word>/", enter, name="enter"),
    path("labs/<slug:slug>/enter/<str:token>/", enter_lab, name="enter_lab"),
    path("", include("lessons.web.urls")),
    path("", include("cluster.web.urls_pages")),
]
