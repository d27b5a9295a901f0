"""Public manifests through our API server: taken or refused as a real one took or refused them.

The objects that come back carry everything a create does: decoding, defaults, admission, allocation.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from cluster.apiserver.client import Client
from cluster.apiserver.local import admin, local_server
from cluster.kinds.registry import REGISTRY
from cluster.machinery.errors import StatusError
from tests.golden.shared import MANIFESTS, files, read

RESULTS = files(MANIFESTS, "**/*.result.json")
NAMESPACE = "lab"
SERVER = {"uid", "creationTimestamp", "resourceVersion", "managedFields", "generation"}
PLACEHOLDER = re.compile(r"<[a-zA-Z]+>|\b10\.(9[6-9]|10\d|11[01]|24\d)\.\d+\.\d+\b|kube-api-access-\w{5}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def documents(result: Path) -> list[dict[str, Any]]:
    base = result.name.removesuffix(".result.json")
    paths = [result.parent / (base + end) for end in (".yaml", ".yml", ".json")]
    source = next(path for path in paths if path.exists())
    found = [one for one in yaml.safe_load_all(source.read_text()) if one]
    listed = [item for one in found for item in one.get("items", [one])]
    return [orjson.loads(orjson.dumps(one, option=orjson.OPT_NON_STR_KEYS)) for one in listed]


def cluster() -> Client:
    client = admin(local_server())
    client.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for namespace in (NAMESPACE, "default", "kube-system"):
        account = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": namespace},
        }
        client.create("serviceaccounts", account)
    return client


def applied(client: Client, document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Create one document as `kubectl apply` would; return the object and the warnings."""
    group, _, version = document["apiVersion"].rpartition("/")
    kind = REGISTRY.by_kind(group, document["kind"])
    if kind is None or version not in (kind.version, *kind.other_versions):
        raise LookupError(f'no matches for kind "{document["kind"]}" in version "{document["apiVersion"]}"')
    where = (document["metadata"].get("namespace") or NAMESPACE) if kind.namespaced else ""
    answer = client.request(
        "create", kind.resource, version=version, body=document, namespace=where, field_validation="Strict"
    )
    return answer.object, answer.warnings


def masked(value: Any) -> Any:
    """Put one mark for everything a recording writes as a placeholder."""
    if isinstance(value, dict):
        return {masked(key): masked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one) for one in value]
    if isinstance(value, str):
        return PLACEHOLDER.sub("*", MOMENT.sub("*", UUID.sub("*", value)))
    return value


def comparable(obj: dict[str, Any]) -> dict[str, Any]:
    kept = {field: value for field, value in obj["metadata"].items() if field not in SERVER}
    result: dict[str, Any] = masked({**obj, "metadata": kept})
    for port in (result.get("spec") or {}).get("ports") or ():
        if isinstance(port, dict) and "nodePort" in port:
            port["nodePort"] = "*"
    return result


@pytest.mark.parametrize("result", RESULTS, ids=lambda path: path.name.removesuffix(".result.json"))
def test_a_manifest_is_taken_as_the_real_server_took_it(result: Path) -> None:
    recorded = read(result)
    client = cluster()
    warnings: list[str] = []
    refusals: list[str] = []
    made: dict[tuple[str, str], dict[str, Any]] = {}
    for document in documents(result):
        try:
            obj, said = applied(client, document)
        except StatusError as error:
            causes = error.details.get("causes") or ()
            refusals += [f"{one['field']}: {one['message']}" for one in causes] or [error.message]
        except LookupError as error:
            refusals.append(str(error))
        else:
            warnings += said
            made[obj["kind"], obj["metadata"]["name"]] = obj
    stderr = recorded["apply"]["stderr"]
    assert bool(refusals) == (recorded["apply"]["rc"] != 0), (refusals, stderr)
    assert all(refusal in stderr for refusal in refusals), (refusals, stderr)
    told = [line.removeprefix("Warning: ") for line in stderr.splitlines() if line.startswith("Warning: ")]
    if not refusals:
        assert sorted(set(warnings)) == sorted(set(told))
    for real in recorded.get("created") or ():
        if (real["kind"], real["metadata"]["name"]) in made:
            assert comparable(made[real["kind"], real["metadata"]["name"]]) == comparable(real)
