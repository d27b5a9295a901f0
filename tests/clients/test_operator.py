"""An operator in a process of its own reconciles a custom resource of a lab."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

pytestmark = pytest.mark.clients

PATIENCE = 30.0
SPACE = "market"
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"replicas": {"type": "integer", "minimum": 0}}},
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}
VERSION = {
    "name": "v1",
    "served": True,
    "storage": True,
    "subresources": {"status": {}},
    "schema": {"openAPIV3Schema": SCHEMA},
}
SHOPS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "shops.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "shops", "singular": "shop", "kind": "Shop"},
        "versions": [VERSION],
    },
}


def until(wanted: Callable[[], Any]) -> Any:
    """Wait for the other process; return what was found."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if found := wanted():
                return found
        except ApiException as error:
            assert error.status == 404, error
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def api(lab_config: Path) -> Iterator[Any]:
    with config.new_client_from_config(str(lab_config)) as made:
        yield made


@pytest.fixture(scope="module")
def shops(api: Any, lab_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The custom resource is served and its operator runs."""
    client.CoreV1Api(api).create_namespace({"metadata": {"name": SPACE}})
    client.ApiextensionsV1Api(api).create_custom_resource_definition(SHOPS)
    objects = client.CustomObjectsApi(api)
    until(lambda: objects.list_namespaced_custom_object("example.com", "v1", SPACE, "shops"))
    log = tmp_path_factory.mktemp("operator") / "log"
    command = [sys.executable, "-m", "kopf", "run", str(Path(__file__).with_name("operators.py"))]
    home = {**os.environ, "KUBECONFIG": str(lab_config)}
    with log.open("w") as out:
        running = subprocess.Popen(
            [*command, "--namespace", SPACE, "--standalone"], stdout=out, stderr=subprocess.STDOUT, env=home
        )
    yield objects
    running.terminate()
    running.wait(timeout=20)
    assert "Traceback" not in log.read_text(), log.read_text()


def test_an_operator_creates_follows_and_cleans_up(api: Any, shops: Any) -> None:
    apps, core = client.AppsV1Api(api), client.CoreV1Api(api)
    where = ("example.com", "v1", SPACE, "shops")
    body = {"apiVersion": "example.com/v1", "kind": "Shop", "metadata": {"name": "bakery"}, "spec": {"replicas": 1}}
    shops.create_namespaced_custom_object(*where, body)
    made = until(lambda: apps.read_namespaced_deployment("bakery", SPACE))
    assert made.metadata.owner_references[0].kind == "Shop"

    def status() -> Any:
        return shops.get_namespaced_custom_object(*where, "bakery").get("status", {}).get("opened")

    until(lambda: status() == {"replicas": 1})
    assert shops.get_namespaced_custom_object(*where, "bakery")["metadata"]["finalizers"]

    shops.patch_namespaced_custom_object(*where, "bakery", {"spec": {"replicas": 2}})
    until(lambda: apps.read_namespaced_deployment("bakery", SPACE).status.ready_replicas == 2)
    until(lambda: status() == {"replicas": 2})

    told = until(lambda: [one for one in core.list_namespaced_event(SPACE).items if one.reason == "Opened"])
    assert (told[0].involved_object.kind, told[0].message) == ("Shop", "The shop is open.")

    shops.delete_namespaced_custom_object(*where, "bakery")
    until(lambda: core.read_namespaced_config_map("bakery-closed", SPACE))
    until(lambda: not shops.list_namespaced_custom_object(*where)["items"])
    until(lambda: not apps.list_namespaced_deployment(SPACE).items)
