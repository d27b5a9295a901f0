"""kubectl create serviceaccount."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator
from cluster.machinery.meta import Object


def build(session: Session) -> Object:
    return generator.typed("v1", "ServiceAccount", generator.argument(session), session)


COMMAND = generator.command(
    "serviceaccount", "Create a service account with the specified name", build, (),
    usage="serviceaccount NAME [--dry-run=server|client|none]", aliases=("sa",),
    failure="failed to create serviceaccount: ",
    examples="# A service account for a robot\nkubectl create serviceaccount robot",
)
