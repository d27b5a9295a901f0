"""One pod on its node, brought up to the present: set up, run, ended.

Stands for the kubelet's pod worker (`syncPod`, `syncTerminatingPod`). A worker object lives for one
sync; its memory is the record. Between two syncs nothing happens: `sync` returns when to look again.
"""

from __future__ import annotations

from cluster.kubelet import volumes
from cluster.kubelet.host import Host
from cluster.kubelet.lifecycle import ContainerLife
from cluster.kubelet.place import ContainerPlace, surroundings
from cluster.kubelet.record import EPHEMERAL, INIT, MAIN, SIDECAR, Container, Record, container_specs, new_container
from cluster.kubelet.restarts import policy_of, wants_restart
from cluster.kubelet.status import phase_of
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.meta import Object, is_deleting, meta
from cluster.workloads.process import WebReply, WebRequest

SANDBOX = 0.4
MOUNT_BACKOFF, MOUNT_BACKOFF_END = 0.5, 122.0
RETRY = 10.0
REFRESH = 60.0  # how often mounted ConfigMaps and Secrets are looked at again


class PodWorker:
    """One sync of one pod."""

    def __init__(self, host: Host, pod: Object, record: Record):
        self.host = host
        self.pod = pod
        self.record = record
        self.specs = container_specs(pod)
        self._moments: list[float] = []
        self._lives: dict[str, ContainerLife] = {}

    def sync(self) -> float | None:
        """Do all that is due; return when to come again, None when nothing is to be waited for."""
        self._moments = []
        if is_deleting(self.pod) and self.record["stage"] != "ended":
            self._begin_ending(self._grace())
        if self.record["stage"] == "setup":
            self._set_up()
        if self.record["stage"] == "run":
            self._run()
        if self.record["stage"] == "ending":
            self._end()
        return min(self._moments, default=None)

    def probe_quietly(self) -> tuple[bool, float | None]:
        """Run due probes of a pod where nothing else is due; return (whether that was all, when to come again).

        Most syncs of a healthy pod are this: its record and status stay as they are, so nothing is written.
        """
        if self.record["stage"] != "run" or is_deleting(self.pod) or self.record.get("stale"):
            return False, None
        self._moments = []
        if "activeDeadlineSeconds" in self.pod["spec"]:
            self.wait(self.record["since"] + self.pod["spec"]["activeDeadlineSeconds"])
        quiet = all(self._is_quiet(kind, spec) for kind, spec in self.specs)
        moment = min(self._moments, default=None)
        return quiet and (moment is None or moment > self.host.now), moment

    def _is_quiet(self, kind: str, spec: Object) -> bool:
        container = self.record["containers"].get(spec["name"])
        if container is None:
            return False
        if kind == INIT and container["state"] == "terminated" and container["exit"] == 0:
            return True
        return container["process"] is not None and self.life(kind, spec).probe_quietly()

    def wait(self, moment: float) -> None:
        self._moments.append(moment)

    def life(self, kind: str, spec: Object) -> ContainerLife:
        if spec["name"] not in self._lives:
            place = ContainerPlace(self.host, self.pod, self.record, spec["name"])
            self._lives[spec["name"]] = ContainerLife(place, kind, spec, self.serve, self.wait)
        return self._lives[spec["name"]]

    def container(self, spec: Object) -> Container:
        found: Container = self.record["containers"][spec["name"]]
        return found

    # -- set up ----------------------------------------------------------------------------------

    def _set_up(self) -> None:
        record, now = self.record, self.host.now
        if record["at"] > now:
            self.wait(record["at"])
            return
        try:
            volumes.set_up(surroundings(self.host, self.pod, record), self.pod, record["uid"])
        except volumes.NotReady as error:
            self._retry_mount(error)
            return
        if not self._has_sandbox():
            return
        record["stage"] = "run"

    def _retry_mount(self, error: volumes.NotReady) -> None:
        failures = self.record["mountFailures"] = self.record.get("mountFailures", 0) + 1
        self.host.event(self.pod, error.reason, str(error), kind="Warning")
        self.record["at"] = self.host.now + min(MOUNT_BACKOFF * 2 ** (failures - 1), MOUNT_BACKOFF_END)
        self.wait(self.record["at"])

    def _has_sandbox(self) -> bool:
        """Create the sandbox, which takes a moment, and give it its address."""
        record, now = self.record, self.host.now
        delay = self.host.delay(SANDBOX)
        if delay and "sandboxAt" not in record:
            record["sandboxAt"] = record["at"] = now + delay
            self.wait(record["at"])
            return False
        record["ip"] = record["ip"] or self._address()
        if record["ip"]:
            return True
        message = (
            "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "
            f'"{record["sandbox"]}": plugin type="host-local" failed (add): failed to allocate for range 0: '
            "no IP addresses available in range set"
        )
        self.host.event(self.pod, "FailedCreatePodSandBox", message, kind="Warning")
        record["at"] = now + RETRY
        self.wait(record["at"])
        return False

    def _address(self) -> str:
        if self.pod["spec"].get("hostNetwork"):
            return self.host.address
        return self.host.wires.attach(self.host.name, str(self.host.machine["podCIDR"]), self.record["sandbox"])

    # -- run -------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._adopt_ephemeral()
        if self._is_past_deadline():
            return
        self._refresh_volumes()
        if self._initialize():
            for kind, spec in self.specs:
                if kind in (MAIN, EPHEMERAL):
                    self.life(kind, spec).advance()
        self._settle()

    def _adopt_ephemeral(self) -> None:
        for kind, spec in self.specs:
            if spec["name"] not in self.record["containers"]:
                self.record["containers"][spec["name"]] = new_container(kind, spec, waits_for_init=False)

    def _initialize(self) -> bool:
        """Advance init containers in order; return whether the others may start."""
        for kind, spec in self.specs:
            if kind not in (INIT, SIDECAR):
                continue
            life = self.life(kind, spec)
            life.advance()
            if not life.has_initialized():
                return False
        return True

    def _refresh_volumes(self) -> None:
        """Bring changed ConfigMaps and Secrets into mounted volumes, a minute late at most."""
        if not self.record.get("stale"):
            return
        moment = self.record["stale"]
        if moment > self.host.now:
            self.wait(moment)
            return
        self.record["stale"] = 0.0
        try:
            volumes.set_up(surroundings(self.host, self.pod, self.record), self.pod, self.record["uid"])
        except volumes.NotReady as error:
            self.host.event(self.pod, error.reason, str(error), kind="Warning")
            self.record["stale"] = self.host.now + REFRESH
            self.wait(self.record["stale"])

    def _is_past_deadline(self) -> bool:
        seconds = self.pod["spec"].get("activeDeadlineSeconds")
        if seconds is None:
            return False
        moment = self.record["since"] + seconds
        if moment > self.host.now:
            self.wait(moment)
            return False
        message = "Pod was active on the node longer than the specified deadline"
        self.host.event(self.pod, "DeadlineExceeded", message)
        self.record |= {"phase": "Failed", "reason": "DeadlineExceeded", "message": message}
        self._begin_ending(self.pod["spec"].get("terminationGracePeriodSeconds", 30))
        return True

    def _settle(self) -> None:
        """End the pod when every main container is over for good, or an init container failed for good."""
        if self.record["stage"] != "run" or not (self._mains_are_over() or self._init_failed()):
            return
        self.record["phase"] = phase_of(self.pod, self.record, self.specs)
        self._begin_ending(self.pod["spec"].get("terminationGracePeriodSeconds", 30))

    def _mains_are_over(self) -> bool:
        return all(self._is_over(kind, spec) for kind, spec in self.specs if kind == MAIN)

    def _init_failed(self) -> bool:
        return any(
            self._is_over(kind, spec) and self.container(spec)["exit"] != 0 for kind, spec in self.specs if kind == INIT
        )

    def _is_over(self, kind: str, spec: Object) -> bool:
        container = self.container(spec)
        return container["state"] == "terminated" and not wants_restart(kind, policy_of(self.pod, spec), container)

    # -- end -------------------------------------------------------------------------------------

    def _grace(self) -> float:
        wanted = meta(self.pod).get("deletionGracePeriodSeconds")
        return float(self.pod["spec"].get("terminationGracePeriodSeconds", 30) if wanted is None else wanted)

    def _begin_ending(self, grace: float) -> None:
        """Decide to stop every container within `grace` seconds; a shorter grace that comes later counts."""
        deadline = self.host.now + grace
        if is_deleting(self.pod) and meta(self.pod).get("deletionTimestamp"):
            deadline = min(deadline, max(parse_timestamp(meta(self.pod)["deletionTimestamp"]), self.host.now))
        if self.record["stage"] == "ending":
            self.record["deadline"] = min(self.record["deadline"], deadline)
            return
        self.record |= {"stage": "ending", "deadline": deadline}

    def _end(self) -> None:
        """Stop main containers together, then sidecars in reverse order; note when nothing runs."""
        later = [(kind, spec) for kind, spec in reversed(self.specs) if kind == SIDECAR]
        first = [(kind, spec) for kind, spec in self.specs if kind != SIDECAR]
        for group in (first, *([one] for one in later)):
            lives = [self.life(kind, spec) for kind, spec in group if spec["name"] in self.record["containers"]]
            for life in lives:
                life.stop(self.record["deadline"])
            if any(life.is_running() for life in lives):
                return
        self._finish()

    def _finish(self) -> None:
        record = self.record
        if not record.get("phase"):
            codes = [one["exit"] for one in record["containers"].values() if one["state"] == "terminated"]
            everyone = len(codes) == len(record["containers"])
            record["phase"] = "Succeeded" if everyone and not any(codes) else "Failed"
        record["stage"] = "ended"
        if record["ip"] and not self.pod["spec"].get("hostNetwork"):
            self.host.wires.detach(self.host.name, record["sandbox"])

    # -- requests --------------------------------------------------------------------------------

    def serve(self, port: int, request: WebRequest) -> WebReply:
        """Hand a request to the container that listens on `port`."""
        for kind, spec in self.specs:
            container = self.record["containers"].get(spec["name"])
            if container and str(port) in (container.get("listens") or {}):
                return self.life(kind, spec).serve(port, request)
        return WebReply(error="refused", address=f"{self.record['ip']}:{port}")
