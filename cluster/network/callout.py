"""The API server's own way into the lab: its calls to webhooks begin on the control-plane machine.

Implements `cluster.apiserver.ports.Callout`. Names are resolved as the API server's pod does, so a Service name
is found only where its manifest says `dnsPolicy: ClusterFirstWithHostNet`.
"""

from __future__ import annotations

from collections.abc import Callable

from cluster.network.fabric import Fabric
from cluster.network.walk import Origin
from cluster.workloads.process import WebReply, WebRequest

POD = "kube-apiserver"


class ControlPlaneCalls:
    """Walks requests from where the API server runs; a cluster without any machine reaches nothing.

    `kubelets` answers (node, request) for the nodes' kubelets.
    """

    def __init__(self, fabric: Fabric, kubelets: Callable[[str, WebRequest], WebReply]):
        self._fabric = fabric
        self.kubelet = kubelets

    def fetch(self, request: WebRequest) -> WebReply:
        origin = self._origin()
        return self._fabric.walker.fetch(origin, request) if origin else WebReply(error="unreachable")

    def _origin(self) -> Origin | None:
        state = self._fabric.state
        for key in state.keys("machine/"):
            machine = state.get(key) or {}
            if machine.get("role") == "control-plane" and machine.get("powered"):
                name = key.partition("/")[2]
                return self._fabric.pod_origin("kube-system", f"{POD}-{name}") or self._fabric.node_origin(name)
        return None
