"""The learner's own machine beside the cluster: a small home, every program, kubectl, a way into the lab.

Its files are one tree for all of a lab's terminals, kept in the state book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cluster.apiserver.context import Context
from cluster.apiserver.ports import Network
from cluster.kubelet.forwarding import Forwarder
from cluster.terminal.localports import LocalPorts
from cluster.workloads.distributions import base_layer
from cluster.workloads.files import Files
from cluster.workloads.filesystem import FileTree, Layer
from cluster.workloads.process import Lookup, ProcessInfo, Program, WebReply, WebRequest

HOME = "/home/learner"
USER = "learner"
FILES = "terminal/files"
_OWN = Layer(
    {
        HOME: {"dir": True, "user": USER},
        f"{HOME}/.kube": {"dir": True, "user": USER},
        f"{HOME}/.bashrc": {"text": "alias k=kubectl\nalias ll='ls -l'\n", "user": USER},
        "/etc/hostname": "kubarium\n",
        "/etc/passwd": f"root:x:0:0:root:/root:/bin/bash\n{USER}:x:1000:1000::{HOME}:/bin/bash\n",
        "/etc/group": f"root:x:0:\n{USER}:x:1000:\n",
        "/etc/hosts": "127.0.0.1\tlocalhost\n172.18.0.2\tcp-1\n",
    }
)


def _kubeconfig(context: Context) -> Layer:
    """Return the administrator's kubeconfig, as kubeadm leaves it; a cluster without an authority has none."""
    text = context.config.options.get("kubeconfig")
    return Layer({f"{HOME}/.kube/config": {"text": text, "mode": 0o600, "user": USER}} if text else {})


class Outside(Network, Protocol):
    """The network as one who stands beside the cluster uses it."""

    def lookup_from_outside(self, name: str, kind: str) -> Lookup: ...


class TerminalPlace:
    """The place. Made for one step and thrown away; `save` keeps what was written."""

    kind = "terminal"
    hostname = "kubarium"

    def __init__(
        self,
        context: Context,
        network: Outside,
        programs: Mapping[str, Program],
        services: Mapping[str, Any],
        owner: str = "",
    ):
        self._context = context
        self._network = network
        self._programs = programs
        self._tree: dict[str, Any] = context.state.get(FILES) or {}
        layers = [_kubeconfig(context), base_layer("debian"), _OWN]
        self._files = FileTree(layers, self._tree, (), self.now, user=USER, source="/dev/sda1")
        forwarder = Forwarder(context.store, context.state, services["containers"])
        self.ports = LocalPorts(context.state, context.client, forwarder, owner)
        self.services: Mapping[str, Any] = {
            "client": context.client,
            "userland": "full",
            "commands": tuple(programs),
            "local ports": self.ports,
            **services,
        }

    @property
    def files(self) -> Files:
        return self._files

    def save(self) -> None:
        """Keep what was written, in the state book."""
        if self._files.touched:
            self._context.state.put(FILES, self._tree)

    def now(self) -> float:
        return self._context.clock.now()

    def environment(self) -> Mapping[str, str]:
        return {
            "HOME": HOME,
            "USER": USER,
            "SHELL": "/bin/bash",
            "TERM": "xterm-256color",
            "HISTFILE": f"{HOME}/.bash_history",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }

    def program(self, name: str) -> Program | None:
        return self._programs.get(name)

    def fetch(self, request: WebRequest) -> WebReply:
        return self.ports.fetch(request) or self._network.fetch_from_outside(request)

    def lookup(self, name: str, kind: str = "A") -> Lookup:
        return self._network.lookup_from_outside(name, kind)

    def processes(self) -> Sequence[ProcessInfo]:
        return ()

    def signal(self, pid: int, signal: str) -> bool:
        return False

    def listen(self, port: int, program: str, state: Mapping[str, Any]) -> None:
        """Nothing of the cluster reaches the learner's machine; its own ports are `LocalPorts`."""
