"""The official Python client, static and dynamic, against the running lab."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import portforward

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def api(lab_config: Path) -> Any:
    with config.new_client_from_config(str(lab_config)) as made:
        yield made


def test_objects_are_created_read_patched_and_deleted(api: Any) -> None:
    core = client.CoreV1Api(api)
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="python"), data={"a": "b"})
    assert core.create_namespaced_config_map("default", body).metadata.uid
    assert core.patch_namespaced_config_map("python", "default", {"data": {"c": "d"}}).data == {"a": "b", "c": "d"}
    core.delete_namespaced_config_map("python", "default")
    with pytest.raises(ApiException) as gone:
        core.read_namespaced_config_map("python", "default")
    assert gone.value.status == 404


def test_a_watch_yields_what_happens(api: Any) -> None:
    core = client.CoreV1Api(api)
    number = core.list_namespaced_config_map("default").metadata.resource_version
    for word in ("one", "two"):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"watched-{word}"))
        core.create_namespaced_config_map("default", body)
    seen = []
    stream = watch.Watch().stream(
        core.list_namespaced_config_map, "default", resource_version=number, timeout_seconds=5
    )
    for event in stream:
        seen.append(event["object"].metadata.name)
        if len(seen) == 2:
            break
    assert seen == ["watched-one", "watched-two"]


def test_the_dynamic_client_finds_deployments_by_discovery(api: Any) -> None:
    deployments = dynamic.DynamicClient(api).resources.get(api_version="apps/v1", kind="Deployment")
    labels = {"app": "dynamic"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "dynamic"}, "spec": spec}
    deployments.create(body=body, namespace="default")
    end = time.monotonic() + 20
    while not deployments.get(name="dynamic", namespace="default").status.readyReplicas:
        assert time.monotonic() < end
        time.sleep(0.05)
    deployments.delete(name="dynamic", namespace="default", body={})


def test_a_port_is_forwarded_over_channels(api: Any) -> None:
    core = client.CoreV1Api(api)
    container = client.V1Container(name="web", image="nginx:1.27")
    pod = client.V1Pod(metadata=client.V1ObjectMeta(name="site"), spec=client.V1PodSpec(containers=[container]))
    core.create_namespaced_pod("default", pod)
    end = time.monotonic() + 20
    while core.read_namespaced_pod("site", "default").status.phase != "Running":
        assert time.monotonic() < end
        time.sleep(0.05)
    forwarded = portforward(core.connect_get_namespaced_pod_portforward, "site", "default", ports="80")
    link, said = forwarded.socket(80), b""
    try:
        link.setblocking(True)
        link.sendall(b"GET / HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n")
        while chunk := link.recv(4096):
            said += chunk
    finally:
        link.close()
        forwarded.close()
        forwarded.websocket.close()  # which the library leaves open
    assert said.startswith(b"HTTP/1.1 200 OK\r\n") and b"Welcome to nginx!" in said
    assert forwarded.error(80) is None
