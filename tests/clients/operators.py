"""An operator written with kopf: a Shop becomes a Deployment and a ConfigMap. Run by `kopf run`, as a person would."""

from __future__ import annotations

from typing import Any

import kopf
from kubernetes import client, config


def _deployment(name: str, spec: Any) -> dict[str, Any]:
    labels = {"shop": name}
    container = {"name": "web", "image": spec.get("image", "nginx")}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    wanted = {"replicas": spec["replicas"], "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": wanted}


@kopf.on.startup()
def log_in(settings: kopf.OperatorSettings, **_: Any) -> None:
    config.load_kube_config()
    settings.posting.level = 20  # informational Events, too


@kopf.on.create("shops.example.com")
def opened(name: str, namespace: str, spec: Any, body: kopf.Body, **_: Any) -> dict[str, Any]:
    wanted = _deployment(name, spec)
    kopf.adopt(wanted)
    client.AppsV1Api().create_namespaced_deployment(namespace, wanted)
    sign = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-sign"}, "data": {"open": "yes"}}
    kopf.adopt(sign)
    client.CoreV1Api().create_namespaced_config_map(namespace, sign)
    kopf.info(body, reason="Opened", message="The shop is open.")
    return {"replicas": spec["replicas"]}


@kopf.on.update("shops.example.com", field="spec.replicas")
def grown(name: str, namespace: str, new: int, patch: kopf.Patch, **_: Any) -> None:
    client.AppsV1Api().patch_namespaced_deployment(name, namespace, {"spec": {"replicas": new}})
    patch.status["opened"] = {"replicas": new}


@kopf.on.delete("shops.example.com")
def closed(name: str, namespace: str, **_: Any) -> None:
    body = {"metadata": {"name": f"{name}-closed"}, "data": {"bye": "yes"}}
    client.CoreV1Api().create_namespaced_config_map(namespace, body)
