"""All kubelets of a lab: the loop that works for every machine, and the doors into their containers."""

from __future__ import annotations

from cluster.apiserver.context import Context
from cluster.kubelet.doors import Doors
from cluster.kubelet.loop import KubeletLoop
from cluster.kubelet.wires import Wires
from cluster.workloads.process import Processes


class Kubelets(KubeletLoop, Doors):
    """The component and, for the API server, `ports.Containers`."""

    def __init__(self, context: Context, processes: Processes, wires: Wires):
        KubeletLoop.__init__(self, context, processes, wires)
        Doors.__init__(self, self)
        wires.connect(self)
