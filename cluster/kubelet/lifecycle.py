"""One container's life: image, creation, start, running, exit, back-off, stop.

Stands for `SyncPod`'s part per container in kuberuntime. What is not done yet is `step`; `at` is when
it is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable

from cluster.kubelet import containers, hooks, probes
from cluster.kubelet.containers import NO_COMMAND, CannotStart
from cluster.kubelet.environment import ConfigError, needs_lookup
from cluster.kubelet.image_steps import ImageSteps
from cluster.kubelet.place import ContainerPlace
from cluster.kubelet.probes import Serve
from cluster.kubelet.record import SIDECAR
from cluster.kubelet.restarts import note_restart, policy_of, resume_at, wants_restart
from cluster.kubelet.status import terminated
from cluster.machinery.meta import Object, uid
from cluster.workloads.process import WebReply, WebRequest

PLEG = 1.0  # until the kubelet notices an exit


class ContainerLife(ImageSteps):
    """Advances one container; `wait` is told every moment that matters."""

    def __init__(self, place: ContainerPlace, kind: str, spec: Object, serve: Serve, wait: Callable[[float], None]):
        super().__init__(place, spec)
        self.kind = kind
        self._serve = serve
        self._wait = wait

    # -- questions -------------------------------------------------------------------------------

    def has_initialized(self) -> bool:
        if self.kind == SIDECAR:
            return bool(self.container["started"])
        return bool(self.container["state"] == "terminated" and self.container["exit"] == 0)

    def is_running(self) -> bool:
        return self.container["process"] is not None

    def serve(self, port: int, request: WebRequest) -> WebReply:
        return containers.serve(self.place, port, request)

    # -- advancing -------------------------------------------------------------------------------

    def advance(self) -> None:
        """Do everything that is due now."""
        container = self.container
        while True:
            before = (container["state"], container["step"], container["at"], container["restarts"])
            if container["process"] is not None:
                self._run()
            else:
                self._approach()
            if before == (container["state"], container["step"], container["at"], container["restarts"]):
                return

    def _approach(self) -> None:
        container = self.container
        if container["state"] == "terminated" and container["step"] == "exited":
            self._consider_restart()
            return
        if container["at"] > self.host.now:
            self._wait(container["at"])
            return
        _STEPS[container["step"]](self)

    # -- start -----------------------------------------------------------------------------------

    def _create(self) -> None:
        container = self.container
        try:
            self._refuse_root()
            if needs_lookup(self.spec):
                container["env"] = None
                container["env"] = self.place.compute_environment()
        except ConfigError as error:
            self.retry("CreateContainerConfigError", str(error))
            return
        self._become_new()
        try:
            containers.start(self.place, self.spec)
        except CannotStart as error:
            self._could_not_start(str(error))
            return
        self.event("Created", "Container created")
        self.event("Started", "Container started")
        self._begin_life()

    def _refuse_root(self) -> None:
        """Raise ConfigError when the container must not be root and its image would make it so."""
        pod, place = self.place.pod, self.place
        context = {**(pod["spec"].get("securityContext") or {}), **(self.spec.get("securityContext") or {})}
        if not context.get("runAsNonRoot"):
            return
        whose = (
            f'(pod: "{pod["metadata"]["name"]}_{pod["metadata"]["namespace"]}({uid(pod)})", container: {place.name})'
        )
        if context.get("runAsUser") == 0:
            raise ConfigError(f"container's runAsUser breaks non-root policy {whose}")
        if "runAsUser" not in context and place.image.user in ("root", "0"):
            raise ConfigError(f"container has runAsNonRoot and image will run as root {whose}")
        if "runAsUser" not in context and not place.image.user.isdigit():
            named = f"image has non-numeric user ({place.image.user})"
            raise ConfigError(f"container has runAsNonRoot and {named}, cannot verify user is non-root {whose}")

    def _become_new(self) -> None:
        """Take a fresh container id; what was before becomes the last state."""
        container, host = self.container, self.host
        if container["state"] == "terminated":
            container["last"] = terminated(container)
        if container["id"]:
            container["restarts"] += 1
        words = (self.place.record["uid"], self.place.name, container["restarts"])
        container["id"] = host.context.ids.token(32, "container", *words).hex()
        container |= {"state": "waiting", "message": "", "startedAt": host.now, "exit": None, "signals": []}

    def _could_not_start(self, why: str) -> None:
        container = self.container
        container["process"] = None
        if why == NO_COMMAND:
            self.retry("CreateContainerError", f'failed to generate container "{container["id"]}" spec: {why}')
            return
        self.event("Created", "Container created")
        self.event("Failed", f"Error: {why}", "Warning")
        container |= {
            "state": "terminated",
            "exit": 128,
            "reason": "StartError",
            "message": why,
            "startedAt": 0.0,
            "finishedAt": self.host.now,
            "step": "exited",
        }

    def _begin_life(self) -> None:
        container = self.container
        container |= {"state": "running", "reason": "", "message": "", "step": "running"}
        handler = (self.spec.get("lifecycle") or {}).get("postStart")
        if handler and container["process"]["exit"] is None:
            container["hook"] = hooks.begin(self.place, self.spec, handler, self._serve)
            container |= {"state": "waiting", "reason": "ContainerCreating", "step": "hook"}
            return
        probes.begin(self.place, self.spec)

    def _end_hook(self) -> None:
        container = self.container
        hooks.go_on(self.place, container["hook"])
        if not container["hook"].get("done"):
            self._wait(hooks.wake(container["hook"]))
            return
        failed = container.pop("hook").get("failed")
        container |= {"state": "running", "reason": "", "step": "running"}
        probes.begin(self.place, self.spec)
        if failed:
            self.event("FailedPostStartHook", f"PostStartHook failed: {failed}", "Warning")
            self._kill("FailedPostStartHook")

    # -- running ---------------------------------------------------------------------------------

    def _run(self) -> None:
        container, process = self.container, self.container["process"]
        for name in self._take_signals():
            containers.signal(self.place, name)
        if process["exit"] is None and process["wake"] is not None and process["wake"] <= self.host.now:
            containers.run(self.place)
        if process["exit"] is not None:
            self._exited(process["exit"])
            return
        if process["wake"] is not None:
            self._wait(process["wake"])
        if container["step"] == "hook":
            self._end_hook()
        elif container.get("ending"):
            self._go_on_ending()
        else:
            self._probe()

    def _take_signals(self) -> list[str]:
        found: list[str] = self.container.get("signals") or []
        self.container["signals"] = []
        return found

    def probe_quietly(self) -> bool:
        """Run due probes of a container to which nothing else happens; False when something does or follows."""
        container = self.container
        wake = container["process"]["wake"]
        if container["step"] != "running" or container.get("ending") or container.get("signals"):
            return False
        if wake is not None:
            if wake <= self.host.now:
                return False
            self._wait(wake)
        if not container.get("probes"):
            return True
        before = (container["ready"], container["started"])
        container["culprit"] = probes.run(self.place, self.spec, self._serve)
        moment = probes.due(container)
        if moment is not None:
            self._wait(moment)
        return not container["culprit"] and before == (container["ready"], container["started"])

    def _probe(self) -> None:
        if not self.container.get("probes"):
            return
        culprit = self.container.pop("culprit", "") or probes.run(self.place, self.spec, self._serve)
        if culprit:
            self._kill(f"Container {self.place.name} failed {culprit} probe, will be restarted", culprit)
            return
        moment = probes.due(self.container)
        if moment is not None:
            self._wait(moment)

    def _exited(self, code: int) -> None:
        container = self.container
        reason = container.pop("exitReason", "") or container["process"].get("state", {}).get("reason", "")
        container |= {
            "state": "terminated",
            "exit": code,
            "reason": reason or ("Completed" if code == 0 else "Error"),
            "finishedAt": self.host.now,
            "step": "exited",
            "ready": False,
            "started": False,
            "process": None,
            "listens": {},
            "probes": {},
        }
        container.pop("ending", None)
        container.pop("hook", None)
        container["message"] = containers.termination_message(self.place, self.spec)

    # -- restart ---------------------------------------------------------------------------------

    def _consider_restart(self) -> None:
        container, pod = self.container, self.place.pod
        if not wants_restart(self.kind, policy_of(pod, self.spec), container):
            return
        noticed = container["finishedAt"] + self.host.delay(PLEG)
        if noticed > self.host.now:
            self._wait(noticed)
            return
        moment = resume_at(container)
        if moment <= self.host.now:
            note_restart(container, self.host.now)
            container |= {"step": "new", "at": self.host.now}
            return
        self._back_off_restart(moment)

    def _back_off_restart(self, moment: float) -> None:
        container, pod = self.container, self.place.pod
        subject = f"{pod['metadata']['name']}_{pod['metadata'].get('namespace', '')}({uid(pod)})"
        delay = go_seconds(container["crash"]["delay"])
        self.event("BackOff", f"Back-off restarting failed container {self.place.name} in pod {subject}", "Warning")
        self.show_waiting(
            "CrashLoopBackOff", f"back-off {delay} restarting failed container={self.place.name} pod={subject}"
        )
        note_restart(container, moment)
        container |= {"step": "new", "at": moment}

    # -- stop ------------------------------------------------------------------------------------

    def _kill(self, why: str, probe: str = "") -> None:
        """Stop this container so that it is started anew."""
        grace = (self.spec.get(f"{probe}Probe") or {}).get("terminationGracePeriodSeconds")
        if grace is None:
            grace = self.place.pod["spec"].get("terminationGracePeriodSeconds", 30)
        self.event("Killing", why)
        self._begin_ending(self.host.now + grace)

    def stop(self, deadline: float) -> None:
        """Stop this container for good; called again until it has stopped."""
        container = self.container
        if container["process"] is None:
            return
        if container["step"] == "hook":
            container |= {"state": "running", "step": "running"}
        if not container.get("ending"):
            self.event("Killing", f"Stopping container {self.place.name}")
            self._begin_ending(deadline)
        elif deadline < container["ending"]["deadline"]:
            container["ending"]["deadline"] = deadline
        if container["process"] is not None:
            self._run()

    def _begin_ending(self, deadline: float) -> None:
        ending = self.container["ending"] = {"deadline": deadline, "hook": None, "told": False}
        handler = (self.spec.get("lifecycle") or {}).get("preStop")
        if handler and deadline > self.host.now:
            ending["hook"] = hooks.begin(self.place, self.spec, handler, self._serve)
        self._go_on_ending()

    def _go_on_ending(self) -> None:
        ending, now = self.container["ending"], self.host.now
        if self._hook_holds(ending):
            return
        if not ending["told"]:
            ending["told"] = True
            wanted = (self.spec.get("lifecycle") or {}).get("stopSignal", "").removeprefix("SIG")
            containers.signal(self.place, wanted or self.place.image.stop_signal)
        process = self.container["process"]
        if process["exit"] is None and now >= ending["deadline"]:
            containers.signal(self.place, "KILL")
        if process["exit"] is not None:
            self._exited(process["exit"])
            return
        self._wait(ending["deadline"] if process["wake"] is None else min(process["wake"], ending["deadline"]))

    def _hook_holds(self, ending: dict[str, object]) -> bool:
        """Say whether a preStop hook is still at work within the grace period."""
        hook = ending["hook"]
        if not isinstance(hook, dict) or hook.get("done"):
            self._report_hook(ending)
            return False
        hooks.go_on(self.place, hook)
        deadline = float(str(ending["deadline"]))
        if hook.get("done") or deadline <= self.host.now:
            self._report_hook(ending)
            return False
        self._wait(min(hooks.wake(hook), deadline))
        return True

    def _report_hook(self, ending: dict[str, object]) -> None:
        hook, ending["hook"] = ending["hook"], None
        if isinstance(hook, dict) and hook.get("failed"):
            self.event("FailedPreStopHook", f"PreStopHook failed: {hook['failed']}", "Warning")


def go_seconds(seconds: float) -> str:
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


_STEPS: dict[str, Callable[[ContainerLife], None]] = {
    "new": ContainerLife.look_for_image,
    "pull": ContainerLife.end_pull,
    "backoff": ContainerLife.back_off_pull,
    "create": ContainerLife._create,
}
