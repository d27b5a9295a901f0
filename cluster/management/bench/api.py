"""Requests over HTTPS with keep-alive, as a client library sends them."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.management.bench.figure import Bench, Figure, percentile
from cluster.management.bench.server import open_lab, server

PODS = 1000


def measure(bench: Bench) -> Sequence[Figure]:
    with server(bench.folder / "api") as running:
        api = open_lab(running, "api", "--instant", "--nodes", "20")
        get = [api.timed("GET", "/api/v1/namespaces/kube-system/pods/etcd-cp-1") for _ in range(300)]
        post = [api.timed("POST", "/api/v1/namespaces/default/configmaps", _config_map()) for _ in range(200)]
        for _ in range(PODS):
            api.send("POST", "/api/v1/namespaces/default/pods", _pod())
        lists = [api.timed("GET", "/api/v1/namespaces/default/pods") for _ in range(15)]
    return [
        Figure("GET one pod, HTTPS, p50", percentile(get, 0.5), 2.0, "ms"),
        Figure("create one ConfigMap, HTTPS, p50", percentile(post, 0.5), 5.0, "ms"),
        Figure("LIST 1,000 pods, p50", percentile(lists, 0.5), 30.0, "ms"),
    ]


def _config_map() -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "c-"}, "data": {"key": "value"}}


def _pod() -> dict[str, object]:
    container = {"name": "web", "image": "nginx:1.27"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "p-"}, "spec": {"containers": [container]}}
