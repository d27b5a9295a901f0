"""IPAddress objects: one for each cluster IP that a Service holds, made and removed with it.

https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-objects
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster.apiserver import create
from cluster.apiserver.request import LOOPBACK, Request
from cluster.kinds.core.clusterips import HEADLESS, family_of
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_KEY = "ipaddresses.networking.k8s.io"
_PREFIX = "ipaddress.kubernetes.io/"


def _kind(server: ApiServer) -> Kind:
    found = server.registry.by_resource("networking.k8s.io", "ipaddresses")
    assert found is not None
    return found


def _request(verb: str, name: str, cause: Request) -> Request:
    return Request(
        verb,
        LOOPBACK,
        group="networking.k8s.io",
        version="v1",
        resource="ipaddresses",
        name=name,
        field_manager="kube-apiserver",
        dry_run=cause.dry_run,
        cause=cause.cause,
    )


def held(server: ApiServer) -> set[str]:
    """Return every address that an IPAddress stands for."""
    return {obj["metadata"]["name"] for obj in server.store.list(_KEY)}


def hold(server: ApiServer, address: str, service: dict[str, Any], cause: Request) -> None:
    """Make the object of an address that was given to the Service with this metadata; one without a name gets none.

    Validation, which comes next, refuses a Service without a name in words about the Service.
    """
    name = service.get("name")
    if cause.dry_run or not name or server.store.get(_KEY, "", address) is not None:
        return
    labels = {f"{_PREFIX}ip-family": family_of(address), f"{_PREFIX}managed-by": "ipallocator.k8s.io"}
    parent = {"resource": "services", "namespace": service.get("namespace") or "", "name": name}
    body: Object = {"metadata": {"name": address, "labels": labels}, "spec": {"parentRef": parent}}
    create.create_stored(server, _kind(server), _request("create", "", cause), body)


def release(server: ApiServer, service: Object, cause: Request, *, kept: frozenset[str] = frozenset()) -> None:
    """Remove the objects of a Service's addresses, but for those it keeps."""
    for address in (service.get("spec") or {}).get("clusterIPs") or ():
        obj = server.store.get(_KEY, "", address) if address not in ("", HEADLESS) and address not in kept else None
        if obj is not None:
            server.erase(_kind(server), obj, _request("delete", address, cause))
