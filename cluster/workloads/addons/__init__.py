"""What kubeadm puts into a new cluster: CoreDNS and kube-proxy as objects, the control plane as static pods.

Our own text in kubeadm's form. Certificates and kubeconfigs are named but have no content.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ADDONS = ("kube-proxy.yaml", "coredns.yaml")
OPTIONAL = {"metrics-server": "metrics-server.yaml", "local-path": "local-path.yaml"}
STATIC = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
FOLDER = "/etc/kubernetes/manifests"
VERSION = "v1.36.2"


@cache
def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def addon_objects(*optional: str, dns_ip: str = "10.96.0.10", domain: str = "cluster.local") -> list[dict[str, Any]]:
    """Return the objects to create in a new cluster, in order, with the named optional ones."""
    found = []
    for name in (*ADDONS, *(OPTIONAL[each] for each in optional)):
        text = _text(name).replace("{dns_ip}", dns_ip).replace("{domain}", domain).replace("{version}", VERSION)
        found += [document for document in yaml.load_all(text, Loader=_LOADER) if document]
    return found


def static_manifests(node: str, address: str, *, pod_cidr: str, service_cidr: str) -> dict[str, str]:
    """Return path → text of the control plane's manifests on a machine's own disk."""
    words = {"node": node, "address": address, "pod_cidr": pod_cidr, "service_cidr": service_cidr, "version": VERSION}
    found = {}
    for name in STATIC:
        text = _text(f"static/{name}.yaml")
        for word, value in words.items():
            text = text.replace("{" + word + "}", value)
        found[f"{FOLDER}/{name}.yaml"] = text
    return found
