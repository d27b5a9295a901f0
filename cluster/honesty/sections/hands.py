"""What the learner types: kubectl's commands and flags, the shell's programs, the images of the catalogue."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from cluster.honesty.lines import Line, Text
from cluster.honesty.remarks import module_of, remarks
from cluster.kubectl.command import Command
from cluster.kubectl.commands.registry import GROUPS, HIDDEN, OTHERS
from cluster.shell.programs.program import Plain
from cluster.shell.programs.registry import PROGRAMS
from cluster.workloads.catalogue import entries

_COMMANDS = "cluster.kubectl.commands."
_IGNORED: Text = {
    "en": "Simplified: these flags are accepted and change nothing:",
    "zh-hans": "简化：接受但不起作用的参数：",
}


def kubectl() -> Iterator[Line]:
    for command in (*(one for _, group in GROUPS for one in group), *OTHERS, *HIDDEN):
        yield from _commands(command, "")


def _commands(command: Command, before: str) -> Iterator[Line]:
    path = f"{before} {command.name}".strip()
    flags = ", ".join(f"--{one.name}" for one in command.flags if not one.hidden)
    module = module_of(command.run or _first_work(command))
    idle = ", ".join(f"--{one.name}" for one in command.flags if one.name not in _read_by(module.__name__))
    said = remarks(module.__doc__) if command.run else ()
    how = (*said, {language: f"{text} {idle}" for language, text in _IGNORED.items()}) if idle else said
    yield Line(path, "simplified" if how else "real", how, (flags,) if flags else ())
    for one in command.subcommands:
        yield from _commands(one, path)


def _first_work(command: Command) -> Any:
    return next(one.run for one in command.subcommands if one.run)


@cache
def _read_by(module: str) -> frozenset[str]:
    """Return every word that a command's code uses other than to declare a flag: a flag not among them is never read.

    Its code is its module (or package), what that imports of other commands, and what all commands share.
    """
    words = set(_shared_words())
    seen: set[str] = set()
    waiting = [_file_of(module)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            used, imported = _code_of(name)
            words |= used
            waiting += imported
    return frozenset(words)


def _file_of(module: str) -> str:
    """Return the name of the file or folder of commands that holds a module."""
    return module.removeprefix(_COMMANDS).partition(".")[0]


@cache
def _code_of(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return (words, other commands' files) of a file or folder of commands."""
    folder = files("cluster.kubectl.commands")
    nodes = [node for entry in (folder / name, folder / f"{name}.py") for node in _nodes(entry)]
    imported = {
        _file_of(f"{node.module}.{one.name}")
        for node in nodes
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(_COMMANDS)
        for one in node.names
    }
    return frozenset(_words(nodes)), frozenset(imported)


@cache
def _shared_words() -> frozenset[str]:
    folder = files("cluster.kubectl")
    return frozenset(word for entry in folder.iterdir() if entry.name != "commands" for word in _words(_nodes(entry)))


def _nodes(entry: Traversable) -> Iterator[ast.AST]:
    """Yield every node of the code in a file or folder, but the names in `Flag("name", …)`."""
    if entry.is_dir():
        for inner in entry.iterdir():
            yield from _nodes(inner)
    elif entry.name.endswith(".py") and entry.is_file():
        waiting: list[ast.AST] = [ast.parse(entry.read_text(encoding="utf-8"))]
        while waiting:
            node = waiting.pop()
            yield node
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Flag"):
                waiting += ast.iter_child_nodes(node)


def _words(nodes: Iterable[ast.AST]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def programs() -> Iterator[Line]:
    for name, entry in sorted(PROGRAMS.items()):
        work = entry.program.run if isinstance(entry.program, Plain) else entry.program
        how = remarks(inspect.getdoc(work)) + remarks(module_of(work).__doc__)
        yield Line(name, "simplified", how, (", ".join(sorted(entry.userlands)),))


def images() -> Iterator[Line]:
    for name, entry in sorted(entries().items()):
        yield Line(name, "simplified", (), (f"latest = {entry.latest}",))
