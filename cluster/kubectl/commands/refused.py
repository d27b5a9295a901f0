"""Commands this terminal cannot serve: proxy and port-forward need a network of the learner's own machine.

They say so instead of pretending; a real kubectl with the lab's kubeconfig can do both.
"""

from __future__ import annotations

from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag

HINT = ("is not possible here: this terminal has no machine of its own to listen on. Use the service's address "
        "(`curl http://<cluster-ip>:<port>` works from here), or a kubectl of your own with this lab's kubeconfig")


def _refuse(session: Session) -> int:
    raise CommandError(f"{session.command.name} {HINT}")


PORT_FORWARD = Command(
    name="port-forward", short="Forward one or more local ports to a pod", run=_refuse,
    usage="port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    flags=(Flag("address", "strings", ("localhost",), "Addresses to listen on (comma separated)."),))
PROXY = Command(
    name="proxy", short="Run a proxy to the Kubernetes API server", run=_refuse,
    usage="proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    flags=(Flag("port", "int", 8001, "The port on which to run the proxy. Set to 0 to pick a random port.", "p"),))
