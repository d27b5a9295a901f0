"""Every command kubectl has, in the groups of its help page. A new command is a file and a line here."""

from __future__ import annotations

from cluster.kubectl.command import Command
from cluster.kubectl.commands import (
    attach,
    autoscale,
    delete,
    describe,
    edit,
    exec,
    expose,
    get,
    labelling,
    logs,
    patch,
    replace,
    run,
    scale,
    wait,
)
from cluster.kubectl.commands.apply import command as apply
from cluster.kubectl.commands.create import command as create
from cluster.kubectl.commands.rollout import command as rollout
from cluster.kubectl.commands.set import command as set_

GROUPS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    ("Basic Commands (Beginner):", (create.COMMAND, expose.COMMAND, run.COMMAND, set_.COMMAND)),
    ("Basic Commands (Intermediate):", (get.COMMAND, edit.COMMAND, delete.COMMAND)),
    ("Deploy Commands:", (rollout.COMMAND, scale.COMMAND, autoscale.COMMAND)),
    ("Troubleshooting and Debugging Commands:", (describe.COMMAND, logs.COMMAND, attach.COMMAND, exec.COMMAND)),
    ("Advanced Commands:", (apply.COMMAND, patch.COMMAND, replace.COMMAND, wait.COMMAND)),
    ("Settings Commands:", (labelling.LABEL, labelling.ANNOTATE)),
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
