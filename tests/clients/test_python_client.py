"""The official Python client, static and dynamic, against the running lab."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import lightkube
import pytest
from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import portforward
from lightkube.models import meta_v1 as lightkube_meta
from lightkube.resources.core_v1 import ConfigMap

pytestmark = [
    pytest.mark.clients,
    # Watches of these libraries leave their sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


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


def test_the_dynamic_client_applies_on_the_server_and_watches(api: Any) -> None:
    maps = dynamic.DynamicClient(api).resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"a": "1"}}
    first = maps.server_side_apply(body=body, namespace="default", field_manager="ada")
    assert first.metadata.managedFields[0].operation == "Apply"
    with pytest.raises(dynamic.exceptions.ConflictError):
        maps.server_side_apply(body={**body, "data": {"a": "2"}}, namespace="default", field_manager="bob")
    number = first.metadata.resourceVersion
    maps.server_side_apply(body={**body, "data": {"a": "3"}}, namespace="default", field_manager="ada")
    events = maps.watch(namespace="default", name="applied", resource_version=number, timeout=5)
    event = next(iter(events))
    assert (event["type"], event["object"].data.a) == ("MODIFIED", "3")
    maps.delete(name="applied", namespace="default", body={})


def test_the_dynamic_client_discovers_a_new_resource(api: Any) -> None:
    names = {"plural": "pets", "singular": "pet", "kind": "Pet"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    spec = {"group": "zoo.example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    body = {"metadata": {"name": "pets.zoo.example.com"}, "spec": spec}
    client.ApiextensionsV1Api(api).create_custom_resource_definition(body)
    end = time.monotonic() + 20
    while True:
        try:
            pets = dynamic.DynamicClient(api).resources.get(api_version="zoo.example.com/v1", kind="Pet")
            break
        except dynamic.exceptions.ResourceNotFoundError:
            assert time.monotonic() < end
            time.sleep(0.1)
    body = {"apiVersion": "zoo.example.com/v1", "kind": "Pet", "metadata": {"name": "tom"}, "legs": 4}
    pets.create(body=body, namespace="default")
    assert [one.legs for one in pets.get(namespace="default").items] == [4]
    client.ApiextensionsV1Api(api).delete_custom_resource_definition("pets.zoo.example.com")


def test_lightkube_applies_lists_and_watches(lab_config: Path) -> None:
    where = lightkube.KubeConfig.from_file(lab_config).get()
    kube = lightkube.Client(where, namespace="default", field_manager="light")
    meta = lightkube_meta.ObjectMeta(name="light", namespace="default", labels={"by": "lightkube"})
    made = kube.apply(ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=meta, data={"a": "1"}))
    number = made.metadata.resourceVersion
    assert [one.metadata.name for one in kube.list(ConfigMap, labels={"by": "lightkube"})] == ["light"]
    kube.patch(ConfigMap, "light", {"data": {"a": "2"}})
    verb, seen = next(kube.watch(ConfigMap, labels={"by": "lightkube"}, resource_version=number, server_timeout=5))
    assert (verb, seen.data) == ("MODIFIED", {"a": "2"})
    kube.delete(ConfigMap, "light")
