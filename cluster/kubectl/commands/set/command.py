"""The group `kubectl set`."""

from __future__ import annotations

from cluster.kubectl.command import Command
from cluster.kubectl.commands.set import env, image, others, resources

COMMAND = Command(
    name="set", short="Set specific features on objects", usage="set SUBCOMMAND",
    long="Configure application resources.\n\n These commands help you make changes to existing application resources.",
    subcommands=(env.COMMAND, image.COMMAND, resources.COMMAND, others.SELECTOR, others.SERVICEACCOUNT, others.SUBJECT),
)
