"""jq's grammar, by precedence climbing, to nested tuples."""

from __future__ import annotations

import json
import re
from typing import Any

Node = tuple[Any, ...]

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)|(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|(?P<recurse>\.\.)
    |(?P<field>\.[A-Za-z_]\w*)|(?P<format>@\w+)|(?P<variable>\$[A-Za-z_]\w*)|(?P<name>[A-Za-z_]\w*)
    |(?P<op>\?//|//=|\|=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|[.|,()\[\]{}:;=<>+\-*/%?"])""",
    re.VERBOSE,
)
_BINARY = [
    ("//",),
    ("=", "|=", "+=", "-=", "*=", "/=", "%=", "//="),
    ("or",),
    ("and",),
    ("==", "!=", "<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/", "%"),
]
_KEYWORDS = frozenset(
    ["if", "then", "elif", "else", "end", "as", "reduce", "foreach", "def", "try", "catch", "and", "or", "not"]
) - {"not"}


class JqSyntax(Exception):
    """A filter that cannot be read."""


class _Parser:
    def __init__(self, text: str):
        self.s = text
        self.i = 0
        self.kind = ""
        self.value = ""
        self.advance()

    def advance(self) -> str:
        before = self.value
        while True:
            if self.i >= len(self.s):
                self.kind, self.value = "end", ""
                return before
            match = _TOKEN.match(self.s, self.i)
            if not match:
                raise self.fail("INVALID_CHARACTER")
            self.i = match.end()
            if match.lastgroup != "space":
                self.kind, self.value = match.lastgroup or "", match.group()
                return before

    def fail(self, found: str = "") -> JqSyntax:
        shown = found or self.value or "end of file"
        return JqSyntax(
            f"syntax error, unexpected {shown} (Unix shell quoting issues?) at <top-level>, line 1:\n{self.s}"
        )

    def accept(self, value: str) -> bool:
        if self.value == value and self.kind in ("op", "name"):
            self.advance()
            return True
        return False

    def expect(self, value: str) -> None:
        if not self.accept(value):
            raise self.fail()

    def pipe(self) -> Node:
        if self.value == "def" and self.kind == "name":
            return self.definition()
        left = self.comma()
        if self.accept("|"):
            return ("pipe", left, self.pipe())
        return left

    def definition(self) -> Node:
        self.advance()
        name = self.advance()
        params = []
        if self.accept("("):
            while not self.accept(")"):
                params.append(self.advance())
                self.accept(";")
        self.expect(":")
        body = self.pipe()
        self.expect(";")
        return ("def", name, params, body, self.pipe())

    def comma(self) -> Node:
        left = self.binary(0)
        while self.accept(","):
            left = ("comma", left, self.binary(0))
        return left

    def binary(self, level: int) -> Node:
        if level == len(_BINARY):
            return self.postfix()
        left = self.binary(level + 1)
        while self.value in _BINARY[level] and self.kind in ("op", "name"):
            op = self.advance()
            right = self.binary(level if level < 2 else level + 1)
            left = ("binary", op, left, right)
        return left

    def postfix(self) -> Node:
        found = self.primary()
        while True:
            if self.kind == "field":
                found = ("index", found, ("const", self.advance()[1:]))
            elif self.value == "." and self.kind == "op":
                self.advance()
                if self.value == '"':
                    found = ("index", found, self.string())
                elif self.value != "[":
                    raise self.fail()
            elif self.value == "[" and self.kind == "op":
                found = self.bracket(found)
            elif self.value == "?" and self.kind == "op":
                self.advance()
                found = ("try", found, None)
            elif self.value == "as" and self.kind == "name":
                self.advance()
                name = self.pattern()
                self.expect("|")
                return ("as", found, name, self.pipe())
            else:
                return found

    def pattern(self) -> Any:
        if self.kind == "variable":
            return self.advance()[1:]
        if self.accept("["):
            found = []
            while not self.accept("]"):
                found.append(self.pattern())
                self.accept(",")
            return found
        raise self.fail()

    def bracket(self, target: Node) -> Node:
        self.expect("[")
        if self.accept("]"):
            return ("iterate", target)
        if self.accept(":"):
            end = self.pipe()
            self.expect("]")
            return ("slice", target, None, end)
        start = self.pipe()
        if self.accept(":"):
            end_of: Node | None = None if self.value == "]" else self.pipe()
            self.expect("]")
            return ("slice", target, start, end_of)
        self.expect("]")
        return ("index", target, start)

    def primary(self) -> Node:
        kind, value = self.kind, self.value
        if kind == "number":
            self.advance()
            return ("const", json.loads(value) if not value.startswith(".") else float(value))
        if kind == "field":
            self.advance()
            return ("index", ("identity",), ("const", value[1:]))
        if kind == "recurse":
            self.advance()
            return ("recurse",)
        if kind == "variable":
            self.advance()
            return ("variable", value[1:])
        if kind == "format":
            self.advance()
            return ("format", value, self.string(value)) if self.value == '"' else ("format", value, None)
        if kind == "name":
            return self.named()
        if kind == "op" and value in _PRIMARY:
            return _PRIMARY[value](self)
        raise self.fail()

    def dot(self) -> Node:
        self.advance()
        if self.value == '"':
            return ("index", ("identity",), self.string())
        return ("identity",)

    def group(self) -> Node:
        self.advance()
        found = self.pipe()
        self.expect(")")
        return found

    def array(self) -> Node:
        self.advance()
        if self.accept("]"):
            return ("array", None)
        found = self.pipe()
        self.expect("]")
        return ("array", found)

    def negative(self) -> Node:
        self.advance()
        return ("binary", "-", ("const", 0), self.postfix())

    def string(self, form: str = "") -> Node:
        """Read a string; the opening quote is the current token."""
        parts: list[Any] = []
        text = ""
        while True:
            if self.i >= len(self.s):
                raise self.fail("end of file")
            letter = self.s[self.i]
            self.i += 1
            if letter == '"':
                break
            if letter == "\\" and self.s.startswith("(", self.i):
                parts.append(("const", json.loads(f'"{text}"')))
                text = ""
                self.i += 1
                self.advance()
                parts.append(self.pipe())
                if self.value != ")":
                    raise self.fail()
                continue
            if letter == "\\":
                letter += self.s[self.i : self.i + 1]
                self.i += 1
            text += letter if letter != "\n" else "\\n"
        parts.append(("const", json.loads(f'"{text}"')))
        self.advance()
        return parts[0] if len(parts) == 1 else ("interpolate", parts, form)

    def object(self) -> Node:
        self.advance()
        items: list[tuple[Node, Node]] = []
        while not self.accept("}"):
            items.append(self.item())
            if not self.accept(",") and self.value != "}":
                raise self.fail()
        return ("object", items)

    def item(self) -> tuple[Node, Node]:
        key: Node
        if self.kind == "variable":
            name = self.advance()[1:]
            return ("const", name), ("variable", name)
        if self.value == "(":
            key = self.group()
        elif self.value == '"':
            key = self.string()
        elif self.kind in ("name", "number"):
            key = ("const", self.advance())
        elif self.kind == "format":
            key = self.primary()
        else:
            raise self.fail()
        if not self.accept(":"):
            return key, ("index", ("identity",), key)
        value = self.binary(1)
        while self.accept("|"):
            value = ("pipe", value, self.binary(1))
        return key, value

    def named(self) -> Node:
        name = self.advance()
        if name == "if":
            return self.conditional()
        if name in ("reduce", "foreach"):
            return self.folding(name)
        if name == "try":
            body = self.postfix()
            return ("try", body, self.postfix() if self.accept("catch") else None)
        if name in ("null", "true", "false"):
            return ("const", {"null": None, "true": True, "false": False}[name])
        if name in _KEYWORDS:
            raise self.fail(name)
        arguments = []
        if self.accept("("):
            arguments.append(self.pipe())
            while self.accept(";"):
                arguments.append(self.pipe())
            self.expect(")")
        return ("call", name, arguments)

    def conditional(self) -> Node:
        test = self.pipe()
        self.expect("then")
        first = self.pipe()
        if self.accept("elif"):
            return ("if", test, first, self.conditional())
        second: Node = self.pipe() if self.accept("else") else ("identity",)
        self.expect("end")
        return ("if", test, first, second)

    def folding(self, name: str) -> Node:
        source = self.primary()
        while self.kind == "field" or self.value == "[":
            source = self.bracket(source) if self.value == "[" else ("index", source, ("const", self.advance()[1:]))
        self.expect("as")
        variable = self.pattern()
        self.expect("(")
        parts = [self.pipe()]
        while self.accept(";"):
            parts.append(self.pipe())
        self.expect(")")
        return (name, source, variable, parts)


_PRIMARY = {
    ".": _Parser.dot,
    "(": _Parser.group,
    "[": _Parser.array,
    "{": _Parser.object,
    "-": _Parser.negative,
    '"': _Parser.string,
}


def parse(text: str) -> Node:
    parser = _Parser(text)
    if parser.kind == "end":
        return ("identity",)
    found = parser.pipe()
    if parser.kind != "end":
        raise parser.fail()
    return found
