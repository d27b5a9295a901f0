"""The container runtime: starts a container's process, runs it on, signals it, keeps its output.

Stands for containerd and runc. Namespaces, cgroups and seccomp are left out; memory limits act through
programs that say how much they use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cluster.kubelet import direct, logs
from cluster.kubelet.environment import expand
from cluster.kubelet.place import ContainerPlace, overlay_key
from cluster.machinery.meta import Object
from cluster.machinery.quantity import parse
from cluster.workloads.behaviours import PROGRAMS
from cluster.workloads.files import FileError
from cluster.workloads.image import Image
from cluster.workloads.process import WebReply, WebRequest

Written = Sequence[tuple[int, bytes]]
_RUNC = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: error during container init: {why}: unknown"
)
NO_COMMAND = "no command specified"
EXIT_BY_SIGNAL = {"TERM": 143, "KILL": 137, "INT": 130, "HUP": 129, "QUIT": 131}
FALLBACK_LINES, FALLBACK_BYTES, MESSAGE_BYTES = 80, 2048, 4096


class CannotStart(Exception):
    """The runtime could not execute the command; the text is what the kubelet passes on."""


def command_line(place: ContainerPlace, spec: Object) -> list[str]:
    """Return what is executed: command and args over the image's entrypoint and cmd, variables expanded."""
    image = place.image
    command, args = spec.get("command") or [], spec.get("args") or []
    head = list(command) or list(image.entrypoint)
    tail = list(args) or ([] if command else list(image.cmd))
    if any("$" in word for word in (*command, *args)):
        values = place.environment()
        head, tail = [expand(word, values) for word in head], [expand(word, values) for word in tail]
    if not head + tail:
        raise CannotStart(NO_COMMAND)
    return head + tail


def start(place: ContainerPlace, spec: Object) -> None:
    """Begin the container's process and let it run to its first wait; CannotStart when it is not executable."""
    container, state = place.container, place.host.context.state
    state.drop(overlay_key(place.record["uid"], place.name))
    place.freeze_sub_paths()
    container["listens"] = {}
    argv = command_line(place, spec)
    container["process"] = _new_process(place, argv, spec)
    run(place)
    fault = start_fault(container["process"])
    if fault and place.image.known:
        raise CannotStart(_RUNC.format(why=fault))
    if fault:
        container["process"] = direct.new_process("plain", argv)
        run(place)


def start_fault(process: Mapping[str, Any]) -> str:
    """Return in runc's words why a process could not be executed, '' when it could."""
    text = str(process.get("start_error") or "")
    if not text or text.startswith("exec:"):
        return text
    return f'exec: "{process["argv"][0]}": {text}'


def _new_process(place: ContainerPlace, argv: list[str], spec: Object) -> dict[str, Any]:
    image = place.image
    inner, wrapped = _unwrapped(argv, image)
    word = inner[0].rpartition("/")[2]
    if not image.known and inner[0] in image.entrypoint:
        return direct.new_process("plain", argv)
    program = image.programs.get(word, word)
    if word in image.commands and program in PROGRAMS:
        return direct.new_process(program, inner, spec.get("workingDir") or image.workdir, wrapped=wrapped)
    return place.host.processes.start(
        place,
        inner,
        environ=place.environment(),
        cwd=spec.get("workingDir") or image.workdir,
        user=place.user,
        tty=bool(spec.get("tty")),
        stdin_open=bool(spec.get("stdin")),
    )


def _unwrapped(argv: list[str], image: Image) -> tuple[list[str], bool]:
    """Take entrypoint scripts off that only prepare and then exec their arguments."""
    if argv[0] not in image.wrappers or len(argv) == 1:
        return argv, False
    rest = argv[1:]
    if rest[0].startswith("-") and image.cmd:  # the official entrypoints take bare options for their server
        rest = [image.cmd[0], *rest]
    return _unwrapped(rest, image)[0], True


def run(place: ContainerPlace) -> None:
    """Step the main process and keep what it wrote."""
    process = place.container["process"]
    if "direct" in process:
        written: Written = direct.step(place, process)
    else:
        place.host.processes.step(place, process)
        written = place.host.processes.drain(process)
    _finish(place, written)


def _finish(place: ContainerPlace, written: Written) -> None:
    _keep_output(place, written)
    place.save_files()


def _keep_output(place: ContainerPlace, written: Written) -> None:
    container = place.container
    for stream, data in written:
        text = data.decode("utf-8", "replace")
        logs.append(place.host.context.state, place.record["uid"], place.name, container, place.now(), stream, text)


def signal(place: ContainerPlace, name: str) -> None:
    """Send a signal to process 1. KILL ends it whatever it is."""
    process = place.container["process"]
    if process is None or process["exit"] is not None:
        return
    if name == "KILL":
        process["exit"] = EXIT_BY_SIGNAL["KILL"]
        return
    if "direct" in process:
        written: Written = direct.signal(place, process, name)
    else:
        place.host.processes.signal(place, process, name)
        written = place.host.processes.drain(process)
    _finish(place, written)


def serve(place: ContainerPlace, port: int, request: WebRequest) -> WebReply:
    """Hand a request to whatever listens on `port` in this container."""
    container = place.container
    process = container["process"]
    listener = container["listens"][str(port)]
    certificate = str(listener["state"].get("certificate", ""))
    refused = _transport(place, port, request, secured=bool(certificate)) or _spoken(listener, request)
    if refused is not None:
        return refused
    if "direct" in process:
        reply, written = direct.serve(place, process, listener, port, request)
    else:
        reply = place.host.processes.serve(place, process, port, request)
        written = place.host.processes.drain(process)
    _count(container, place.now())
    _finish(place, written)
    return replace(reply, seconds=reply.seconds or _service_time(place), certificate=certificate)


def _service_time(place: ContainerPlace) -> float:
    """Return how long a request takes that has its share of a core to itself: throttled by the CPU limit."""
    limit = ((place.spec.get("resources") or {}).get("limits") or {}).get("cpu")
    share = min(1.0, float(parse(limit).nanos) / 1e9) if limit is not None else 1.0
    return place.host.delay(place.image.load.cpu_request / max(share, 0.01))


def _transport(place: ContainerPlace, port: int, request: WebRequest, *, secured: bool) -> WebReply | None:
    """Return how a connection ends before any program sees it: a bare connect, or TLS spoken on one side only.

    `secured`: the program has said which certificate it shows; some images always have one.
    """
    scheme = request.url.partition("://")[0]
    if scheme == "tcp" and not request.body:
        return WebReply(200)
    secured = secured or port in place.image.settings.get("tls", ())
    if scheme == "https" and not secured:
        return WebReply(error="tls")
    if scheme == "http" and secured:
        return WebReply(400, (("Content-Type", "text/plain"),), b"Client sent an HTTP request to an HTTPS server.\n")
    return None


def _spoken(listener: Mapping[str, Any], request: WebRequest) -> WebReply | None:
    """Hang up on bytes that the program does not understand."""
    raw = getattr(PROGRAMS.get(listener["program"]), "raw", False)
    return WebReply(error="reset") if request.url.startswith("tcp://") and not raw else None


def _count(container: dict[str, Any], now: float) -> None:
    """Note one request in ten-second buckets; the metrics look at the last minute."""
    bucket = int(now // 10)
    load: list[list[int]] = container.setdefault("load", [])
    if load and load[-1][0] == bucket:
        load[-1][1] += 1
    else:
        load.append([bucket, 1])
        del load[:-7]


def termination_message(place: ContainerPlace, spec: Object) -> str:
    """Return what the container left in its termination log, or the end of its log where that is asked for."""
    path = spec.get("terminationMessagePath", "/dev/termination-log")
    overlay = place.host.context.state.get(overlay_key(place.record["uid"], place.name)) or {}
    text = ""
    if path in overlay or any(path.startswith(f"{each['mountPath']}/") for each in spec.get("volumeMounts") or ()):
        try:
            text = place.tree.read(path)[:MESSAGE_BYTES].decode("utf-8", "replace")
        except FileError:
            text = ""
    if text or spec.get("terminationMessagePolicy") != "FallbackToLogsOnError" or not place.container["exit"]:
        return text
    lines = list(logs.lines_of(place.host.context.state, place.record["uid"], place.name, place.container["restarts"]))
    tail = "".join(line[2] for line in lines[-FALLBACK_LINES:])
    return tail[-FALLBACK_BYTES:]
