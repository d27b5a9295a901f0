"""kubectl port-forward: ports of the learner's machine that lead into a pod, for as long as the command runs."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import podchoice, streams
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.resources import find
from cluster.machinery.clock import timestamp
from cluster.machinery.meta import Object, name, namespace

NO_MACHINE = "this container has no machine of its own to listen on"
Pair = tuple[int, int]


def run(session: Session) -> int | None:
    if len(session.args) < 2:
        raise usage_error(session.path, "TYPE/NAME and list of ports are required for port-forward")
    target = session.args[0]
    pod = podchoice.one(session, target)
    service = _service(session, target)
    pairs = [_pair(session, text, pod, service) for text in session.args[1:]]
    phase = (pod.get("status") or {}).get("phase", "")
    if phase != "Running":
        raise CommandError(f"unable to forward port because pod is not running. Current status={phase}")
    streams.require(session, "create", "portforward", namespace(pod), name(pod))
    session.state["ports"] = _listen(session, pod, pairs)
    session.state["resume"] = True
    return resume(session)


def resume(session: Session) -> int | None:
    """Print who came; go on until the connection to the pod is lost."""
    for port in session.state["ports"]:
        lines, failed = ports_of(session).news(port)
        session.out("".join(lines))
        if failed:
            _release(session)
            stamp = timestamp(session.now())
            if failed != "closed":
                moment = f"E{stamp[5:7]}{stamp[8:10]} {stamp[11:19]}.000000"
                session.err(f'{moment}     100 portforward.go:424] "Unhandled Error" err={_quoted(failed)}\n')
            raise CommandError("lost connection to pod")
    session.wait()
    return None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def ports_of(session: Session) -> Any:
    """Return the ports of the machine this runs on."""
    found = session.service("local ports")
    if found is None:
        raise CommandError(NO_MACHINE)
    return found


def _release(session: Session) -> None:
    for port in session.state.get("ports") or ():
        ports_of(session).close(port)


def _listen(session: Session, pod: Object, pairs: list[Pair]) -> list[int]:
    """Open every port that can be had; an error when there is none."""
    ports, opened = ports_of(session), []
    for local, remote in pairs:
        port = local or ports.free()
        target = {"kind": "pod", "namespace": namespace(pod), "pod": name(pod), "remote": remote}
        if not ports.open(port, target):
            taken = "bind: address already in use"
            session.err(
                f"Unable to listen on port {port}: Listeners failed to create with the following errors: [unable to "
                f"create listener: Error listen tcp4 127.0.0.1:{port}: {taken} unable to create listener: Error "
                f"listen tcp6 [::1]:{port}: {taken}]\n")
            continue
        opened.append(port)
        session.out(f"Forwarding from 127.0.0.1:{port} -> {remote}\nForwarding from [::1]:{port} -> {remote}\n")
    if not opened:
        listed = " ".join(f"{{{local} {remote}}}" for local, remote in pairs)
        raise CommandError(f"unable to listen on any of the requested ports: [{listed}]")
    return opened


# -- ports ---------------------------------------------------------------------------------------


def _service(session: Session, target: str) -> Object | None:
    """Return the Service that was named, None when it was something else."""
    if "/" not in target:
        return None
    info = find(session, [target]).infos[0]
    return info.object if info.mapping.kind.kind == "Service" else None


def _pair(session: Session, text: str, pod: Object, service: Object | None) -> Pair:
    """Return (local, remote) of `8080:80`, `80`, `:80`; local 0 is any."""
    local, colon, remote = text.partition(":") if ":" in text else (text, "", text)
    if not remote or colon and ":" in remote:
        raise CommandError(f"invalid port format '{text}'")
    number = _through(service, remote, pod) if service is not None else _number(remote, pod)
    if not local:
        return 0, number
    if local.isdigit():
        return int(local), number
    if colon:
        why = f'strconv.ParseUint: parsing "{local}": invalid syntax'
        raise CommandError(f"error parsing local port '{local}': {why}")
    return _through(service, local, pod, target=False) if service is not None else number, number


def _through(service: Object, port: str, pod: Object, *, target: bool = True) -> int:
    """Return the port of the pod that a Service's port leads to."""
    listed = service["spec"].get("ports") or ()
    found = next((one for one in listed if port in (str(one["port"]), one.get("name"))), None)
    if found is None:
        what = "service port" if port.isdigit() else "named port"
        shown = port if port.isdigit() else f"'{port}'"
        raise CommandError(f"Service {name(service)} does not have a {what} {shown}")
    if not target:
        return int(found["port"])
    return _number(str(found.get("targetPort") or found["port"]), pod)


def _number(port: str, pod: Object) -> int:
    if port.isdigit():
        return int(port)
    declared = [one for each in pod["spec"]["containers"] for one in each.get("ports") or ()]
    found = next((one["containerPort"] for one in declared if one.get("name") == port), None)
    if found is None:
        raise CommandError(f"Pod '{name(pod)}' does not have a named port '{port}'")
    return int(found)


COMMAND = Command(
    name="port-forward", short="Forward one or more local ports to a pod", run=run, resume=resume,
    usage="port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    long="Forward one or more local ports to a pod.\n\nThe forwarding session ends when the selected pod terminates, "
         "and a rerun of the command is needed to resume forwarding.",
    examples="# Listen on port 8080 of this machine, forwarding to port 80 of the pod\nkubectl port-forward pod/web "
             "8080:80\n\n# The same through a Service, in the background\nkubectl port-forward service/web 8080:80 &",
    flags=(
        Flag("address", "strings", ("localhost",), "Addresses to listen on (comma separated)."),
        Flag("pod-running-timeout", "duration", 60.0,
             "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running"),
    ),
)
