"""A small simulation for tests of controllers and scheduler: an API server in memory and a run loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cluster.apiserver.client import Client
from cluster.apiserver.component import Component
from cluster.apiserver.context import Config, Context
from cluster.apiserver.events import EventLog
from cluster.apiserver.local import admin, local_server
from cluster.apiserver.request import User
from cluster.controllers.manager import controller_manager
from cluster.machinery.clock import timestamp
from cluster.machinery.meta import Object, name
from cluster.scheduler.scheduler import SOURCE, Scheduler
from cluster.store.state import MemoryState

MakeContext = Callable[[User, str], Context]


class Lab:
    """Components on one clock; `settle` runs what is due, `run` lets time pass."""

    def __init__(self, config: Config | None = None):
        self.server = local_server()
        self.clock = self.server.clock
        self.store = self.server.store
        self.state = MemoryState()
        self.config = config or Config(instant=True)
        self.kubectl = admin(self.server)
        self.components: list[Component] = []
        self._seen = self.store.revision

    def context(self, user: User, source: str) -> Context:
        client = Client(self.server, user)
        events = EventLog(client, self.clock, source)
        return Context(client, self.store, self.state, self.clock, self.server.ids, events, self.config)

    def add(self, *components: Component) -> None:
        for component in components:
            self.components.append(component)
            component.resume()

    def with_controllers(self) -> Lab:
        self.add(*controller_manager(self.context))
        return self

    def with_account(self) -> Lab:
        """Make what the service account controller would make, for labs without it."""
        metadata = {"name": "default", "namespace": "default"}
        self.kubectl.create("serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        return self

    def with_scheduler(self) -> Lab:
        self.add(Scheduler(self.context(Scheduler.identity(), SOURCE)))
        return self

    def with_nodes(self, count: int = 3, **fields: Any) -> Lab:
        for number in range(1, count + 1):
            made = self.kubectl.create("nodes", node(f"worker-{number}", **fields))
            spec = {field: value for field, value in (made.get("spec") or {}).items() if field != "taints"}
            self.kubectl.update("nodes", {**made, "spec": spec})  # the not-ready taint of admission
        return self

    def _deliver(self) -> None:
        for revision in list(self.store.since(self._seen)):
            self._seen = revision.number
            for component in self.components:
                component.observe(revision)

    def settle(self, most: int = 100_000) -> None:
        """Run everything that is due now, and what follows from it within a tenth of a second."""
        self.run(0.1, most)

    def run(self, seconds: float, most: int = 1_000_000) -> None:
        end = self.clock.now() + seconds
        for _ in range(most):
            if self._turn():
                continue
            due = min((d for c in self.components if (d := c.next_due()) is not None), default=None)
            if due is None or due > end:
                self.clock.move_to(end)
                return
            self.clock.move_to(max(due, self.clock.now()))
        raise AssertionError("the lab does not come to rest")

    def _turn(self) -> bool:
        worked = False
        for component in self.components:
            self._deliver()
            done = 0
            while done < 16 and component.step():
                done += 1
            worked |= done > 0
        self._deliver()
        return worked

    def get(self, resource: str, each: str, space: str = "default") -> Object | None:
        return self.store.get(resource, space, each)

    def beat(self) -> None:
        """Play the kubelets' heartbeat, so that nodes stay ready while time passes."""
        for each in list(self.store.list("nodes")):
            ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": timestamp(self.clock.now())}
            status = {**each["status"], "conditions": [{**ready, "reason": "KubeletReady", "message": "ready"}]}
            self.kubectl.update_status("nodes", {**each, "status": status})

    def names(self, resource: str, space: str = "default") -> list[str]:
        return [name(obj) for obj in self.store.list(resource, space)]

    def messages(self, reason: str = "") -> list[str]:
        """Return the messages of Events in the order they were first written."""
        events = sorted(self.store.list("events"), key=lambda each: int(each["metadata"]["resourceVersion"]))
        return [each["message"] for each in events if not reason or each["reason"] == reason]

    def failures(self) -> list[Any]:
        return [(key, self.state.get(key)) for key in self.state.keys("controllers/") if "/failures/" in key]

    def make_ready(self, pod: Object) -> None:
        """Play the kubelet: Running and Ready now, with an address."""
        now = timestamp(self.clock.now())
        conditions = [
            {"type": kind, "status": "True", "lastTransitionTime": now}
            for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
        ]
        scheduled = [c for c in (pod.get("status") or {}).get("conditions") or () if c["type"] == "PodScheduled"]
        number = int(pod["metadata"]["resourceVersion"])
        address = f"10.244.{number // 250 % 250}.{number % 250}"
        status = {
            **(pod.get("status") or {}),
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "conditions": [*conditions, *scheduled],
            "startTime": now,
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": "",
                    "ready": True,
                    "restartCount": 0,
                    "started": True,
                    "state": {"running": {"startedAt": now}},
                }
                for container in pod["spec"]["containers"]
            ],
        }
        self.kubectl.update_status("pods", {**pod, "status": status})

    def make_all_ready(self, space: str = "default") -> None:
        for pod in list(self.store.list("pods", space)):
            if (pod.get("status") or {}).get("phase") == "Pending" and "deletionTimestamp" not in pod["metadata"]:
                self.make_ready(pod)

    def finish_deletions(self, space: str = "default") -> None:
        """Play the kubelet: every terminating pod is gone."""
        for pod in list(self.store.list("pods", space)):
            if "deletionTimestamp" in pod["metadata"]:
                self.kubectl.delete("pods", name(pod), space, {"gracePeriodSeconds": 0})


def container(image: str = "nginx:1.27", **fields: Any) -> Object:
    return {"name": "c", "image": image, **fields}


def pod(each: str, labels: dict[str, str] | None = None, **spec: Any) -> Object:
    metadata: dict[str, Any] = {"name": each, "namespace": "default"}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container()], **spec}}


def template(labels: dict[str, str], image: str = "nginx:1.27", **spec: Any) -> Object:
    return {"metadata": {"labels": labels}, "spec": {"containers": [container(image)], **spec}}


def workload(kind: str, each: str, replicas: int | None = None, image: str = "nginx:1.27", **spec: Any) -> Object:
    """Return a Deployment, ReplicaSet, StatefulSet or DaemonSet whose pods carry `app: <name>`."""
    labels = {"app": each}
    body = {"selector": {"matchLabels": labels}, "template": template(labels, image), **spec}
    if replicas is not None:
        body["replicas"] = replicas
    metadata = {"name": each, "namespace": "default"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": body}


def node(each: str, cpu: str = "4", memory: str = "8Gi", pods: str = "110", **fields: Any) -> Object:
    labels = {"kubernetes.io/hostname": each, "kubernetes.io/os": "linux", **fields.pop("labels", {})}
    capacity = {"cpu": cpu, "memory": memory, "pods": pods, "ephemeral-storage": "100Gi"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
    status = {"capacity": capacity, "allocatable": capacity, "conditions": [ready]}
    metadata = {"name": each, "labels": labels}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": fields, "status": status}


