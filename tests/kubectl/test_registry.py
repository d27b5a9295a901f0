"""The table of commands is complete and every page can be printed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster.kubectl.command import Command
from cluster.kubectl.commands.registry import ROOT
from tests.kubectl.desk import Desk


def walk(command: Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    for inner in command.subcommands:
        yield (*path, inner.name), inner
        yield from walk(inner, (*path, inner.name))


COMMANDS = list(walk(ROOT))


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(
    value, tuple) else "")
def test_every_command_has_a_help_page(path: tuple[str, ...], command: Command, desk: Desk) -> None:
    answer = desk.run(*path, "--help")
    assert answer.code == 0
    assert "Usage:\n  kubectl " in answer.out
    assert all(flag.help for flag in command.flags if not flag.hidden)


def test_every_command_does_something_or_has_subcommands() -> None:
    assert all(command.run or command.subcommands for _, command in COMMANDS)


def test_no_command_gives_one_shorthand_twice() -> None:
    for path, command in COMMANDS:
        shorts = [flag.short for flag in command.flags if flag.short]
        names = [flag.name for flag in command.flags]
        assert len(shorts) == len(set(shorts)), path
        assert len(names) == len(set(names)), path


def test_a_misspelt_verb_suggests_the_one_meant(desk: Desk) -> None:
    answer = desk.say("kubectl gte pods")
    assert answer.err == 'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n'
    assert answer.code == 1
