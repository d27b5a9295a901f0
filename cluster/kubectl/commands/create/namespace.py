"""kubectl create namespace."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator
from cluster.machinery.meta import Object


def build(session: Session) -> Object:
    obj = generator.typed("v1", "Namespace", generator.argument(session), session, namespaced=False)
    obj["spec"], obj["status"] = {}, {}
    return obj


COMMAND = generator.command(
    "namespace", "Create a namespace with the specified name", build, (), usage="namespace NAME [--dry-run=server|"
    "client|none]", aliases=("ns",), examples="# A namespace for the shop\nkubectl create namespace shop",
)
