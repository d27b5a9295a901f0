"""port-forward at the node: what a client's bytes meet at a port of the pod's own network.

Stands for containerd's PortForward. https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from cluster.apiserver.ports import Containers
from cluster.kubelet.record import pod_id, record_key
from cluster.machinery.errors import StatusError, not_found
from cluster.store.interface import StateBook, Store
from cluster.workloads.process import WebReply, WebRequest

LOOPBACK = "127.0.0.1"


class Forwarder:
    """Ways into the pods of one lab."""

    def __init__(self, store: Store, state: StateBook, containers: Containers):
        self._store = store
        self._state = state
        self._containers = containers

    def connect(self, namespace: str, name: str, port: int) -> None:
        """Return if something listens on `port` of a pod; StatusError in containerd's words otherwise."""
        self.send(namespace, name, port, WebRequest("CONNECT", f"tcp://{LOOPBACK}:{port}/"))

    def send(self, namespace: str, name: str, port: int, request: WebRequest) -> WebReply:
        """Hand a request to what listens on `port`, as from inside the pod."""
        pod = self._store.get("pods", namespace, name)
        if pod is None:
            raise not_found("pods", "", name)
        identity, node = pod_id(pod), pod["spec"].get("nodeName", "")
        reply = self._containers.serve(identity, port, replace(request, client=LOOPBACK))
        if reply.error == "refused":
            record = self._state.get(record_key(node, identity)) or {}
            raise StatusError(500, "InternalError", _refused(port, str(record.get("sandbox") or identity)))
        if reply.error == "timeout":
            raise StatusError(500, "InternalError", f"error dialing backend: dial tcp {node}:10250: i/o timeout")
        return reply


def _refused(port: int, sandbox: str) -> str:
    digest = hashlib.sha256(sandbox.encode()).hexdigest()
    space = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    return (
        f"error forwarding port {port} to pod {sandbox}, uid : failed to execute portforward in network namespace "
        f'"/var/run/netns/cni-{space}": failed to connect to localhost:{port} inside namespace "{sandbox}", IPv4: '
        f"dial tcp4 127.0.0.1:{port}: connect: connection refused IPv6 dial tcp6 [::1]:{port}: connect: "
        "connection refused "
    )
