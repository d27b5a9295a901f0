"""Single requests to the API over one kept connection."""

from __future__ import annotations

import secrets

from cluster.management.bench.link import milliseconds, percentile
from cluster.management.bench.stage import Stage

PODS = "/api/v1/namespaces/kube-system/pods"


def get_pod(stage: Stage) -> float:
    link = stage.link()
    name = link.get(PODS)["items"][0]["metadata"]["name"]
    return percentile(milliseconds(lambda number: link.send("GET", f"{PODS}/{name}"), 500), 0.5)


def create_config_map(stage: Stage) -> float:
    link, prefix = stage.link(), f"bench-{secrets.token_hex(4)}"

    def create(number: int) -> None:
        metadata = {"name": f"{prefix}-{number}"}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}}
        link.send("POST", "/api/v1/namespaces/default/configmaps", body)

    return percentile(milliseconds(create, 300), 0.5)


def list_pods(stage: Stage) -> float:
    """Of a lab without nodes, where a thousand pods stay as they were made."""
    lab = stage.new_lab("list", nodes=0)
    link = stage.link(lab)
    container = {"name": "web", "image": "nginx:1.27", "resources": {"requests": {"cpu": "10m"}}}
    for number in range(1000):
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{number}", "labels": {"app": "web"}}}
        link.send("POST", "/api/v1/namespaces/default/pods", {**body, "spec": {"containers": [container]}})
    taken = milliseconds(lambda number: link.send("GET", "/api/v1/namespaces/default/pods"), 30)
    stage.drop("list")
    return percentile(taken, 0.5)
