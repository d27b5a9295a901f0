"""POSIX regular expressions, basic and extended, in Python's spelling."""

from __future__ import annotations

import re

from cluster.shell.patterns import posix_classes

_GNU = {"<": r"\b(?=\w)", ">": r"\b(?<=\w)", "`": r"\A"}


def python_regex(text: str, *, extended: bool) -> str:
    """Return the expression for `re`; raises re.error when compiled if it is malformed."""
    found, i = "", 0
    special = "+?|(){}"
    while i < len(text):
        letter = text[i]
        if letter == "\\" and i + 1 < len(text):
            after = text[i + 1]
            i += 2
            if after in _GNU:
                found += _GNU[after]
            elif after in special:
                found += "\\" + after if extended else after
            else:
                found += "\\" + after
            continue
        if letter == "[":
            piece, i = _bracket(text, i)
            found += piece
            continue
        if not extended and letter in special:
            found += "\\" + letter
        elif letter == "*" and (not found or found.endswith(("(", "|")) or (found == "^")):
            found += r"\*"
        elif extended and letter == "{" and not re.match(r"\{\d*,?\d*\}", text[i:]):
            found += r"\{"
        else:
            found += letter
        i += 1
    return found


def _bracket(text: str, start: int) -> tuple[str, int]:
    i = start + 1
    i += text[i : i + 1] == "^"
    i += text[i : i + 1] == "]"
    while i < len(text) and text[i] != "]":
        match = re.compile(r"\[:\w+:\]").match(text, i)
        i = match.end() if match else i + 1
    inner = text[start + 1 : i]
    negated = inner.startswith("^")
    body = posix_classes(inner[1:] if negated else inner)
    body = re.sub(r"\\(?![sSwWdDtn])", r"\\\\", body) if "[:" not in inner else body
    body = body.replace("[", "\\[").replace("]", "\\]") if "[:" not in inner else body
    return f"[{'^' if negated else ''}{body}]", i + 1
