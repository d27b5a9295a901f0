"""Every command kubectl has, in the groups of its help page. A new command is a file and a line here."""

from __future__ import annotations

from cluster.kubectl.command import Command
from cluster.kubectl.commands import (
    attach,
    auth,
    autoscale,
    certificate,
    completion,
    config,
    cp,
    debug,
    delete,
    describe,
    diff,
    discovery,
    edit,
    events,
    exec,
    explain,
    expose,
    get,
    kustomize,
    labelling,
    logs,
    nodes,
    patch,
    portforward,
    proxy,
    replace,
    run,
    scale,
    top,
    wait,
)
from cluster.kubectl.commands.apply import command as apply
from cluster.kubectl.commands.create import command as create
from cluster.kubectl.commands.rollout import command as rollout
from cluster.kubectl.commands.set import command as set_

GROUPS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    ("Basic Commands (Beginner):", (create.COMMAND, expose.COMMAND, run.COMMAND, set_.COMMAND)),
    ("Basic Commands (Intermediate):", (explain.COMMAND, get.COMMAND, edit.COMMAND, delete.COMMAND)),
    ("Deploy Commands:", (rollout.COMMAND, scale.COMMAND, autoscale.COMMAND)),
    ("Cluster Management Commands:", (certificate.COMMAND, discovery.CLUSTER_INFO, top.COMMAND, nodes.CORDON,
                                      nodes.UNCORDON, nodes.DRAIN, nodes.TAINT)),
    ("Troubleshooting and Debugging Commands:", (describe.COMMAND, logs.COMMAND, attach.COMMAND, exec.COMMAND,
                                                 portforward.COMMAND, proxy.COMMAND, cp.COMMAND, auth.COMMAND,
                                                 debug.COMMAND, events.COMMAND)),
    ("Advanced Commands:", (diff.COMMAND, apply.COMMAND, patch.COMMAND, replace.COMMAND, wait.COMMAND,
                            kustomize.COMMAND)),
    ("Settings Commands:", (labelling.LABEL, labelling.ANNOTATE, completion.COMMAND)),
)

OTHERS: tuple[Command, ...] = (
    discovery.API_RESOURCES, discovery.API_VERSIONS, config.COMMAND, discovery.PLUGIN, discovery.VERSION)

HIDDEN: tuple[Command, ...] = (discovery.OPTIONS,)

ROOT = Command(
    name="kubectl",
    short="kubectl controls the Kubernetes cluster manager",
    long="kubectl controls the Kubernetes cluster manager.\n\n Find more information at: "
         "https://kubernetes.io/docs/reference/kubectl/",
    subcommands=(*(command for _, group in GROUPS for command in group), *OTHERS, *HIDDEN),
)
