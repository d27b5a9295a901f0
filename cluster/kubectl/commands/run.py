"""kubectl run: one pod, attached to with -i, gone again with --rm."""

from __future__ import annotations

import re
from typing import Any

from cluster.kubectl import overrides, streams
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, RECORD, SAVE_CONFIG, field_manager
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.machinery import goduration
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

_IMAGE = re.compile(r"[a-zA-Z0-9]+(?:[._/:@-]+[a-zA-Z0-9_]+)*$")
POLICIES = ("Always", "OnFailure", "Never")


def run(session: Session) -> int | None:
    flags = session.flags
    generator.require(session, "image")
    name = _validate(session)
    pod = overrides.apply(session, build(session, name))
    quiet = flags["stdin"] or flags["attach"]
    say = sayer(session)
    if flags["expose"]:
        service = generator.submit(session, _service(session, name), manager="kubectl-run")
        say(service, "created")
    info = generator.submit(session, pod, manager="kubectl-run")
    if not quiet or dry_run(session) != "none":
        say(info, "created")
        return 0
    session.state["resume"] = True
    session.state["pod"] = info.name
    return resume(session)


def _validate(session: Session) -> str:
    flags = session.flags
    args = session.args if session.flags.dash < 0 else session.args[: max(session.flags.dash, 0)]
    if not args:
        raise usage_error(session.path, "NAME is required for run")
    image = flags["image"]
    if not _IMAGE.match(image):
        raise CommandError(f'Invalid image name "{image}": invalid reference format')
    dry_run(session)
    if flags["tty"] and not flags["stdin"]:
        raise CommandError("-i/--stdin is required for containers with -t/--tty=true")
    if flags["expose"] and not flags["port"]:
        raise CommandError("--port must be set when exposing a service")
    if flags["restart"] not in POLICIES:
        raise usage_error(session.path, f"invalid restart policy: {flags['restart']}")
    if flags["rm"] and not (flags["stdin"] or flags["attach"]):
        raise CommandError("--rm should only be used for attached containers")
    return str(args[0])


def _words(session: Session) -> list[str]:
    """Return what follows the name: arguments, or with --command the command."""
    if session.flags.dash >= 0:
        return [*session.args[1 : session.flags.dash], *session.args[session.flags.dash :]]
    return session.args[1:]


def build(session: Session, name: str) -> Object:
    flags = session.flags
    given = _pairs(flags["labels"]) if flags["labels"] else {"run": name}
    obj = generator.typed("v1", "Pod", name, session, labels=given)
    if flags["annotations"]:
        obj["metadata"]["annotations"] = _pairs(",".join(flags["annotations"]))
    obj["spec"] = {"containers": [_container(session, name)], "restartPolicy": flags["restart"],
                   "dnsPolicy": "ClusterFirst"}
    obj["status"] = {}
    return obj


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise CommandError(f"invalid label spec: {part}")
        found[key] = value
    return dict(sorted(found.items()))


def _container(session: Session, name: str) -> dict[str, Any]:
    flags = session.flags
    container: dict[str, Any] = {"name": name, "image": flags["image"]}
    words = _words(session)
    if words:
        container["command" if flags["command"] else "args"] = words
    if flags["port"]:
        if not flags["port"].isdigit():
            raise CommandError(f'strconv.Atoi: parsing "{flags["port"]}": invalid syntax')
        container["ports"] = [{"containerPort": int(flags["port"])}]
    if flags["env"]:
        container["env"] = [_env(text) for text in flags["env"]]
    container["resources"] = {}
    if flags["image-pull-policy"]:
        container["imagePullPolicy"] = flags["image-pull-policy"]
    if flags["stdin"]:
        container["stdin"] = True
        if not flags["leave-stdin-open"]:
            container["stdinOnce"] = True
    if flags["tty"]:
        container["tty"] = True
    return _ordered(container)


def _ordered(container: dict[str, Any]) -> dict[str, Any]:
    order = ("name", "image", "command", "args", "ports", "env", "resources", "imagePullPolicy", "stdin", "stdinOnce",
             "tty", "securityContext")
    return {key: container[key] for key in order if key in container}


def _env(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise CommandError(f"invalid env: {text}")
    return {"name": name, "value": value}


def _service(session: Session, name: str) -> Object:
    obj = generator.typed("v1", "Service", name, session)
    port = int(session.flags["port"])
    obj["spec"] = {"ports": [{"protocol": "TCP", "port": port, "targetPort": port}],
                   "selector": _pairs(session.flags["labels"]) if session.flags["labels"] else {"run": name}}
    obj["status"] = {"loadBalancer": {}}
    return obj


# -- attached --------------------------------------------------------------------------------------------------------


def resume(session: Session) -> int | None:
    """Wait for the pod, stream its container, then delete it with --rm."""
    state = session.state
    mapping = session.discovery.resource("pods")
    if state.get("code") is not None:
        return _finish(session, Info(mapping, session.namespace, state["pod"]))
    pod = session.client.get("pods", state["pod"], session.namespace)
    phase = pod.get("status", {}).get("phase", "Pending")
    if "session" not in state and "log_offset" not in state:
        if phase == "Pending":
            return _wait_for_start(session)
        _announce(session)
    code = streams.follow_main(session, pod, stdin=session.flags["stdin"])
    if code is None:
        return None
    state["code"] = code
    return _finish(session, Info(mapping, session.namespace, state["pod"]))


def _wait_for_start(session: Session) -> int | None:
    state = session.state
    until = state.setdefault("until", session.now() + session.flags["pod-running-timeout"])
    if session.now() >= until:
        raise CommandError("timed out waiting for the condition")
    session.wait(until)
    return None


def _announce(session: Session) -> None:
    wanted = session.flags["stdin"] and session.flags["tty"] and not session.flags["quiet"]
    if wanted and not session.state.get("announced"):
        session.state["announced"] = True
        session.err("If you don't see a command prompt, try pressing enter.\n")


def _finish(session: Session, info: Info) -> int | None:
    state = session.state
    if session.flags["rm"] and not state.get("deleted"):
        state["deleted"] = True
        try:
            session.send("delete", info.mapping, name=info.name, namespace=info.namespace, body={})
            session.out(f'pod "{info.name}" deleted\n')
        except StatusError as failure:
            if failure.reason != "NotFound":
                raise
    code = int(state["code"])
    if code:
        session.err(f"pod {session.namespace}/{info.name} terminated (Error)\n")
    return code


COMMAND = Command(
    name="run", short="Run a particular image on the cluster", run=run, resume=resume,
    usage='run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] '
          '[--overrides=inline-json] '
          "[--command] -- [COMMAND] [args...]",
    long="Create and run a particular image in a pod.",
    examples="""# A pod that runs nginx
kubectl run web --image=nginx

# With a port and environment
kubectl run web --image=nginx --port=80 --env="COLOR=blue"

# A shell to look around with, gone at its end
kubectl run -i -t box --image=busybox --rm --restart=Never

# Only the manifest
kubectl run web --image=nginx --dry-run=client -o yaml""",
    flags=(
        *OUTPUT, DRY_RUN, SAVE_CONFIG, RECORD, field_manager("kubectl-run"), *overrides.FLAGS,
        Flag("annotations", "array", (), "Annotations to apply to the pod."),
        Flag("attach", "bool", False, "If true, wait for the Pod to start running, and then attach to the Pod as if "
             "'kubectl attach ...' were called."),
        Flag("command", "bool", False, "If true and extra arguments are present, use them as the 'command' field in "
                                       "the "
             "container, rather than the 'args' field which is the default."),
        Flag("env", "array", (), "Environment variables to set in the container."),
        Flag("expose", "bool", False, "If true, create a ClusterIP service associated with the pod.  Requires "
             "`--port`."),
        Flag("force", "bool", False, "If true, immediately remove resources from API and bypass graceful deletion."),
        Flag("grace-period", "int", -1, "Period of time in seconds given to the resource to terminate gracefully."),
        Flag("image", help="The image for the container to run."),
        Flag("image-pull-policy", help="The image pull policy for the container."),
        Flag("labels", help="Comma separated labels to apply to the pod. Will override previous values.", short="l"),
        Flag("leave-stdin-open", "bool", False, "If the pod is started in interactive mode or with stdin, leave stdin "
             "open after the first attach completes."),
        Flag("pod-running-timeout", "duration", 60.0, "The length of time (like 5s, 2m, or 3h, higher than zero) to "
                                                      "wait "
             f"until at least one pod is running ({goduration.text(60)})"),
        Flag("port", help="The port that this container exposes."),
        Flag("privileged", "bool", False, "If true, run the container in privileged mode."),
        Flag("quiet", "bool", False, "If true, suppress prompt messages.", "q"),
        Flag("restart", "string", "Always", "The restart policy for this Pod.  Legal values [Always, OnFailure, "
             "Never]."),
        Flag("rm", "bool", False, "If true, delete the pod after it exits.  Only valid when attaching to the "
             "container."),
        Flag("stdin", "bool", False, "Keep stdin open on the container in the pod, even if nothing is attached.", "i"),
        Flag("timeout", "duration", 0.0, "The length of time to wait before giving up on a delete."),
        Flag("tty", "bool", False, "Allocate a TTY for the container in the pod.", "t"),
        Flag("wait", "bool", False, "If true, wait for resources to be gone before returning."),
    ),
)
