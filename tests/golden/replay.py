"""A simulated cluster that holds the objects a recording needs, asked over the HTTP bridge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from cluster.apiserver.http import HttpApi
from cluster.apiserver.request import ADMIN
from cluster.apiserver.wireforms import HttpRequest, HttpResponse
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


# What a lab has beyond the bare control plane of the recordings.
NOT_RECORDED = (
    "/apis/storage.k8s.io/v1/storageclasses/standard",
    "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io",
    "/apis/apps/v1/namespaces/kube-system/deployments/metrics-server",
)


class Cluster:
    """One lab with fixtures."""

    def __init__(self) -> None:
        self.lab = Simulation.create(LabSettings(instant=True))
        self.api = HttpApi(self.lab.server, {"admin": ADMIN}.get)
        for url in NOT_RECORDED:
            self.ask("DELETE", url)
        self.lab.advance(60)

    def ask(self, method: str, url: str, body: Any = None, headers: Iterable[tuple[str, str]] = ()) -> Any:
        path, _, query = url.partition("?")
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = [("Authorization", "Bearer admin"), *headers]
        return self.api.handle(HttpRequest(method, path, query, given, raw))

    def create(self, manifest: Path) -> list[str]:
        """Create every document of a file; return what was refused."""
        refused: list[str] = []
        for document in yaml.safe_load_all(manifest.read_text()):
            if document:
                answer = self.ask("POST", self._collection(document), document, [("User-Agent", "kubectl-create/v1")])
                if answer.code >= 300:
                    refused.append(f"{document['kind']}/{document['metadata'].get('name')}: {answer.body.decode()}")
                if document["kind"] == "Namespace":
                    self.lab.advance(5)
        self.lab.advance(70)
        return refused

    def _collection(self, document: dict[str, Any]) -> str:
        group, _, version = document["apiVersion"].rpartition("/")
        kind = self.lab.server.registry.by_kind(group, document["kind"])
        assert kind is not None, document["kind"]
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        if not kind.namespaced:
            return f"{root}/{kind.plural}"
        return f"{root}/namespaces/{document['metadata'].get('namespace', 'default')}/{kind.plural}"


def body_of(answer: HttpResponse) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return answer.body.decode()


def plain(value: Any, key: str = "") -> Any:
    """Return an answer with placeholders for what differs from run to run."""
    if isinstance(value, dict):
        return {name: plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item, key) for item in value]
    if key == "resourceVersion" and value not in ("0", ""):
        return "<rv>"
    if isinstance(value, str):
        return re.sub(r"kube-api-access-\w{5}", "kube-api-access-xxxxx", _TIME.sub("<time>", _UID.sub("<uid>", value)))
    return value
