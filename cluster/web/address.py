"""Where the lab server can be reached, remembered in the data folder for other commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

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


def welcome(address: Any) -> str:
    """Return what the server prints once it listens."""
    page = f"http://{_host(address.host)}:{address.port}"
    lines = [f"Kubarium is at {page}/", f"  with the labs of the command line (once): {page}{new_operator_link()}"]
    if address.tls_port:
        lines.append(f"  Kubernetes API for kubectl: https://{_host(address.host)}:{address.tls_port}/labs/<id>/")
    return "\n".join([*lines, "Stop with Ctrl-C."])
