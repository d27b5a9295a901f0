"""What our defaults make of public manifests, against the objects a real API server returned for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from cluster.kinds import wire
from cluster.kinds.registry import REGISTRY
from tests.golden.shared import MANIFESTS, files, read

RESULTS = files(MANIFESTS, "**/*.result.json")
# What the server itself, allocation or an admission plugin adds to what a kind's own defaults make.
SERVER = {"uid", "creationTimestamp", "resourceVersion", "managedFields", "generation", "finalizers", "namespace"}
PLACEHOLDER = re.compile(rb"\b10\.24\d\.\d+\.\d+\b")  # what the recording took for a pod's address
OTHERS = {
    "Pod": {"priority", "preemptionPolicy", "serviceAccount", "serviceAccountName", "tolerations"},
    "Service": {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"},
}


def documents(result: Path) -> list[dict[str, Any]]:
    base = result.name.removesuffix(".result.json")
    paths = [result.parent / (base + end) for end in (".yaml", ".yml", ".json")]
    source = next(path for path in paths if path.exists())
    found = [one for one in yaml.safe_load_all(source.read_text()) if one]
    return [item for one in found for item in (one.get("items", [one]))]


def stored(document: dict[str, Any]) -> dict[str, Any] | None:
    group, _, version = document["apiVersion"].rpartition("/")
    kind = REGISTRY.by_kind(group, document["kind"])
    if kind is None:
        return None
    draft = wire.normalise(group, version, kind.kind, orjson.loads(orjson.dumps(document)))
    if version in kind.convert:
        draft = kind.convert[version][0](draft)
    kind.default(draft)
    kind.prepare_create(draft)
    draft["metadata"]["uid"] = "<uid>"
    kind.finish_create(draft)
    return kind.convert[version][1](draft) if version in kind.convert else draft


def trimmed(obj: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the kind does not decide, unless the manifest gave it."""
    obj = orjson.loads(PLACEHOLDER.sub(b"<podIP>", orjson.dumps(obj)))
    obj["metadata"] = {field: value for field, value in obj["metadata"].items() if field not in SERVER}
    obj.get("status", {}).pop("lastPhaseTransitionTime", None)
    spec = obj.get("spec") or {}
    for field in OTHERS.get(obj["kind"], set()):
        if field not in (given.get("spec") or {}) or field == "tolerations":
            spec.pop(field, None)
    if obj["kind"] == "Pod":
        without_token(spec)
    for port in spec.get("ports") or ():
        port.pop("nodePort", None)
    return obj


def without_token(spec: dict[str, Any]) -> None:
    """Take out the service account token that admission mounts."""
    spec["volumes"] = [one for one in spec.get("volumes") or () if not one["name"].startswith("kube-api-access")]
    for field in ("containers", "initContainers"):
        for container in spec.get(field) or ():
            mounts = container.get("volumeMounts") or ()
            container["volumeMounts"] = [one for one in mounts if not one["name"].startswith("kube-api-access")]


@pytest.mark.parametrize("result", RESULTS, ids=lambda path: path.name.removesuffix(".result.json"))
def test_a_manifest_gets_the_defaults_of_the_real_server(result: Path) -> None:
    recorded = read(result).get("created") or []
    given = {(one["kind"], one["metadata"].get("name")): one for one in documents(result)} if recorded else {}
    for real in recorded:
        document = given[real["kind"], real["metadata"]["name"]]
        ours = stored(document)
        assert ours is not None
        assert trimmed(ours, document) == trimmed(real, document)
