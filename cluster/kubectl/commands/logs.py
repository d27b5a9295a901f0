"""kubectl logs: of a pod, of the pods behind a workload, of a selection; with -f as it is written."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import podchoice, streams
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Silent, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import SELECTOR
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, name, namespace

SELECTOR_TAIL = 10


def run(session: Session) -> int | None:
    flags = session.flags
    _validate(session)
    sources = _sources(session)
    if flags["follow"] and len(sources) > flags["max-log-requests"]:
        raise CommandError(f"you are attempting to follow {len(sources)} log streams, but maximum allowed concurrency "
                           f"is {flags['max-log-requests']}, use --max-log-requests to increase the limit")
    if not flags["follow"]:
        for source in sources:
            _print(session, source, _read(session, source))
        return 0
    session.state["resume"] = True
    session.state["follow"] = [_begun(session, source) for source in sources]
    return resume(session)


def _validate(session: Session) -> None:
    flags = session.flags
    if not session.args and not flags["selector"]:
        raise usage_error(session.path, "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME "
                          "is a required argument for the logs command")
    if session.args and flags["selector"]:
        raise usage_error(session.path, "only a selector (-l) or a POD name is allowed")
    if len(session.args) > 2:
        raise usage_error(session.path, "logs expects at most 2 arguments")
    if flags["since"] and flags["since-time"]:
        raise CommandError("at most one of `sinceTime` or `sinceSeconds` may be specified")
    if flags["all-containers"] and (flags["container"] or len(session.args) == 2):
        raise CommandError("--all-containers=true should not be specified with container name "
                           f"{flags['container'] or session.args[1]}")
    if flags["tail"] < -1:
        raise CommandError("--tail must be greater than or equal to -1")


def _sources(session: Session) -> list[dict[str, str]]:
    """Return the (namespace, pod, container) to read."""
    flags = session.flags
    if flags["selector"]:
        listed = session.client.list("pods", session.namespace, label_selector=flags["selector"])["items"]
        if not listed:
            session.err(f"No resources found in {session.namespace} namespace.\n")
            raise Silent(0)
        found = [(pod, flags["container"]) for pod in listed]
    else:
        found = _named(session)
    return [
        {"namespace": namespace(pod), "pod": name(pod), "container": container}
        for pod, wanted in found for container in _containers(session, pod, wanted)
    ]


def _named(session: Session) -> list[tuple[Object, str]]:
    flags = session.flags
    wanted = flags["container"] or (session.args[1] if len(session.args) == 2 else "")
    argument = session.args[0]
    pods = podchoice.ranked(podchoice.pods(session, argument))
    if flags["all-pods"]:
        return [(pod, wanted) for pod in pods]
    if len(pods) > 1:
        session.err(f"Found {len(pods)} pods, using {'pod'}/"
                    f"{name(pods[0])}\n")
    return [(pods[0], wanted)]


def _containers(session: Session, pod: Object, wanted: str) -> list[str]:
    if session.flags["all-containers"]:
        return streams.all_containers(pod)
    if wanted:
        if wanted not in streams.all_containers(pod):
            raise StatusError(400, "BadRequest", f"container {wanted} is not valid for pod {name(pod)}")
        return [wanted]
    return [streams.chosen_container(session, pod, "")]


def _options(session: Session, source: dict[str, str]) -> dict[str, str]:
    flags = session.flags
    options = {"container": source["container"]}
    if flags["previous"]:
        options["previous"] = "true"
    tail = flags["tail"] if flags.given("tail") or not flags["selector"] else SELECTOR_TAIL
    if tail >= 0:
        options["tailLines"] = str(tail)
    if flags["since"]:
        options["sinceSeconds"] = str(int(flags["since"]))
    if flags["since-time"]:
        options["sinceTime"] = flags["since-time"]
    if flags["timestamps"]:
        options["timestamps"] = "true"
    if flags["limit-bytes"]:
        options["limitBytes"] = str(flags["limit-bytes"])
    return options


def _read(session: Session, source: dict[str, str]) -> bytes:
    """Ask the kubelets, after RBAC has had its say about the pod's log."""
    try:
        streams.require(session, "get", "log", source["namespace"], source["pod"])
        return streams.containers(session).logs(source["namespace"], source["pod"], _options(session, source))
    except StatusError as failure:
        if session.flags["ignore-errors"]:
            session.err(failure.message + "\n")
            return b""
        raise


def _print(session: Session, source: dict[str, str], data: bytes) -> None:
    if not session.flags["prefix"]:
        session.call.write(data)
        return
    prefix = f"[pod/{source['pod']}/{source['container']}] ".encode()
    session.call.write(b"".join(prefix + line for line in data.splitlines(keepends=True)))


def _begun(session: Session, source: dict[str, str]) -> dict[str, Any]:
    """Print what is there and remember where the rest begins."""
    door = streams.containers(session)
    _, offset, _ = door.logs_since(source["namespace"], source["pod"], source["container"], 0)
    _print(session, source, _read(session, source))
    return {**source, "offset": offset, "over": False}


def resume(session: Session) -> int | None:
    """Print what came since; end when all containers have ended."""
    door = streams.containers(session)
    for source in session.state["follow"]:
        if source["over"]:
            continue
        try:
            data, source["offset"], running = door.logs_since(
                source["namespace"], source["pod"], source["container"], source["offset"],
                timestamps=session.flags["timestamps"])
        except StatusError:
            source["over"] = True
            continue
        if data:
            _print(session, source, data)
        source["over"] = not running
    if all(source["over"] for source in session.state["follow"]):
        return 0
    session.call.wait_revision()
    session.call.sleep_until(session.now() + 0.2)
    return None


COMMAND = Command(
    name="logs", short="Print the logs for a container in a pod", run=run, resume=resume,
    usage="logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    long="Print the logs for a container in a pod or specified resource. If the pod has only one container, the "
         "container name is optional.",
    examples="""# The log of a pod
kubectl logs web

# Of one of its containers, the last twenty lines
kubectl logs web -c sidecar --tail=20

# Of the container that ended before
kubectl logs -p web

# As it is written
kubectl logs -f web

# Of all pods with a label, or of a deployment
kubectl logs -l app=web --all-containers
kubectl logs deployment/web""",
    flags=(
        SELECTOR,
        Flag("all-containers", "bool", False, "Get all containers' logs in the pod(s)."),
        Flag("all-pods", "bool", False, "Get logs from all pod(s). Sets prefix to true."),
        Flag("container", help="Print the logs of this container", short="c"),
        Flag("follow", "bool", False, "Specify if the logs should be streamed.", "f"),
        Flag("ignore-errors", "bool", False, "If watching / following pod logs, allow for any errors that occur to be "
             "non-fatal"),
        Flag("insecure-skip-tls-verify-backend", "bool", False, "Skip verifying the identity of the kubelet that logs "
             "are requested from."),
        Flag("limit-bytes", "int", 0, "Maximum bytes of logs to return. Defaults to no limit."),
        Flag("max-log-requests", "int", 5, "Specify maximum number of concurrent logs to follow when using by a "
             "selector. Defaults to 5."),
        Flag("pod-running-timeout", "duration", 20.0, "The length of time (like 5s, 2m, or 3h, higher than zero) to "
             "wait until at least one pod is running"),
        Flag("prefix", "bool", False, "Prefix each log line with the log source (pod name and container name)"),
        Flag("previous", "bool", False, "If true, print the logs for the previous instance of the container in a pod "
             "if it exists.", "p"),
        Flag("since", "duration", 0.0, "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults "
                                       "to "
             "all logs."),
        Flag("since-time", help="Only return logs after a specific date (RFC3339). Defaults to all logs."),
        Flag("tail", "int", -1, "Lines of recent log file to display. Defaults to -1 with no selector, showing all log "
             "lines otherwise 10, if a selector is provided."),
        Flag("timestamps", "bool", False, "Include timestamps on each line in the log output"),
    ),
)
