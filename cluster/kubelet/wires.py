"""What a kubelet asks of the network: addresses for its pods, and requests and look-ups made inside them."""

from __future__ import annotations

from typing import Protocol

from cluster.apiserver.ports import Containers
from cluster.workloads.process import Lookup, WebReply, WebRequest


class Wires(Protocol):
    """The CNI plugin and the walker in one; `cluster.network.fabric` is it, `runtime` hands it in."""

    def connect(self, containers: Containers) -> None:
        """Say who answers for pods."""
        ...

    def attach(self, node: str, pod_cidr: str, sandbox: str) -> str:
        """Return an address for a sandbox; '' when the range is used up."""
        ...

    def detach(self, node: str, sandbox: str) -> None: ...

    def fetch_from_pod(self, namespace: str, pod: str, request: WebRequest) -> WebReply: ...

    def fetch_from_node(self, node: str, request: WebRequest) -> WebReply: ...

    def lookup_from_pod(self, namespace: str, pod: str, name: str, kind: str) -> Lookup: ...
