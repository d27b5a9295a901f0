"""The kubelets' own API: logs, exec, attach and requests to a pod, as the API server proxies them.

Implements `cluster.apiserver.ports.Containers`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cluster.kubelet import logs, sessions
from cluster.kubelet.host import Host
from cluster.kubelet.loop import KubeletLoop
from cluster.kubelet.machines import is_working
from cluster.kubelet.place import ContainerPlace
from cluster.kubelet.record import Container, Record, container_specs, pod_id, record_key
from cluster.kubelet.worker import PodWorker
from cluster.machinery.errors import StatusError, bad_request, not_found
from cluster.machinery.meta import Object
from cluster.workloads.process import Place, WebReply, WebRequest


class Doors:
    """What the API server may ask of any pod's kubelet."""

    def __init__(self, kubelets: KubeletLoop):
        self.kubelets = kubelets
        self.state = kubelets.context.state

    # -- finding ---------------------------------------------------------------------------------

    def _pod(self, namespace: str, name: str) -> Object:
        pod = self.kubelets.context.store.get("pods", namespace, name)
        if pod is None:
            raise not_found("pods", "", name)
        return pod

    def _host(self, pod: Object) -> Host:
        node = pod["spec"].get("nodeName", "")
        name = pod["metadata"]["name"]
        if not node:
            raise bad_request(f"pod {name} does not have a host assigned")
        host = self.kubelets.host(node)
        if host is None or not is_working(host.machine):
            address = host.address if host else node
            raise StatusError(
                500,
                "InternalError",
                f'Get "https://{address}:10250/containerLogs/{pod["metadata"]["namespace"]}/{name}": '
                f"dial tcp {address}:10250: connect: no route to host",
            )
        return host

    def _record(self, host: Host, pod: Object) -> Record | None:
        found: Record | None = self.state.get(record_key(host.name, pod_id(pod)))
        return found

    def _choose(self, pod: Object, container: str) -> str:
        """Return the container meant, or say in the API server's words why it is not clear."""
        name = pod["metadata"]["name"]
        names = [spec["name"] for _, spec in container_specs(pod)]
        if container:
            if container not in names:
                raise bad_request(f"container {container} is not valid for pod {name}")
            return container
        mains: list[str] = [spec["name"] for spec in pod["spec"]["containers"]]
        if len(mains) == 1:
            return mains[0]
        inits = [spec["name"] for spec in pod["spec"].get("initContainers") or ()]
        text = f"a container name must be specified for pod {name}, choose one of: [{' '.join(mains)}]"
        raise bad_request(text + (f" or one of the init containers: [{' '.join(inits)}]" if inits else ""))

    def _running(self, namespace: str, pod: str, container: str) -> ContainerPlace:
        found = self._pod(namespace, pod)
        host = self._host(found)
        chosen = self._choose(found, container)
        record = self._record(host, found)
        if record is None or chosen not in record["containers"] or record["containers"][chosen]["process"] is None:
            raise StatusError(
                500,
                "InternalError",
                f'Internal error occurred: unable to upgrade connection: container not found ("{chosen}")',
            )
        return ContainerPlace(host, found, record, chosen)

    # -- logs ------------------------------------------------------------------------------------

    def logs(self, namespace: str, pod: str, options: Mapping[str, str]) -> bytes:
        found = self._pod(namespace, pod)
        chosen = self._choose(found, options.get("container", ""))
        record = self._record(self._host(found), found)
        container = (record or {}).get("containers", {}).get(chosen)
        attempt = self._attempt(found, chosen, container, previous=options.get("previous") in ("true", "1"))
        lines = logs.lines_of(self.state, pod_id(found), chosen, attempt)
        return logs.render(lines, options, self.kubelets.context.clock.now())

    def _attempt(self, pod: Object, name: str, container: Container | None, *, previous: bool) -> int:
        pod_name = pod["metadata"]["name"]
        if previous:
            earlier = self._previous_attempt(container)
            if earlier is None:
                raise bad_request(f'previous terminated container "{name}" in pod "{pod_name}" not found')
            return earlier
        if container is None or not container["id"]:
            reason = container["reason"] if container else "ContainerCreating"
            raise bad_request(
                f'container "{name}" in pod "{pod_name}" is waiting to start: {_waiting_for(reason, container)}'
            )
        return int(container["restarts"])

    def _previous_attempt(self, container: Container | None) -> int | None:
        if container is None or not container["last"]:
            return None
        # While a container waits in back-off, the run that is over is both the present and the previous one.
        return int(container["restarts"]) if container["state"] == "waiting" else int(container["restarts"]) - 1

    def logs_since(
        self, namespace: str, pod: str, container: str, offset: int, *, timestamps: bool = False
    ) -> tuple[bytes, int, bool]:
        found = self._pod(namespace, pod)
        chosen = self._choose(found, container)
        record = self._record(self._host(found), found)
        one = (record or {}).get("containers", {}).get(chosen)
        attempt = self._attempt(found, chosen, one, previous=False)
        text, end = logs.text_since(self.state, pod_id(found), chosen, attempt, offset, timestamps=timestamps)
        return text, end, bool(one and one["process"] is not None)

    # -- exec and attach ---------------------------------------------------------------------------

    def exec(
        self,
        namespace: str,
        pod: str,
        container: str,
        argv: Sequence[str],
        *,
        tty: bool = False,
        stdin: bool = False,
        columns: int = 80,
        rows: int = 24,
    ) -> str:
        found = self._pod(namespace, pod)
        phase = (found.get("status") or {}).get("phase")
        if phase in ("Succeeded", "Failed"):
            raise bad_request(f"cannot exec into a container in a completed pod; current phase is {phase}")
        if not argv:
            raise bad_request("you must specify at least 1 command for the container")
        place = self._running(namespace, pod, container)
        key = sessions.begin(place, argv, tty=tty, stdin=stdin, size=(columns, rows))
        self._follow(key, place)
        return key

    def _follow(self, key: str, place: ContainerPlace) -> None:
        self.kubelets.wake("exec", key)
        if place.container.get("signals"):
            self.kubelets.wake(place.host.name, place.record["uid"])

    def attach(self, namespace: str, pod: str, container: str, *, stdin: bool = False) -> str:
        place = self._running(namespace, pod, container)
        # A runtime that keeps no standard input open for the container takes nothing, and shows what it writes.
        return sessions.begin_attach(place, stdin=stdin and bool(place.spec.get("stdin")))

    def exec_input(self, session: str, data: bytes, *, end: bool = False) -> None:
        found = self.state.get(session)
        place = sessions.open_place(self.kubelets, session, found) if found else None
        if found is None or place is None:
            return
        if found.get("attached"):
            if found["stdin"]:
                self._main_input(place, data, end=end)
            return
        self.kubelets.processes.feed(found["process"], data, end=end)
        sessions.run(place, found)
        self.state.put(session, found)
        self._follow(session, place)

    def exec_resize(self, session: str, columns: int, rows: int) -> None:
        found = self.state.get(session)
        place = sessions.open_place(self.kubelets, session, found) if found else None
        if found is None or place is None:
            return
        process = place.container["process"] if found.get("attached") else found["process"]
        if process is None or not process.get("tty"):
            return
        self.kubelets.processes.resize(process, columns, rows)
        if found.get("attached"):
            self.state.put(record_key(place.host.name, place.record["uid"]), place.record)
        else:
            self.state.put(session, found)

    def _main_input(self, place: ContainerPlace, data: bytes, *, end: bool) -> None:
        process = place.container["process"]
        if "direct" not in process:
            self.kubelets.processes.feed(process, data, end=end and bool(place.spec.get("stdinOnce")))
            process["wake"] = place.now()
            self.state.put(record_key(place.host.name, place.record["uid"]), place.record)
            self.kubelets.wake(place.host.name, place.record["uid"])

    def exec_output(self, session: str) -> tuple[list[tuple[int, bytes]], int | None]:
        found = self.state.get(session)
        if found is None:
            return [], 137
        if found.get("attached"):
            return sessions.attached_output(self.kubelets, session, found)
        if sessions.open_place(self.kubelets, session, found) is None and found["process"]["exit"] is None:
            found["process"]["exit"] = 137
        written = sessions.take_output(found)
        self.state.put(session, found)
        return written, found["process"]["exit"]

    def exec_close(self, session: str) -> None:
        found = self.state.get(session)
        if found and "process" in found and found["process"]["exit"] is None:
            place = sessions.open_place(self.kubelets, session, found)
            if place is not None:
                self.kubelets.processes.signal(place, found["process"], "HUP")
                place.save_files()
        self.state.drop(session)

    # -- reaching in -------------------------------------------------------------------------------

    def place(self, namespace: str, pod: str, container: str) -> Place:
        return self._running(namespace, pod, container)

    def serve(self, pod_uid: str, port: int, request: WebRequest) -> WebReply:
        """Hand a request to whatever listens on the pod's `port`; `pod_uid` may be a static pod's hash."""
        pod = self.kubelets.find_pod(pod_uid)
        host = self.kubelets.host(pod["spec"].get("nodeName", "")) if pod else None
        if pod is None or host is None or not host.machine["powered"]:
            return WebReply(error="timeout")
        record = self._record(host, pod)
        if record is None or not record["ip"]:
            return WebReply(error="refused")
        reply = PodWorker(host, pod, record).serve(port, request)
        self.state.put(record_key(host.name, record["uid"]), record)
        return reply


def _waiting_for(reason: str, container: Container | None) -> str:
    if container is None or reason in ("ContainerCreating", "PodInitializing"):
        return reason
    texts = {
        "ImagePullBackOff": "trying and failing to pull image",
        "ErrImagePull": "image can't be pulled",
        "CreateContainerConfigError": reason,
    }
    return texts.get(reason, reason)
