"""kubectl proxy: a port of the learner's machine that leads to the API server, without credentials of its own."""

from __future__ import annotations

from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.portforward import ports_of
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag


def run(session: Session) -> int | None:
    ports, port = ports_of(session), int(session.flags["port"])
    port = port or ports.free()
    if not ports.open(port, {"kind": "api"}):
        raise CommandError(f"listen tcp 127.0.0.1:{port}: bind: address already in use")
    session.out(f"Starting to serve on 127.0.0.1:{port}\n")
    session.state["ports"] = [port]
    session.state["resume"] = True
    return resume(session)


def resume(session: Session) -> int | None:
    session.wait()
    return None


COMMAND = Command(
    name="proxy", short="Run a proxy to the Kubernetes API server", run=run, resume=resume,
    usage="proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    flags=(Flag("port", "int", 8001, "The port on which to run the proxy. Set to 0 to pick a random port.", "p"),))
