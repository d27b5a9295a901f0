"""Addresses of the pages and their fragments."""

from __future__ import annotations

from django.urls import path

from cluster.web.pages import home, honesty, lab, requests
from cluster.web.partials import apply, files, objects, schema

urlpatterns = [
    path("simulated/", honesty.show, name="honesty"),
    path("labs/", home.create_lab, name="create_lab"),
    path("labs/<slug:slug>/", lab.show, name="lab"),
    path("labs/<slug:slug>/delete/", home.delete_lab, name="delete_lab"),
    path("labs/<slug:slug>/outline/", lab.show_outline, name="outline"),
    path("labs/<slug:slug>/kubeconfig", lab.download_kubeconfig, name="kubeconfig"),
    path("labs/<slug:slug>/requests/", requests.show_list, name="requests"),
    path("labs/<slug:slug>/requests/<int:serial>/", requests.show_request, name="request"),
    path("labs/<slug:slug>/requests/<int:serial>.txt", requests.show_text, name="request_text"),
    path("labs/<slug:slug>/apply/", apply.apply, name="apply"),
    path("labs/<slug:slug>/file/", files.file, name="file"),
    path("labs/<slug:slug>/kinds.json", schema.kinds, name="kinds"),
    path("labs/<slug:slug>/schema/<str:group>/<str:version>/<str:kind>.json", schema.schema, name="schema"),
    path("labs/<slug:slug>/objects/<str:resource>/<str:where>/<str:named>/", objects.show, name="object"),
]
