"""Where the lab server can be reached, remembered in the data folder for other commands."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from cluster.models import Lab
from cluster.persistence.pki import authority
from cluster.web.entrance import new_operator_link

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}


def _file() -> Path:
    return Path(settings.DATA) / "address.json"


def remember(address: Any) -> None:
    """Keep where the server listens: `labs kubeconfig` needs it also when the server is off."""
    _file().write_text(json.dumps({"host": address.host, "port": address.port, "tls_port": address.tls_port}))


def _known() -> dict[str, Any]:
    path = _file()
    return json.loads(path.read_text()) if path.exists() else {"host": "127.0.0.1", "port": 8000, "tls_port": 8443}


def _host(host: str) -> str:
    name = _EVERYWHERE.get(host, host)
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def page_address() -> str:
    known = _known()
    return f"http://{_host(known['host'])}:{known['port']}"


def api_address(host: str = "") -> str:
    """Return the base of the Kubernetes API; over TLS unless the server has none. `host` overrides the name."""
    known = _known()
    name = _host(host or known["host"])
    return f"https://{name}:{known['tls_port']}" if known["tls_port"] else f"http://{name}:{known['port']}"


def kubeconfig(lab: Lab, host: str = "") -> str:
    """Return the kubeconfig of a lab's administrator; `host` is a name the server is reached by, if not its own."""
    server: dict[str, Any] = {"server": f"{api_address(host)}/labs/{lab.slug}"}
    if server["server"].startswith("https"):
        pem = authority(Path(settings.DATA)).pair.certificate_pem()
        server["certificate-authority-data"] = base64.b64encode(pem).decode()
    name = f"kubarium-{lab.name}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": f"{name}-admin", "user": {"token": lab.token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"{name}-admin"}}],
        "current-context": name,
    }
    return yaml.safe_dump(config, sort_keys=False)


def welcome(address: Any) -> str:
    """Return what the server prints once it listens."""
    page = f"http://{_host(address.host)}:{address.port}"
    lines = [f"Kubarium is at {page}/", f"  with the labs of the command line (once): {page}{new_operator_link()}"]
    if address.tls_port:
        lines.append(f"  Kubernetes API for kubectl: https://{_host(address.host)}:{address.tls_port}/labs/<id>/")
    return "\n".join([*lines, "Stop with Ctrl-C."])
