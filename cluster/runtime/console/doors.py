"""What the console's programs are given."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.apiserver.context import Context
from cluster.apiserver.gates.recorder import Recorder
from cluster.kubelet.kubelets import Kubelets
from cluster.network.fabric import Fabric


@dataclass(frozen=True)
class Doors:
    context: Context
    kubelets: Kubelets
    network: Fabric
    recorder: Recorder
