"""Reading JSON bodies: fast when they are right, and in Go's words when they are not.

`decode` is for good input; `syntax_error` explains bad input as encoding/json does; `duplicates`
names the keys that stand twice, as strict decoding reports them.
"""

from __future__ import annotations

import json
from typing import Any

import orjson


class GoJsonError(ValueError):
    """A JSON text that cannot be read; the text is encoding/json's."""


_SPACE = " \t\r\n"
# Far below the interpreter's own limit, since each level takes two calls.
_DEEPEST = 200
_EOF = "unexpected end of JSON input"


def decode(body: bytes) -> Any:
    """Return the value; GoJsonError in Go's words."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise GoJsonError("invalid UTF-8 in JSON text") from None
    _Scanner(text).check()
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise GoJsonError("exceeded max depth") from None


def _refuse(word: str) -> Any:
    raise ValueError(word)


def has_duplicates(body: bytes) -> bool:
    """Say quickly whether any object of the text names a key twice."""
    found = False

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        made = dict(pairs)
        found = found or len(made) != len(pairs)
        return made

    try:
        json.loads(body, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return False
    return found


def duplicates(body: bytes) -> list[str]:
    """Return the paths of keys that stand twice, in the order they do: `spec.containers[0].image`."""
    scanner = _Scanner(body.decode())
    scanner.check()
    return scanner.duplicates


class _Scanner:
    """A JSON reader that keeps nothing but where it is and what is wrong."""

    def __init__(self, text: str):
        self.text = text
        self.at = 0
        self.duplicates: list[str] = []

    def check(self) -> None:
        self._space()
        self._value("", 0)
        self._space()
        if self.at < len(self.text):
            self._bad("after top-level value")

    def _space(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _SPACE:
            self.at += 1

    def _peek(self) -> str:
        if self.at >= len(self.text):
            raise GoJsonError(_EOF)
        return self.text[self.at]

    def _bad(self, where: str) -> None:
        shown = self._peek()
        quoted = {"'": "'\\''", '"': "'\"'", "\\": "'\\\\'"}.get(shown) or f"'{shown}'"
        if ord(shown) < 0x20:
            quoted = {"\n": "'\\n'", "\r": "'\\r'", "\t": "'\\t'"}.get(shown) or f"'\\x{ord(shown):02x}'"
        raise GoJsonError(f"invalid character {quoted} {where}")

    def _value(self, path: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise GoJsonError("exceeded max depth")
        first = self._peek()
        if first == "{":
            self._object(path, depth)
        elif first == "[":
            self._array(path, depth)
        elif first == '"':
            self._string()
        elif first == "-" or first.isdigit():
            self._number()
        elif first in "tfn":
            self._literal({"t": "true", "f": "false", "n": "null"}[first])
        else:
            self._bad("looking for beginning of value")

    def _object(self, path: str, depth: int) -> None:
        self.at += 1
        seen: set[str] = set()
        self._space()
        if self._peek() == "}":
            self.at += 1
            return
        while True:
            self._space()
            if self._peek() != '"':
                self._bad("looking for beginning of object key string")
            key = self._string()
            inner = f"{path}.{key}" if path else key
            if key in seen and inner not in self.duplicates:
                self.duplicates.append(inner)
            seen.add(key)
            self._space()
            if self._peek() != ":":
                self._bad("after object key")
            self.at += 1
            self._space()
            self._value(inner, depth + 1)
            self._space()
            if self._peek() == "}":
                self.at += 1
                return
            if self._peek() != ",":
                self._bad("after object key:value pair")
            self.at += 1

    def _array(self, path: str, depth: int) -> None:
        self.at += 1
        self._space()
        if self._peek() == "]":
            self.at += 1
            return
        position = 0
        while True:
            self._space()
            self._value(f"{path}[{position}]", depth + 1)
            position += 1
            self._space()
            if self._peek() == "]":
                self.at += 1
                return
            if self._peek() != ",":
                self._bad("after array element")
            self.at += 1

    def _string(self) -> str:
        start = self.at
        self.at += 1
        while (letter := self._peek()) != '"':
            if ord(letter) < 0x20:
                self._bad("in string literal")
            if letter == "\\":
                self.at += 1
                if self._peek() not in '"\\/bfnrtu':
                    self._bad("in string escape code")
            self.at += 1
        self.at += 1
        try:
            return str(json.loads(self.text[start : self.at]))
        except ValueError:
            return self.text[start + 1 : self.at - 1]

    def _number(self) -> None:
        if self._peek() == "-":
            self.at += 1
            if not self._peek().isdigit():
                self._bad("in numeric literal")
        while self.at < len(self.text) and self.text[self.at] in "0123456789.eE+-":
            self.at += 1

    def _literal(self, word: str) -> None:
        for position, letter in enumerate(word):
            if self._peek() != letter:
                self._bad(f"in literal {word} (expecting '{word[position]}')")
            self.at += 1
