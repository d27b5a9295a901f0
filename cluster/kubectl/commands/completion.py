"""kubectl completion: this terminal completes by itself, so the script has nothing left to do."""

from __future__ import annotations

from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import usage_error

SHELLS = ("bash", "zsh", "fish", "powershell")


def run(session: Session) -> int:
    if not session.args:
        raise usage_error(session.path, "Shell not specified.")
    if len(session.args) > 1:
        raise usage_error(session.path, "Too many arguments. Expected only the shell type.")
    if session.args[0] not in SHELLS:
        raise usage_error(session.path, f'Unsupported shell type "{session.args[0]}".')
    session.out(f"# {session.args[0]} completion for kubectl: the Tab key completes here without a script.\n")
    return 0


COMMAND = Command(
    name="completion", short="Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    usage="completion SHELL", run=run, long="Output shell completion code for the specified shell (bash, zsh, fish, or "
    "powershell). In this terminal the Tab key completes already.")
