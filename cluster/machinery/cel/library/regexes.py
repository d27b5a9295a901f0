"""Regular expressions: `matches`, `find`, `findAll`. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library

The patterns are RE2's; Python's engine runs them, so what RE2 does not know (look-around, back-references) is
refused here, and `(?P<name>…)` and the classes in brackets read the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import CelError

_FOREIGN = re.compile(r"(?<!\\)(?:\\\\)*(\(\?(?:[=!>#(]|<[=!]|P=)|\\[1-9])")
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_NAMED = re.compile(r"\[:(\w+):\]")


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """Return a compiled RE2 pattern; raise CelError in Go's words."""
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        kind = "escape sequence" if foreign[1].startswith("\\") else "or unsupported Perl syntax"
        raise CelError(f"error parsing regexp: invalid {kind}: `{foreign[1]}`")
    known = (
        _NAMED.sub(lambda match: _CLASSES.get(match[1], match[0]), text).replace(r"\z", r"\Z").replace("(?<", "(?P<")
    )
    try:
        return re.compile(known, re.ASCII)
    except re.error as error:
        raise CelError(f"error parsing regexp: {error.msg}: `{text}`") from None


def _matches(text: str, regex: str) -> bool:
    return pattern(regex).search(text) is not None


def _find(text: str, regex: str) -> str:
    found = pattern(regex).search(text)
    return found[0] if found else ""


def _find_all(text: str, regex: str, limit: int = -1) -> list[str]:
    found = [match[0] for match in pattern(regex).finditer(text)]
    return found if limit < 0 else found[:limit]


STANDARD = library([("string.matches(string) bool; matches(string, string) bool", _matches)], declared=False)

REGEX = library(
    [
        ("string.find(string) string", _find),
        ("string.findAll(string) list<string>; string.findAll(string, int) list<string>", _find_all),
    ]
)
