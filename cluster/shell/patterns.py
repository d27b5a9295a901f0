"""Shell patterns (XCU 2.13): matching of text and of path names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from cluster.workloads.files import FileError, Files

# A text in pieces, each quoted (taken literally) or not.
Pieces: TypeAlias = Sequence[tuple[str, bool]]

_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "space": r"\s",
    "upper": "A-Z",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "blank": r" \t",
    "print": r"\x20-\x7e",
}


def is_pattern(pieces: Pieces) -> bool:
    """Return whether anything unquoted could match more than itself."""
    return any(not quoted and any(letter in text for letter in "*?[") for text, quoted in pieces)


def plain(pieces: Pieces) -> str:
    return "".join(text for text, _ in pieces)


def marked(pieces: Pieces) -> str:
    """Return the pieces as one text in which backslashes protect what was quoted."""
    return "".join(re.sub(r"([\\*?\[\]!^-])", r"\\\1", text) if quoted else text for text, quoted in pieces)


@lru_cache(maxsize=512)
def regex(pattern: str, *, lazy: bool = False) -> str:
    """Return the regular expression of a marked pattern; `lazy` for the shortest match."""
    star = ".*?" if lazy else ".*"
    found, i = "", 0
    while i < len(pattern):
        letter = pattern[i]
        if letter == "\\" and i + 1 < len(pattern):
            i += 1
            found += re.escape(pattern[i])
        elif letter == "*":
            found += star
        elif letter == "?":
            found += "."
        elif letter == "[":
            piece, i = _bracket(pattern, i)
            found += piece
        else:
            found += re.escape(letter)
        i += 1
    return found


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    i = start + 1
    negated = pattern[i : i + 1] in ("!", "^")
    i += negated
    body, first = "", True
    while i < len(pattern) and (pattern[i] != "]" or first):
        first = False
        match = re.compile(r"\[:(\w+):\]").match(pattern, i)
        if match:
            body += _CLASSES.get(match.group(1), "")
            i = match.end()
            continue
        if pattern[i] == "\\" and i + 1 < len(pattern):
            i += 1
            body += "\\" + pattern[i]
        else:
            body += "\\" + pattern[i] if pattern[i] in "[]\\^&~|" else pattern[i]
        i += 1
    if i >= len(pattern):
        return r"\[", start
    return f"[{'^' if negated else ''}{body}]", i


def matches(pieces: Pieces, text: str) -> bool:
    return re.fullmatch(regex(marked(pieces)), text, re.DOTALL) is not None


def path_names(files: Files, cwd: str, pieces: Pieces) -> list[str]:
    """Return the existing paths a pattern stands for, sorted; empty when there are none."""
    components = marked(pieces).split("/")
    absolute = components[0] == "" and len(components) > 1
    found = ["/"] if absolute else [""]
    for number, component in enumerate(components):
        if component == "":
            if number and number == len(components) - 1:
                found = [path + "/" for path in found if _is_dir(files, _full(cwd, path))]
            continue
        found = [path for base in found for path in _step(files, cwd, base, component)]
    return sorted(found)


def _step(files: Files, cwd: str, base: str, component: str) -> list[str]:
    prefix = base if base in ("", "/") else base.rstrip("/") + "/"
    if not re.search(r"(?<!\\)[*?\[]", component):
        path = prefix + re.sub(r"\\(.)", r"\1", component)
        return [path] if files.exists(_full(cwd, path)) else []
    try:
        names = files.list(_full(cwd, base or "."))
    except FileError:
        return []
    expression = re.compile(regex(component), re.DOTALL)
    hidden = component.startswith((".", "\\."))
    return [prefix + name for name in names if (hidden or not name.startswith(".")) and expression.fullmatch(name)]


def _full(cwd: str, path: str) -> str:
    return path if path.startswith("/") else f"{cwd.rstrip('/')}/{path}"


def _is_dir(files: Files, path: str) -> bool:
    try:
        return files.stat(path).kind == "dir"
    except FileError:
        return False


def posix_classes(expression: str) -> str:
    """Return a POSIX extended regular expression in Python's spelling."""
    return re.sub(r"\[:(\w+):\]", lambda match: _CLASSES.get(match.group(1), ""), expression)
