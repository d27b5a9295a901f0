"""What the Tab key offers: commands in first place, else files; the terminal adds what kubectl knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cluster.shell.builtins.registry import BUILTINS
from cluster.shell.programs.registry import PROGRAMS, has_program
from cluster.workloads.files import FileError

if TYPE_CHECKING:
    from cluster.shell.shell import Shell

_BREAKS = " \t\n;|&<>()"


def completer_for(shell: Shell) -> Callable[[str], tuple[int, Sequence[str]]]:
    """Return the line editor's view of completion for this shell."""

    def complete(text: str) -> tuple[int, Sequence[str]]:
        start = _word_start(text)
        word = text[start:]
        words = re.split(r"[;|&(]", text[:start])[-1].split()
        while words and re.fullmatch(r"\w+=.*", words[0]):
            words.pop(0)
        if not words and not re.search(r"[<>]\s*$", text[:start]):
            return start, command_names(shell, word)
        found = None
        if shell.machine.completer is not None and words and not re.search(r"[<>]\s*$", text[:start]):
            alias = shell.data["aliases"].get(words[0])
            words = [*alias.split(), *words[1:]] if alias else words
            found = shell.machine.completer(shell.place, shell, words, word)
        return start, found if found is not None else file_names(shell, word)

    return complete


def _word_start(text: str) -> int:
    i = len(text)
    while i and (text[i - 1] not in _BREAKS or (i > 1 and text[i - 2] == "\\")):
        i -= 1
    return i


def command_names(shell: Shell, word: str) -> list[str]:
    if "/" in word:
        return file_names(shell, word)
    userland, place = shell.machine.userland(shell.place), shell.place
    packages = tuple(place.services.get("packages", ()))
    names = {name for name, one in BUILTINS.items() if one.known_to(shell.dialect.name)}
    names |= {name for name in PROGRAMS if has_program(name, place.kind, userland, packages)}
    names |= set(shell.data["funcs"]) | set(shell.data["aliases"]) | set(place.services.get("commands", ()))
    return sorted(name for name in names if name.startswith(word))


def file_names(shell: Shell, word: str) -> list[str]:
    """Return the paths that begin with `word`; folders end in `/`."""
    plain = word.replace("\\", "").strip("'\"")
    folder, _, name = plain.rpartition("/")
    lead = plain[: len(plain) - len(name)]
    home = shell.home("") or "/"
    place = home + folder[1:] if folder.startswith("~") else folder or ("/" if lead else ".")
    try:
        names = shell.files.list(shell.path(place))
    except FileError:
        return []
    found = []
    for one in names:
        if one.startswith(name) and (name.startswith(".") or not one.startswith(".")):
            try:
                mark = "/" if shell.files.stat(shell.path(f"{place}/{one}")).kind == "dir" else ""
            except FileError:
                mark = ""
            found.append(lead + re.sub(r"([ '\"\\()&;|<>$*?])", r"\\\1", one) + mark)
    return found
