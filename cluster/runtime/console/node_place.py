"""A machine's root shell as a place: its own disk, its own network, the processes of its containers.

Left out: systemd units beyond the kubelet, users other than root.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.apiserver.audit.book import files as audit_files
from cluster.apiserver.context import Context
from cluster.kubelet.machines import CONTROL_PLANE, Machine
from cluster.kubelet.volumes import node_files_key
from cluster.network.fabric import Fabric
from cluster.runtime.console.crictl import Crictl
from cluster.workloads.behaviours import PROGRAMS
from cluster.workloads.distributions import base_layer
from cluster.workloads.files import Files
from cluster.workloads.filesystem import FileTree, Layer
from cluster.workloads.process import Lookup, ProcessInfo, Program, WebReply, WebRequest


class NodePlace:
    """One powered machine. What is written to its files is kept in the state book by `save`."""

    kind = "node"

    def __init__(self, context: Context, network: Fabric, machine: Machine):
        self._context = context
        self._network = network
        self._machine = machine
        self.hostname = str(machine["name"])
        self._key = node_files_key(self.hostname)
        self._tree: dict[str, Any] = context.state.get(self._key) or {}
        layers = [base_layer("debian"), Layer({"/etc/hostname": f"{self.hostname}\n"})]
        if CONTROL_PLANE in machine["labels"]:
            layers.append(Layer(audit_files(context.state)))
        self._files = FileTree(layers, self._tree, (), self.now, source="/dev/sda1")
        self.services: Mapping[str, Any] = {
            "node": self.hostname,
            "userland": "full",
            "commands": ("crictl",),
            "state": context.state,
        }

    @property
    def files(self) -> Files:
        return self._files

    def save(self) -> None:
        """Keep what was written to the disk."""
        if self._files.touched:
            self._context.state.put(self._key, self._tree)

    def now(self) -> float:
        return self._context.clock.now()

    def environment(self) -> Mapping[str, str]:
        return {
            "HOME": "/root",
            "USER": "root",
            "HOSTNAME": self.hostname,
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        }

    def program(self, name: str) -> Program | None:
        return Crictl(self._context.state, self.hostname) if name == "crictl" else PROGRAMS.get(name)

    def fetch(self, request: WebRequest) -> WebReply:
        return self._network.fetch_from_node(self.hostname, request)

    def lookup(self, name: str, kind: str = "A") -> Lookup:
        return self._network.lookup_from_node(self.hostname, name, kind)

    def processes(self) -> Sequence[ProcessInfo]:
        boot = float(self._machine.get("boot") or 0.0)
        return [ProcessInfo(1, "root", "/sbin/init", boot), ProcessInfo(612, "root", "/usr/bin/kubelet", boot)]

    def signal(self, pid: int, signal: str) -> bool:
        return False

    def listen(self, port: int, program: str, state: Mapping[str, Any]) -> None:
        """Nothing of a learner's listens on a machine itself."""
