"""The group `kubectl rollout`."""

from __future__ import annotations

from cluster.kubectl.command import Command
from cluster.kubectl.commands.rollout import history, status, switches

COMMAND = Command(
    name="rollout", short="Manage the rollout of a resource", usage="rollout SUBCOMMAND",
    long="Manage the rollout of one or many resources.\n        \n Valid resource types include:\n\n  *  "
         "deployments\n  "
         "*  daemonsets\n  *  statefulsets",
    examples="""# Back to the revision before
kubectl rollout undo deployment/web

# How far a daemon set's rollout is
kubectl rollout status daemonset/agent

# Restart a deployment
kubectl rollout restart deployment/web""",
    subcommands=(history.HISTORY, switches.PAUSE, switches.RESTART, switches.RESUME, status.COMMAND, history.UNDO),
)
