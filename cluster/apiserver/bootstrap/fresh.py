"""What an API server creates when it starts on an empty store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver.request import Request, component
from cluster.machinery.errors import StatusError

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

LOOPBACK = component("system:apiserver", "system:masters")
NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def install(server: ApiServer) -> None:
    """Create what is not there yet; running it again changes nothing."""
    for name in NAMESPACES:
        create_missing(server, "", "v1", "namespaces", "", {"metadata": {"name": name}})


def create_missing(server: ApiServer, group: str, version: str, plural: str, namespace: str, body: object) -> None:
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
