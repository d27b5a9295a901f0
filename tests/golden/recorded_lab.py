"""A cluster like the one the transcripts were recorded on: no add-ons, four nodes, a stand-in for the kubelets.

The stand-in follows transcripts/README.md: pods run at once whatever their image, those that need not run on
complete a second later, deletion is immediate, and there are no Events.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cluster.apiserver.bootstrap.fresh import install
from cluster.apiserver.client import Client
from cluster.apiserver.request import component
from cluster.machinery.clock import ManualClock, micro_timestamp, timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, is_deleting, name, namespace, uid
from cluster.runtime.assembly import assemble
from cluster.runtime.schedule import Schedule
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Outcome
from cluster.store.interface import Revision
from cluster.store.memory import MemoryStore
from cluster.store.state import MemoryState

NODES = ("cp-1", "worker-1", "worker-2", "worker-3")
CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
CAPACITY = {"cpu": "4", "ephemeral-storage": "100Gi", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "memory": "8Gi",
            "pods": "110"}
HEARTBEAT = 10.0
ID = f"containerd://{'0' * 64}"
SERVER = "https://127.0.0.1:16443"
QUIET = 0.7


class StandIn:
    """All kubelets at once, without containers."""

    name = "stand-in-kubelets"

    def __init__(self, client: Client, clock: ManualClock):
        self.client = client
        self.clock = clock
        self.due: dict[tuple[str, str], float] = {}
        self.beat = clock.now()
        self.addresses = 0

    def resume(self) -> None:
        """Nothing was there before."""

    def observe(self, revision: Revision) -> None:
        obj = revision.object
        if revision.resource == "pods" and revision.verb != "DELETED" and obj["spec"].get("nodeName"):
            phase = obj.get("status", {}).get("phase")
            if is_deleting(obj) or phase == "Pending":
                self.due[namespace(obj), name(obj)] = self.clock.now()
            elif phase == "Running" and obj["spec"].get("restartPolicy") != "Always":
                self.due[namespace(obj), name(obj)] = self.clock.now() + 1.0

    def next_due(self) -> float | None:
        return min([self.beat, *self.due.values()])

    def step(self) -> bool:
        now = self.clock.now()
        for where, moment in list(self.due.items()):
            if moment <= now:
                del self.due[where]
                self._sync(*where)
                return True
        if self.beat <= now:
            self.beat = now + HEARTBEAT
            self._heartbeats()
            return True
        return False

    def _sync(self, where: str, given: str) -> None:
        try:
            pod = self.client.get("pods", given, where)
            if is_deleting(pod):
                if pod["metadata"].get("finalizers") and pod["status"].get("phase") not in ("Succeeded", "Failed"):
                    self.client.update_status("pods", self._ended(pod, 143))
                self.client.delete("pods", given, where, {"gracePeriodSeconds": 0,
                                                          "preconditions": {"uid": uid(pod)}})
            elif pod["status"]["phase"] == "Pending":
                self.client.update_status("pods", self._running(pod))
            else:
                self.client.update_status("pods", self._ended(pod, 0))
        except StatusError:
            return

    def _running(self, pod: Object) -> Object:
        self.addresses += 1
        address = f"10.244.{NODES.index(pod['spec']['nodeName'])}.{self.addresses + 1}"
        now = timestamp(self.clock.now())
        node = f"172.18.0.{2 + NODES.index(pod['spec']['nodeName'])}"
        status = {**pod["status"], "phase": "Running", "observedGeneration": pod["metadata"].get("generation", 1),
                  "startTime": now, "podIP": address, "podIPs": [{"ip": address}],
                  "hostIP": node, "hostIPs": [{"ip": node}],
                  "conditions": self._conditions(pod, "True", now),
                  "containerStatuses": [self._status(one, {"running": {"startedAt": now}}, True)
                                        for one in pod["spec"]["containers"]]}
        if pod["spec"].get("initContainers"):
            done = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}}
            status["initContainerStatuses"] = [self._status(one, done, True) for one in pod["spec"]["initContainers"]]
        return {**pod, "status": status}

    def _conditions(self, pod: Object, ready: str, now: str, reason: str = "") -> list[Object]:
        kept = {one["type"]: one for one in pod["status"].get("conditions") or ()}
        generation = pod["metadata"].get("generation", 1)
        found = []
        for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"):
            value = "True" if kind in ("Initialized", "PodScheduled") else ready
            why = {"reason": reason} if reason and kind in ("Initialized", "Ready", "ContainersReady") else {}
            old = kept.get(kind, {})
            found.append({
                "type": kind, "status": value, "lastProbeTime": None, "observedGeneration": generation,
                "lastTransitionTime": old["lastTransitionTime"] if old.get("status") == value else now, **why})
        return found

    def _status(self, container: Object, state: Object, ready: bool) -> Object:
        given, _, tag = container["image"].partition(":")
        where = given if "." in given.partition("/")[0] else f"docker.io/library/{given}"
        made = {"name": container["name"], "image": f"{where}:{tag or 'latest'}",
                "imageID": f"{where}@sha256:{'0' * 64}", "containerID": ID, "ready": ready,
                "started": "running" in state, "restartCount": 0, "state": state, "lastState": {},
                "volumeMounts": [_mount(one) for one in container.get("volumeMounts") or ()]}
        if "running" in state:
            made["resources"] = container.get("resources", {})
            made["user"] = {"linux": {"uid": 0, "gid": 0, "supplementalGroups": [0]}}
        return made

    def _ended(self, pod: Object, code: int) -> Object:
        now = timestamp(self.clock.now())
        status = dict(pod["status"])
        status["phase"] = "Failed" if code else "Succeeded"
        status["conditions"] = self._conditions(pod, "False", now, "PodCompleted")
        began = status.get("startTime", now)
        ended = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed", "startedAt": began,
                                "finishedAt": now, "containerID": ID}}
        status["containerStatuses"] = [self._status(one, ended, False) for one in pod["spec"]["containers"]]
        return {**pod, "status": status}

    def _heartbeats(self) -> None:
        for node in NODES:
            lease = self.client.get("leases.coordination.k8s.io", node, "kube-node-lease")
            spec = {**lease["spec"], "renewTime": micro_timestamp(self.clock.now())}
            self.client.update("leases.coordination.k8s.io", {**lease, "spec": spec})


class RecordedLab:
    """One such cluster and its terminal."""

    def __init__(self, seed: int = 1):
        self.clock = ManualClock(LabSettings().start)
        self.store, self.state = MemoryStore(), MemoryState()
        parts = assemble(LabSettings(seed=seed), self.store, self.state, self.clock)
        self.server, self.terminals = parts.server, parts.terminals
        install(parts.server, ca=str(parts.learner.config.options["root-ca"]))
        kubelets = Client(parts.server, component("system:nodes", "system:masters"), manager="kubelet")
        for node in NODES:
            _join(kubelets, node, self.clock.now())
        components = [one for one in parts.components if one is not parts.kubelets]
        self.schedule = Schedule(self.clock, [*components, StandIn(kubelets, self.clock)], self._arrivals)
        self._delivered = 0
        self.schedule.resume()
        self.advance(3.0)
        self._forget_events()
        self.run(f"kubectl config set-cluster kubernetes --server={SERVER}")

    def _arrivals(self) -> list[Revision]:
        fresh = list(self.store.since(self._delivered))
        self._delivered = self.store.revision
        return fresh

    def _forget_events(self) -> None:
        """Every recorded session begins without Events."""
        for obj in list(self.store.list("events")):
            self.store.remove("events", obj, actor="test", cause="", time=self.clock.now())

    def advance(self, seconds: float) -> None:
        self.schedule.run_until(self.clock.now() + seconds)

    def settle(self, quiet: float = QUIET) -> None:
        """Go on until nothing has changed for `quiet` seconds."""
        for _ in range(60):
            before = self.store.last_change("pods"), self._busy()
            self.advance(quiet)
            if (self.store.last_change("pods"), self._busy()) == before:
                return

    def _busy(self) -> int:
        return max((self.store.last_change(one) for one in self.store.resources() if not one.startswith("lease")),
                   default=0)

    def run(self, line: str, limit: float = 60.0) -> Outcome:
        """Run one line to its end, at most `limit` virtual seconds."""
        end = self.clock.now() + limit
        job = self.terminals.begin_line("t1", line)
        self.advance(0)
        while (code := self.terminals.line_code(job)) is None and self.clock.now() < end:
            due = self.schedule.next_due()
            self.schedule.run_until(min(end, max(due if due is not None else end, self.clock.now())))
        stdout, stderr = self.terminals.end_line(job)
        return Outcome(stdout.decode(errors="replace"), stderr.decode(errors="replace"), 124 if code is None else code)

    def write_files(self, files: dict[str, str]) -> None:
        folders = sorted({path.rpartition("/")[0] for path in files if "/" in path})
        if folders:
            self.run(f"mkdir -p {' '.join(folders)}")
        self.terminals.write_files(files)


def _mount(mount: Object) -> Object:
    read_only = {"readOnly": True, "recursiveReadOnly": "Disabled"} if mount.get("readOnly") else {}
    return {"name": mount["name"], "mountPath": mount["mountPath"], **read_only}


def _join(client: Client, node: str, moment: float) -> None:
    """Register a node as a kubelet does."""
    index = NODES.index(node)
    labels = {"beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
              "kubernetes.io/hostname": node, "kubernetes.io/os": "linux"}
    spec: dict[str, Any] = {"podCIDR": f"10.244.{index}.0/24", "podCIDRs": [f"10.244.{index}.0/24"]}
    if not index:
        labels |= {"node-role.kubernetes.io/control-plane": "",
                   "node.kubernetes.io/exclude-from-external-load-balancers": ""}
        spec["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
    made = client.create("nodes", {
        "apiVersion": "v1", "kind": "Node", "spec": spec, "metadata": {
            "name": node, "labels": labels,
            "annotations": {"node.alpha.kubernetes.io/ttl": "0",
                            "volumes.kubernetes.io/controller-managed-attach-detach": "true"}}})
    now = timestamp(moment)
    conditions = [{"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": now,
                   "lastTransitionTime": now} for kind, status, reason, message in CONDITIONS]
    info = {"machineID": sha256(node.encode()).hexdigest()[:32], "systemUUID": "00000000-0000-4000-8000-000000000001",
            "bootID": "00000000-0000-4000-8000-000000000002", "kernelVersion": "6.1.0-44-amd64",
            "osImage": "Debian GNU/Linux 12 (bookworm)", "containerRuntimeVersion": "containerd://2.1.4",
            "kubeletVersion": "v1.36.2", "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "amd64"}
    client.update_status("nodes", {**made, "status": {
        "capacity": CAPACITY, "allocatable": CAPACITY, "conditions": conditions, "nodeInfo": info,
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "addresses": [{"type": "InternalIP", "address": f"172.18.0.{2 + index}"},
                      {"type": "Hostname", "address": node}]}})
    client.create("leases.coordination.k8s.io", {
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": node, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": node, "leaseDurationSeconds": 40, "renewTime": micro_timestamp(moment)}})


