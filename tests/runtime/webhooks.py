"""Webhook servers in a lab: a Deployment behind a Service, its certificate in a Secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from cluster.runtime.simulation import Simulation
from tests.certificates import TestAuthority

AUTHORITY = TestAuthority()
IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53"
FLAGS = ("--tls-cert-file=/tls/tls.crt", "--tls-private-key-file=/tls/tls.key")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def serve(
    lab: Simulation,
    name: str = "hooks",
    *,
    image: str = IMAGE,
    args: Sequence[str] = ("webhook", *FLAGS, "--port=8443"),
    config: dict[str, str] | None = None,
    authority: TestAuthority = AUTHORITY,
    host: str = "",
) -> None:
    """Run a webhook server; `config` is mounted at /etc/policy."""
    crt, key = authority.server(host or f"{name}.default.svc")
    client = lab.client()
    secret = {"metadata": {"name": f"{name}-tls"}, "type": "kubernetes.io/tls"}
    client.create("secrets", {**secret, "data": {"tls.crt": encoded(crt), "tls.key": encoded(key)}}, "default")
    client.create("configmaps", {"metadata": {"name": f"{name}-policy"}, "data": config or {}}, "default")
    client.create("deployments.apps", deployment(name, image, args), "default")
    spec = {"selector": {"app": name}, "ports": [{"port": 443, "targetPort": 8443}]}
    client.create("services", {"metadata": {"name": name}, "spec": spec}, "default")
    lab.settle()


def deployment(name: str, image: str, args: Sequence[str]) -> dict[str, Any]:
    mounts = [{"name": "tls", "mountPath": "/tls"}, {"name": "policy", "mountPath": "/etc/policy"}]
    volumes = [
        {"name": "tls", "secret": {"secretName": f"{name}-tls"}},
        {"name": "policy", "configMap": {"name": f"{name}-policy"}},
    ]
    container = {"name": name, "image": image, "args": list(args), "volumeMounts": mounts}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], "volumes": volumes}}
    return {
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
    }


def hook(path: str, *, service: str = "hooks", name: str = "check.example.com", **fields: Any) -> dict[str, Any]:
    """Return one webhook about ConfigMaps, unless `fields` say otherwise."""
    rule = {"operations": ["CREATE", "UPDATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}
    return {
        "name": name,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "clientConfig": {
            "service": {"name": service, "namespace": "default", "path": path},
            "caBundle": encoded(AUTHORITY.pem),
        },
        "rules": [rule],
        **fields,
    }


def configure(lab: Simulation, *hooks: dict[str, Any], mutating: bool = False, name: str = "config") -> None:
    kind = "mutating" if mutating else "validating"
    resource = f"{kind}webhookconfigurations.admissionregistration.k8s.io"
    lab.client().create(resource, {"metadata": {"name": name}, "webhooks": list(hooks)})


def config_map(lab: Simulation, name: str = "settings", line: str = "", **data: str) -> Any:
    """Create a ConfigMap as the learner does; return what the terminal shows."""
    words = " ".join(f"--from-literal={key.replace('_', '-')}={value}" for key, value in data.items())
    return lab.run(f"kubectl create configmap {name} {words} {line}")


def shown(lab: Simulation, resource: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lab.run(f"kubectl get {resource} {name} -o json").stdout)
    return found
