"""The kubeconfig of one lab: the address of its API, the authority that signed it, its administrator's token."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from django.conf import settings

from cluster.machinery import goyaml
from cluster.models import Lab
from cluster.persistence.pki import authority
from cluster.web.address import api_address


def kubeconfig(lab: Lab, host: str = "") -> str:
    """Return the file as YAML; `host` is the name this machine was reached by."""
    return goyaml.dump(_document(lab, api_address(host)))


def _document(lab: Lab, base: str) -> dict[str, Any]:
    cluster: dict[str, Any] = {"server": f"{base}/labs/{lab.slug}"}
    if base.startswith("https:"):
        certificate = authority(Path(settings.DATA)).pair.certificate_pem()
        cluster["certificate-authority-data"] = b64encode(certificate).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": lab.name, "cluster": cluster}],
        "users": [{"name": "kubernetes-admin", "user": {"token": lab.token}}],
        "contexts": [{"name": lab.name, "context": {"cluster": lab.name, "user": "kubernetes-admin"}}],
        "current-context": lab.name,
    }
