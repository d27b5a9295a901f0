"""Every command kubectl has, in the groups of its help page. A new command is a file and a line here."""

from __future__ import annotations

from cluster.kubectl.command import Command
from cluster.kubectl.commands import (
    get,
)
from cluster.kubectl.commands.create import (
    command as create,
)

GROUPS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    ("Basic Commands (Beginner):", (create.COMMAND,)),
    ("Basic Commands (Intermediate):", (get.COMMAND,)),
)

OTHERS: tuple[Command, ...] = ()

HIDDEN: tuple[Command, ...] = ()

ROOT = Command(
    name="kubectl",
    short="kubectl controls the Kubernetes cluster manager",
    long="kubectl controls the Kubernetes cluster manager.\n\n Find more information at: "
         "https://kubernetes.io/docs/reference/kubectl/",
    subcommands=(*(command for _, group in GROUPS for command in group), *OTHERS, *HIDDEN),
)
