"""Strings: the standard tests and cel-go's extended strings, `format` among them.

https://kubernetes.io/docs/reference/using-api/cel/#cel-extended-strings-library
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cluster.machinery.cel.library.conversions import double_text
from cluster.machinery.cel.library.times import duration_text, timestamp_text
from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import CelError, Duration, Timestamp, TypeName, UInt, type_name

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(chr(0x2000 + at) for at in range(11))
_LOWER = {upper: upper + 32 for upper in range(65, 91)}
_UPPER = {lower: lower - 32 for lower in range(97, 123)}
_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}


def _outside(place: int) -> CelError:
    return CelError(f"index out of range: {place}")


def _char_at(text: str, place: int) -> str:
    if not 0 <= place <= len(text):
        raise _outside(place)
    return text[place : place + 1]


def _index_of(text: str, part: str, start: int = 0) -> int:
    if part and not 0 <= start <= len(text):
        raise _outside(start)
    return text.find(part, start)


def _last_index_of(text: str, part: str, start: int | None = None) -> int:
    if start is None:
        return text.rfind(part)
    if part and not 0 <= start <= len(text):
        raise _outside(start)
    return text.rfind(part, 0, start + len(part))


def _substring(text: str, start: int, end: int | None = None) -> str:
    last = len(text) if end is None else end
    for place in (start, last):
        if not 0 <= place <= len(text):
            raise _outside(place)
    if start > last:
        raise CelError(f"invalid substring range. start: {start}, end: {last}")
    return text[start:last]


def _split(text: str, separator: str, limit: int = -1) -> list[str]:
    if limit == 0:
        return []
    if separator:
        return text.split(separator, limit - 1 if limit > 0 else -1)
    letters = list(text)
    return letters if limit < 0 or len(letters) <= limit else [*letters[: limit - 1], "".join(letters[limit - 1 :])]


def _join(parts: list[Any], separator: str = "") -> str:
    if any(type(part) is not str for part in parts):
        raise CelError("no such overload")
    return separator.join(parts)


def _quote(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(letter, letter) for letter in text).replace('"', '\\"') + '"'


_CLAUSE = re.compile(r"%(?:%|(?:\.(\d+))?([a-zA-Z]))")


def _format(text: str, values: list[Any]) -> str:
    rest = iter(values)

    def clause(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        show = _CLAUSES.get(match[2])
        if show is None:
            raise CelError(f'could not parse formatting clause: unrecognized formatting clause "{match[2]}"')
        try:
            value = next(rest)
        except StopIteration:
            raise CelError(f"index {len(values)} out of range") from None
        return show(value, 6 if match[1] is None else int(match[1]))

    return _CLAUSE.sub(clause, text)


def shown(value: Any, precision: int = 6) -> str:
    """Return a value as `%s` writes it."""
    show = _SHOWN.get(type(value))
    if show is None:
        raise CelError(
            f"error during formatting: string clause can only be used on strings, was given {type_name(value)}"
        )
    return show(value)


def _shown_list(items: list[Any]) -> str:
    return f"[{', '.join(map(shown, items))}]"


def _shown_map(items: dict[Any, Any]) -> str:
    return f"{{{', '.join(f'{key}: {item}' for key, item in sorted((shown(k), shown(v)) for k, v in items.items()))}}}"


_SHOWN: Mapping[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    UInt: lambda value: str(int(value)),
    float: lambda value: {"+Inf": "Infinity", "-Inf": "-Infinity"}.get(double_text(value), double_text(value)),
    bytes: lambda value: value.decode(errors="replace"),
    type(None): lambda value: "null",
    list: _shown_list,
    dict: _shown_map,
    Timestamp: timestamp_text,
    Duration: duration_text,
    TypeName: lambda value: value.name,
}


def _wrong(clause: str, allowed: str, value: Any) -> CelError:
    return CelError(
        f"error during formatting: {clause} clause can only be used on {allowed}, was given {type_name(value)}"
    )


def _decimal(value: Any, precision: int) -> str:
    if type(value) in (int, UInt):
        return str(int(value))
    raise _wrong("decimal", "integers", value)


def _fixed(value: Any, precision: int) -> str:
    if type(value) in (int, UInt, float):
        return f"{float(value):.{precision}f}"
    raise _wrong("fixed-point", "doubles", value)


def _scientific(value: Any, precision: int) -> str:
    if type(value) in (int, UInt, float):
        return f"{float(value):.{precision}e}"
    raise _wrong("scientific", "doubles", value)


def _digits(base: str, clause: str) -> Callable[[Any, int], str]:
    def show(value: Any, precision: int) -> str:
        if type(value) in (int, UInt, bool):
            return format(int(value), base)
        if base in "xX" and type(value) in (str, bytes):
            raw = value.encode() if isinstance(value, str) else value
            return raw.hex() if base == "x" else raw.hex().upper()
        raise _wrong(clause, "integers", value)

    return show


_CLAUSES: Mapping[str, Callable[[Any, int], str]] = {
    "s": shown,
    "d": _decimal,
    "f": _fixed,
    "e": _scientific,
    "b": _digits("b", "binary"),
    "o": _digits("o", "octal"),
    "x": _digits("x", "hex"),
    "X": _digits("X", "hex"),
}

STANDARD = library(
    [
        ("string.contains(string) bool", str.__contains__),
        ("string.startsWith(string) bool", str.startswith),
        ("string.endsWith(string) bool", str.endswith),
    ],
    declared=False,
)

EXTENDED = library(
    [
        ("string.charAt(int) string", _char_at),
        ("string.indexOf(string) int; string.indexOf(string, int) int", _index_of),
        ("string.lastIndexOf(string) int; string.lastIndexOf(string, int) int", _last_index_of),
        ("list<string>.join() string; list<string>.join(string) string", _join),
        ("string.lowerAscii() string", lambda text: text.translate(_LOWER)),
        ("string.upperAscii() string", lambda text: text.translate(_UPPER)),
        ("string.replace(string, string) string; string.replace(string, string, int) string", str.replace),
        ("string.split(string) list<string>; string.split(string, int) list<string>", _split),
        ("string.substring(int) string; string.substring(int, int) string", _substring),
        ("string.trim() string", lambda text: text.strip(_SPACES)),
        ("string.reverse() string", lambda text: text[::-1]),
        ("string.format(list<dyn>) string", _format),
        ("strings.quote(string) string", _quote),
    ]
)
