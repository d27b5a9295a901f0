"""A cluster of machines alone: API server, kubelets, a clock; no controllers and no scheduler."""

from __future__ import annotations

from typing import Any

from cluster.apiserver.client import Client
from cluster.apiserver.context import Config, Context
from cluster.apiserver.events import EventLog
from cluster.apiserver.local import admin, local_server
from cluster.apiserver.request import User
from cluster.kubelet.kubelets import Kubelets
from cluster.kubelet.machines import machine, register
from cluster.machinery.meta import Object
from cluster.network import ipam
from cluster.runtime.schedule import Schedule
from cluster.store.state import MemoryState
from cluster.workloads.process import Lookup, WebReply, WebRequest

NODES = User("system:nodes", ("system:masters", "system:authenticated"))


class BareWires:
    """Addresses, and no way anywhere."""

    def __init__(self, state: MemoryState):
        self.state = state

    def connect(self, containers: object) -> None:
        """Nothing is walked here."""

    def attach(self, node: str, pod_cidr: str, sandbox: str) -> str:
        return ipam.attach(self.state, node, pod_cidr, sandbox)

    def detach(self, node: str, sandbox: str) -> None:
        ipam.detach(self.state, node, sandbox)

    def fetch_from_pod(self, namespace: str, pod: str, request: WebRequest) -> WebReply:
        return WebReply(error="unreachable")

    def fetch_from_node(self, node: str, request: WebRequest) -> WebReply:
        return WebReply(error="unreachable")

    def lookup_from_pod(self, namespace: str, pod: str, name: str, kind: str) -> Lookup:
        return Lookup(name, kind, "", error="TIMEOUT")


def processes() -> Any:
    """Return the shell's processes; the kubelet itself only knows their protocol."""
    from cluster.shell.processes import ShellProcesses

    return ShellProcesses()


class NodeLab:
    """Machines with kubelets; `pod()` binds a pod by name, time passes with `run`."""

    def __init__(self, nodes: int = 1, *, instant: bool = False, processes: Any = None, wires: Any = None, **spec: Any):
        self.server = local_server()
        self.store, self.clock, self.client = self.server.store, self.server.clock, admin(self.server)
        self.state = MemoryState()
        config = Config(instant=instant)
        kubelet = Client(self.server, NODES, manager="kubelet")
        events = EventLog(kubelet, self.clock, "kubelet")
        context = Context(kubelet, self.store, self.state, self.clock, self.server.ids, events, config)
        for index in range(1, nodes + 1):
            register(self.state, machine(f"worker-{index}", index, **spec))
        self.kubelets = Kubelets(context, processes, wires or BareWires(self.state))
        self._seen = self.store.revision
        self.schedule = Schedule(self.clock, [self.kubelets], self._arrivals)
        self.schedule.resume()
        self.create("serviceaccounts", "ServiceAccount", "default")
        self.run(0)

    def create(self, resource: str, kind: str, name: str, **fields: Any) -> Object:
        body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **fields}
        return self.client.create(resource, body, "default")

    def exec(self, name: str, *argv: str, seconds: float = 0.0) -> tuple[str, int | None]:
        """Run a command in a pod's first container; return what it wrote and its exit code."""
        session = self.kubelets.exec("default", name, "", argv)
        self.run(seconds)
        written, code = self.kubelets.exec_output(session)
        return b"".join(data for _, data in written).decode(), code

    def _arrivals(self) -> list[Any]:
        fresh = list(self.store.since(self._seen))
        self._seen = self.store.revision
        return fresh

    def run(self, seconds: float) -> None:
        self.schedule.run_until(self.clock.now() + seconds)

    def pod(self, name: str = "web", image: str = "nginx:1.27", *, node: str = "worker-1", **fields: Any) -> Object:
        """Create a bound pod; `container=` adds to its one container, the rest to its spec."""
        container = {"name": "c", "image": image, **fields.pop("container", {})}
        spec = {"nodeName": node, "containers": [container, *fields.pop("more", [])], **fields}
        return self.client.create(
            "pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}, "default"
        )

    def get(self, name: str = "web") -> Object:
        return self.client.get("pods", name, "default")

    def container(self, name: str = "web", index: int = 0) -> Object:
        return self.get(name)["status"]["containerStatuses"][index]

    def events(self, name: str = "web") -> list[tuple[str, str]]:
        """Return (reason, message) of a pod's Events in the order they were first written."""
        found = [event for event in self.store.list("events", "default") if event["involvedObject"]["name"] == name]
        found.sort(key=lambda event: int(event["metadata"]["name"].rpartition(".")[2], 16))
        return [(event["reason"], event["message"]) for event in found]

    def logs(self, name: str = "web", **options: str) -> str:
        return self.kubelets.logs("default", name, options).decode()
