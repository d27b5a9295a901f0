"""`Did you mean this?`: cobra's suggestions for a misspelt command."""

from __future__ import annotations

from cluster.kubectl.command import Command
from cluster.kubectl.errors import CommandError

DISTANCE = 2


def unknown_command(parent: Command, path: str, word: str) -> CommandError:
    close = suggestions(parent, word)
    text = f'unknown command "{word}" for "{path}"'
    if close:
        text += "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in close)
    return CommandError(text)


def suggestions(parent: Command, word: str) -> list[str]:
    """Return the commands within two edits, or that begin with the word; in the order of the registry."""
    found = []
    for command in sorted(parent.subcommands, key=lambda one: one.name):
        near = levenshtein(word.lower(), command.name.lower()) <= DISTANCE
        if near or command.name.lower().startswith(word.lower()):
            found.append(command.name)
    return found


def levenshtein(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for index, letter in enumerate(left, 1):
        before, row[0] = row[0], index
        for column, other in enumerate(right, 1):
            before, row[column] = row[column], min(
                row[column] + 1, row[column - 1] + 1, before + (letter != other))
    return row[-1]
