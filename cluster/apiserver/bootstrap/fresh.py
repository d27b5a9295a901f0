"""What an API server creates when it starts on an empty store.

The address it advertises is the control-plane machine's; further objects of a kubeadm cluster are the
runtime's presets. Simplified: the authority that signs for front proxies is the cluster's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from cluster.apiserver.bootstrap import flowcontrol, roles
from cluster.apiserver.request import LOOPBACK, Request
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
PORT = 6443
_CRITICAL = {
    "system-cluster-critical": (
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
    "system-node-critical": (
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
}
_REQUEST_HEADERS = {
    "requestheader-allowed-names": '["front-proxy-client"]',
    "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-username-headers": '["X-Remote-User"]',
}
_API_PRIORITIES = {
    "": (18000, 1),
    "apps": (17800, 15),
    "events.k8s.io": (17750, 15),
    "authentication.k8s.io": (17700, 15),
    "authorization.k8s.io": (17600, 15),
    "autoscaling": (17500, 15),
    "batch": (17400, 15),
    "certificates.k8s.io": (17300, 15),
    "networking.k8s.io": (17200, 15),
    "policy": (17100, 15),
    "rbac.authorization.k8s.io": (17000, 15),
    "storage.k8s.io": (16800, 15),
    "admissionregistration.k8s.io": (16700, 15),
    "apiextensions.k8s.io": (16700, 15),
    "scheduling.k8s.io": (16600, 15),
    "coordination.k8s.io": (16500, 15),
    "node.k8s.io": (16300, 15),
    "discovery.k8s.io": (16200, 15),
    "resource.k8s.io": (16200, 21),
    "flowcontrol.apiserver.k8s.io": (16100, 21),
}


def install(server: ApiServer, address: str = "172.18.0.2", ca: str = "") -> None:
    """Create what is not there yet; running it again changes nothing. `ca` is the PEM text clients are verified by."""
    with server.store.transaction():
        for resource, namespace, obj in (*_objects(server, address), *_config_maps(server, ca)):
            _create_missing(server, resource, namespace, obj)
        _set_statuses(server)


def _objects(server: ApiServer, address: str) -> Iterator[tuple[str, str, Object]]:
    """Yield (resource, namespace, object) in the order they are made."""
    for name in NAMESPACES:
        yield "namespaces", "", {"metadata": {"name": name}}
    rbac = "rbac.authorization.k8s.io"
    yield from _all(f"clusterroles.{rbac}", roles.cluster_roles())
    yield from _all(f"clusterrolebindings.{rbac}", roles.cluster_role_bindings())
    yield from _all(f"roles.{rbac}", roles.roles())
    yield from _all(f"rolebindings.{rbac}", roles.role_bindings())
    for name, (value, text) in _CRITICAL.items():
        yield "priorityclasses.scheduling.k8s.io", "", {"metadata": {"name": name}, "value": value, "description": text}
    yield from _all("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", flowcontrol.levels())
    yield from _all("flowschemas.flowcontrol.apiserver.k8s.io", flowcontrol.schemas())
    yield from _all("apiservices.apiregistration.k8s.io", _api_services(server))
    yield from _network(server, address)


def _all(resource: str, objects: Iterable[Object]) -> Iterator[tuple[str, str, Object]]:
    for obj in objects:
        yield resource, obj["metadata"].get("namespace", ""), obj


def _api_services(server: ApiServer) -> Iterator[Object]:
    label = {"kube-aggregator.kubernetes.io/automanaged": "onstart"}
    for group, (minimum, priority) in _API_PRIORITIES.items():
        for position, version in enumerate(server.registry.versions(group)):
            first_of_two = position == 0 and len(server.registry.versions(group)) > 1
            spec: Object = {"version": version, "groupPriorityMinimum": minimum}
            spec["versionPriority"] = 30 if first_of_two else priority
            if group:
                spec["group"] = group
            yield {"metadata": {"name": f"{version}.{group}", "labels": label}, "spec": spec}


def _network(server: ApiServer, address: str) -> Iterator[tuple[str, str, Object]]:
    cidr = server.config.service_cidr
    finalizer = "networking.k8s.io/service-cidr-finalizer"
    metadata: Object = {"name": "kubernetes", "finalizers": [finalizer]}
    yield "servicecidrs.networking.k8s.io", "", {"metadata": metadata, "spec": {"cidrs": [cidr]}}
    port = {"name": "https", "port": 443, "protocol": "TCP", "targetPort": PORT}
    labels = {"component": "apiserver", "provider": "kubernetes"}
    spec = {"clusterIP": str(IPv4Network(cidr)[1]), "ports": [port], "sessionAffinity": "None", "type": "ClusterIP"}
    yield "services", "default", {"metadata": {"name": "kubernetes", "labels": labels}, "spec": spec}
    target = {"name": "https", "port": PORT, "protocol": "TCP"}
    subset = {"addresses": [{"ip": address}], "ports": [target]}
    skip = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    yield "endpoints", "default", {"metadata": {"name": "kubernetes", "labels": skip}, "subsets": [subset]}
    slice_: Object = {
        "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [target],
    }
    yield "endpointslices.discovery.k8s.io", "default", slice_


def _config_maps(server: ApiServer, ca: str) -> Iterator[tuple[str, str, Object]]:
    """Yield what extension API servers verify clients by, and since when unused legacy tokens are watched."""
    data = {"client-ca-file": ca, "requestheader-client-ca-file": ca, **_REQUEST_HEADERS}
    extension = {"metadata": {"name": "extension-apiserver-authentication", "namespace": "kube-system"}, "data": data}
    since = {"since": server.now()[:10]}
    tracking = {"name": "kube-apiserver-legacy-service-account-token-tracking", "namespace": "kube-system"}
    yield "configmaps", "kube-system", extension
    yield "configmaps", "kube-system", {"metadata": tracking, "data": since}


def _create_missing(server: ApiServer, resource: str, namespace: str, body: Object) -> None:
    plural, _, group = resource.partition(".")
    version = server.preferred_version(group, plural)
    request = Request(
        "create",
        LOOPBACK,
        group=group,
        version=version,
        resource=plural,
        namespace=namespace,
        body=body,
        field_manager="kube-apiserver",
    )
    try:
        server.handle(request)
    except StatusError as error:
        if error.reason != "AlreadyExists":
            raise


def _set_statuses(server: ApiServer) -> None:
    """Say of the server's own objects what its controllers would find."""
    now = server.now()
    ready = {
        "type": "Ready",
        "status": "True",
        "lastTransitionTime": now,
        "reason": "",
        "message": "Kubernetes Service CIDR is ready",
    }
    local = {
        "type": "Available",
        "status": "True",
        "lastTransitionTime": now,
        "reason": "Local",
        "message": "Local APIServices are always available",
    }
    for obj in server.store.list("servicecidrs.networking.k8s.io"):
        _set_status(server, "servicecidrs.networking.k8s.io", obj, {"conditions": [ready]})
    for obj in server.store.list("apiservices.apiregistration.k8s.io"):
        _set_status(server, "apiservices.apiregistration.k8s.io", obj, {"conditions": [local]})
    for obj in server.store.list("flowschemas.flowcontrol.apiserver.k8s.io"):
        _set_status(server, "flowschemas.flowcontrol.apiserver.k8s.io", obj, flowcontrol.status(obj, now))


def _set_status(server: ApiServer, resource: str, obj: Object, status: Object) -> None:
    if (obj.get("status") or {}).get("conditions"):
        return
    plural, _, group = resource.partition(".")
    request = Request(
        "update",
        LOOPBACK,
        group=group,
        version=server.preferred_version(group, plural),
        resource=plural,
        subresource="status",
        name=obj["metadata"]["name"],
        body={**obj, "status": status},
        field_manager="kube-apiserver",
    )
    server.handle(request)
