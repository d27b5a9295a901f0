"""kubectl attach."""

from __future__ import annotations

from cluster.kubectl import podchoice, streams
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.exec import TIMEOUT
from cluster.kubectl.errors import usage_error
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import name, namespace


def run(session: Session) -> int | None:
    flags = session.flags
    if not session.args:
        raise usage_error(session.path, "at least 1 argument is required for attach")
    pod = podchoice.one(session, session.args[0])
    problem = streams.not_running(pod)
    if problem:
        raise problem
    container = streams.chosen_container(session, pod, flags["container"], say_default=not flags["quiet"])
    if not flags["quiet"] and session.call.tty:
        session.err("If you don't see a command prompt, try pressing enter.\n")
    streams.require(session, "create", "attach", namespace(pod), name(pod))
    session.state["exec_session"] = streams.begun(lambda: streams.containers(session).attach(
        namespace(pod), name(pod), container, stdin=flags["stdin"]))
    session.state["resume"] = True
    return resume(session)


def resume(session: Session) -> int | None:
    return streams.pump(session, session.state["exec_session"], stdin=session.flags["stdin"])


COMMAND = Command(
    name="attach", short="Attach to a running container", run=run, resume=resume,
    usage="attach (POD | TYPE/NAME) -c CONTAINER",
    long="Attach to a process that is already running inside an existing container.",
    examples="# What the main process writes from now on\nkubectl attach web\n\n# And type to it\nkubectl attach web "
             "-c "
             "shell -i -t",
    flags=(
        TIMEOUT,
        Flag("container", help="Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation "
             "for selecting the container to be attached or the first container in the pod will be chosen", short="c"),
        Flag("quiet", "bool", False, "Only print output from the remote session", "q"),
        Flag("stdin", "bool", False, "Pass stdin to the container", "i"),
        Flag("tty", "bool", False, "Stdin is a TTY", "t"),
    ),
)
