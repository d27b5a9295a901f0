"""kubectl exec."""

from __future__ import annotations

from cluster.kubectl import podchoice, streams
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import filename
from cluster.machinery.meta import name, namespace

TIMEOUT = Flag("pod-running-timeout", "duration", 60.0, "The length of time (like 5s, 2m, or 3h, higher than zero) to "
               "wait until at least one pod is running")


def run(session: Session) -> int | None:
    flags = session.flags
    dash = flags.dash
    if not session.args and not flags["filename"]:
        raise usage_error(session.path, "expected 'exec (POD | TYPE/NAME) COMMAND [ARG1] [ARG2] ... [ARGN]'.\nPOD or "
                          "TYPE/NAME and COMMAND are required arguments for the exec command")
    if dash < 0 and len(session.args) > 1:
        raise CommandError("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee "
                           "'kubectl exec -h' for help and examples")
    argv = session.args[dash:] if dash >= 0 else []
    if not argv:
        raise usage_error(session.path, "you must specify at least one command for the container")
    pod = podchoice.one(session, session.args[0] if dash != 0 else "")
    problem = streams.not_running(pod)
    if problem:
        raise problem
    container = streams.chosen_container(session, pod, flags["container"], say_default=not flags["quiet"])
    tty = flags["tty"] and session.call.tty
    if flags["tty"] and not session.call.tty:
        session.err("Unable to use a TTY - input is not a terminal or the right kind of file\n")
    streams.require(session, "create", "exec", namespace(pod), name(pod))
    session.state["exec_session"] = streams.begun(lambda: streams.containers(session).exec(
        namespace(pod), name(pod), container, argv, tty=tty, stdin=flags["stdin"], columns=session.call.columns))
    session.state["resume"] = True
    return resume(session)


def resume(session: Session) -> int | None:
    code = streams.pump(session, session.state["exec_session"], stdin=session.flags["stdin"])
    if code is None:
        return None
    if code:
        session.err(f"command terminated with exit code {code}\n")
    return code


COMMAND = Command(
    name="exec", short="Execute a command in a container", run=run, resume=resume,
    usage="exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    long="Execute a command in a container.",
    examples="""# The date, from the first container of a pod
kubectl exec web -- date

# From another container
kubectl exec web -c sidecar -- date

# A shell to type in
kubectl exec -it web -- sh

# In the first pod of a deployment
kubectl exec deploy/web -- ls -l /""",
    flags=(
        *filename("to use to exec into the resource")[:1], TIMEOUT,
        Flag("container", help="Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation "
             "for selecting the container to be attached or the first container in the pod will be chosen", short="c"),
        Flag("quiet", "bool", False, "Only print output from the remote session", "q"),
        Flag("stdin", "bool", False, "Pass stdin to the container", "i"),
        Flag("tty", "bool", False, "Stdin is a TTY", "t"),
    ),
)
