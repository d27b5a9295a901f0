"""The work of every kubelet of a lab in one loop: watches pods, keeps timers, syncs what is due.

One real process per machine becomes one queue for all of them; each still acts as its own node user.
Pods are synced in the order they were noticed; timers in order of time, then of being set.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from cluster.apiserver.context import Context, EventRecorder
from cluster.apiserver.request import node_user
from cluster.kubelet import logs, static_pods, volumes
from cluster.kubelet.admission import pod_requests, rejection
from cluster.kubelet.host import Host
from cluster.kubelet.machines import Machine, is_working, machine_names, read_machine, save_machine
from cluster.kubelet.nodes import NodeAgent
from cluster.kubelet.record import MIRROR, PREFIX, Record, new_record, pod_id, record_key
from cluster.kubelet.sessions import step_session
from cluster.kubelet.status import is_same_status, pod_status
from cluster.kubelet.wires import Wires
from cluster.kubelet.worker import PodWorker
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of, is_deleting, name, namespace, uid
from cluster.store.interface import Revision
from cluster.workloads.process import Processes

Key = tuple[str, str]  # (node, pod id); the pod id is '' for the node itself
OVER = ("Succeeded", "Failed")
REFUSED_AGAIN = 10.0  # seconds after which a kubelet that was refused asks again


class KubeletLoop:
    """The component. Its queue and timers are rebuilt by `resume`; everything else is in state and store."""

    name = "kubelet"

    def __init__(self, context: Context, processes: Processes, wires: Wires):
        self.context = context
        self.processes = processes
        self.wires = wires
        self._queue: dict[Key, None] = {}
        self._timers: list[tuple[float, int, Key]] = []
        self._due: dict[Key, float] = {}
        self._count = 0
        self._pods: dict[str, tuple[str, str]] = {}
        self._recorders: dict[str, EventRecorder] = {}

    # -- component -------------------------------------------------------------------------------

    def resume(self) -> None:
        self._queue, self._timers, self._due, self._pods = {}, [], {}, {}
        for node in machine_names(self.context.state):
            self._queue[(node, "")] = None
        for pod in self.context.store.list("pods"):
            self._note(pod)
        for key in self.context.state.keys(PREFIX):
            node, _, identity = key[len(PREFIX) :].partition("/")
            record = self.context.state.get(key) or {}
            self._pods.setdefault(identity, (record.get("namespace", ""), record.get("name", "")))
            self._queue[(node, identity)] = None
        for key in self.context.state.keys("exec/"):
            self._queue[("exec", key)] = None

    def look_at_machines(self) -> None:
        """Notice machines that were added, or whose power or kubelet was switched."""
        for node in machine_names(self.context.state):
            machine = read_machine(self.context.state, node)
            if machine is not None and machine["powered"] != machine.get("seen", True):
                self._power_changed(machine)
        self.resume()

    def observe(self, revision: Revision) -> None:
        watch = _WATCHES.get(revision.resource)
        if watch is not None:
            watch(self, revision)

    def _observe_pod(self, revision: Revision) -> None:
        before = revision.previous
        if revision.verb == "MODIFIED" and before is not None and revision.actor.startswith("system:node:"):
            old, new = before["metadata"], revision.object["metadata"]
            if old.get("deletionTimestamp") == new.get("deletionTimestamp"):
                return
        self._note(revision.object)

    def _note(self, pod: Object) -> None:
        node = (pod.get("spec") or {}).get("nodeName")
        if node:
            identity = pod_id(pod)
            self._pods[identity] = (namespace(pod), name(pod))
            self._queue[(node, identity)] = None

    def _observe_content(self, revision: Revision) -> None:
        """A changed ConfigMap or Secret: pods that mount it look again within a minute."""
        if revision.verb != "MODIFIED":
            return
        field = "configMap" if revision.resource == "configmaps" else "secret"
        for key in self.context.state.keys(PREFIX):
            record = self.context.state.get(key)
            if (
                record
                and record["namespace"] == revision.namespace
                and [field, revision.name] in record.get("mounts", ())
            ):
                elapsed = self.context.clock.now() - record["since"]
                record["stale"] = record["since"] + (elapsed // 60 + 1) * 60
                self.context.state.put(key, record)
                self._queue[(record["node"], record["uid"])] = None

    def next_due(self) -> float | None:
        if self._queue:
            return self.context.clock.now()
        while self._timers:
            moment, _, key = self._timers[0]
            if self._due.get(key) == moment:
                return moment
            heappop(self._timers)
        return None

    def step(self) -> bool:
        noticed = bool(self._queue)
        key = self._take()
        if key is None:
            return False
        node, identity = key
        if node == "exec":
            moment = step_session(self, identity)
        else:
            moment = self._try_node(node, identity, noticed=noticed)
        if moment is not None:
            self._set_timer(key, moment)
        return True

    def _take(self) -> Key | None:
        for key in self._queue:
            del self._queue[key]
            self._due.pop(key, None)
            return key
        moment = self.next_due()
        if moment is None or moment > self.context.clock.now():
            return None
        _, _, key = heappop(self._timers)
        self._due.pop(key, None)
        return key

    def _set_timer(self, key: Key, moment: float) -> None:
        self._count += 1
        self._due[key] = moment
        heappush(self._timers, (moment, self._count, key))

    def wake(self, node: str, identity: str) -> None:
        """Look at a pod again at once (something reached into it)."""
        self._queue[(node, identity)] = None

    # -- machines --------------------------------------------------------------------------------

    def host(self, node: str) -> Host | None:
        machine = read_machine(self.context.state, node)
        if machine is None:
            return None
        if node not in self._recorders:
            self._recorders[node] = self.context.events.at(node)
        client = self.context.client.as_user(node_user(node))
        return Host(self.context, client, self.processes, self.wires, self._recorders[node], machine)

    def _try_node(self, node: str, identity: str, *, noticed: bool) -> float | None:
        """Step a node; where the API server refuses it, it goes on running what it runs and asks again later."""
        try:
            return self._step_node(node, identity, noticed=noticed)
        except StatusError as error:
            if error.code not in (401, 403):
                raise
            return self.context.clock.now() + REFUSED_AGAIN

    def _step_node(self, node: str, identity: str, *, noticed: bool) -> float | None:
        host = self.host(node)
        if host is None or not is_working(host.machine):
            return None
        if identity:
            return self._sync(host, identity, noticed=noticed)
        try:
            return NodeAgent(host).beat()
        finally:
            for pod in static_pods.reconcile(host):
                self._end_static(host, pod)

    def power(self, node: str, on: bool) -> None:
        """Switch a machine on or off. Off, every process on it is gone; its files stay."""
        machine = read_machine(self.context.state, node)
        if machine is not None:
            save_machine(self.context.state, {**machine, "powered": on})
            self.look_at_machines()

    def _power_changed(self, machine: Machine) -> None:
        machine["seen"] = machine["powered"]
        if machine["powered"]:
            machine |= {"boot": machine["boot"] + 1, "registered": False}
        else:
            self._drop_processes(machine["name"])
        save_machine(self.context.state, machine)

    def _drop_processes(self, node: str) -> None:
        now = self.context.clock.now()
        for key in self.context.state.keys(f"{PREFIX}{node}/"):
            record = self.context.state.get(key)
            for container in (record or {}).get("containers", {}).values():
                if container["process"] is not None:
                    container["process"] = None
                    container |= {"state": "terminated", "exit": 255, "reason": "Unknown", "message": ""}
                    container |= {"finishedAt": now, "step": "exited", "ready": False, "started": False, "listens": {}}
            self.context.state.put(key, record)

    # -- pods ------------------------------------------------------------------------------------

    def find_pod(self, identity: str) -> Object | None:
        space, pod_name = self._pods.get(identity, ("", ""))
        pod = self.context.store.get("pods", space, pod_name) if pod_name else None
        return pod if pod is not None and pod_id(pod) == identity else None

    def _sync(self, host: Host, identity: str, *, noticed: bool) -> float | None:
        pod = self.find_pod(identity)
        key = record_key(host.name, identity)
        record: Record | None = self.context.state.get(key)
        if pod is None:
            if record is not None and not record.get("static"):
                self._clean_up(host, record)
            return None
        if MIRROR in annotations_of(pod) and is_deleting(pod):
            self._queue[(host.name, "")] = None
            return None
        if record is None:
            record = self._admit(host, pod)
            if record is None:
                return None
        worker = PodWorker(host, pod, record)
        if not noticed:
            quiet, moment = worker.probe_quietly()
            if quiet:
                return moment
        moment = worker.sync()
        self.context.state.put(key, record)
        self._report(host, pod, record)
        if record["stage"] == "ended" and is_deleting(pod):
            self._delete(host, pod)
        return moment

    def _admit(self, host: Host, pod: Object) -> Record | None:
        """Take on a pod that is new here; None when there is nothing to run."""
        if (pod.get("status") or {}).get("phase") in OVER:
            if is_deleting(pod):
                self._delete(host, pod)
            return None
        if is_deleting(pod):
            self._delete(host, pod)
            return None
        reason, message = rejection(pod, self._node(host), host.allocatable(), self._neighbours(host))
        if reason and MIRROR not in annotations_of(pod):
            self._reject(host, pod, reason, message)
            return None
        sandbox = self.context.ids.token(32, "sandbox", uid(pod)).hex()
        record = new_record(pod, host.name, host.now, sandbox)
        record["requests"] = pod_requests(pod)
        if MIRROR in annotations_of(pod):
            record["static"] = True
        mounted = volumes.mounted_objects(pod)
        if mounted:
            record["mounts"] = mounted
        return record

    def _node(self, host: Host) -> Object | None:
        return self.context.store.get("nodes", "", host.name)

    def _neighbours(self, host: Host) -> list[dict[str, int]]:
        records = (self.context.state.get(key) for key in self.context.state.keys(f"{PREFIX}{host.name}/"))
        return [record["requests"] for record in records if record and record["stage"] != "ended"]

    def _reject(self, host: Host, pod: Object, reason: str, message: str) -> None:
        host.event(pod, reason, message, kind="Warning")
        status = {
            **(pod.get("status") or {}),
            "phase": "Failed",
            "reason": reason,
            "message": f"Pod was rejected: {message}",
        }
        self._write_status(host, pod, status)

    def _report(self, host: Host, pod: Object, record: Record) -> None:
        status = pod_status(pod, record, host.address, host.now)
        if not is_same_status(status, pod.get("status") or {}):
            self._write_status(host, pod, status)

    def _write_status(self, host: Host, pod: Object, status: dict[str, Any]) -> None:
        if MIRROR in annotations_of(pod):
            static_pods.written(host, lambda client: client.update_status("pods", {**pod, "status": status}))
            return
        try:
            host.client.update_status("pods", {**pod, "status": status})
        except StatusError as error:
            if error.reason not in ("NotFound", "Conflict"):
                raise

    def _delete(self, host: Host, pod: Object) -> None:
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid(pod)}}
        try:
            host.client.delete("pods", name(pod), namespace(pod), options)
        except StatusError as error:
            if error.reason not in ("NotFound", "Conflict"):
                raise

    def _clean_up(self, host: Host, record: Record) -> None:
        """Forget a pod that is no longer in the API; whatever still ran is gone with it."""
        state, identity = self.context.state, record["uid"]
        if record["stage"] != "ended" and record["ip"] and record["ip"] != host.address:
            self.wires.detach(host.name, record["sandbox"])
        volumes.forget(state, identity)
        logs.forget(state, identity)
        for prefix in (f"files/pod/{identity}/", f"exec/{identity}/"):
            for key in state.keys(prefix):
                state.drop(key)
        state.drop(record_key(host.name, identity))
        self._pods.pop(identity, None)

    def _end_static(self, host: Host, pod: Object) -> None:
        record = self.context.state.get(record_key(host.name, pod_id(pod)))
        if record is not None:
            self._clean_up(host, record)


_WATCHES = {
    "pods": KubeletLoop._observe_pod,
    "configmaps": KubeletLoop._observe_content,
    "secrets": KubeletLoop._observe_content,
}
