"""Arithmetic expansion (XCU 2.6.4, and bash's `**`, `,`, `++`): signed 64-bit integers, as in C."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

_TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|\d+#\w+|\d+|[A-Za-z_]\w*(?:\[[^]]*\])?"
    r"|<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:,()])"
)
_LEVELS: list[dict[str, Callable[[int, int], int]]] = [
    {"|": lambda a, b: a | b},
    {"^": lambda a, b: a ^ b},
    {"&": lambda a, b: a & b},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
    },
    {"<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63)},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: _divide(a, b), "%": lambda a, b: a - b * _divide(a, b)},
]
_ASSIGNING = {"=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="}


class ArithmeticFault(Exception):
    """`kind` is "zero" or "syntax"; `token` the rest of the text where it went wrong."""

    def __init__(self, kind: str, token: str):
        self.kind = kind
        self.token = token
        super().__init__(kind)


class Variables(Protocol):
    def value(self, name: str) -> str: ...
    def assign(self, name: str, value: str) -> None: ...


def _divide(a: int, b: int) -> int:
    if b == 0:
        raise ArithmeticFault("zero", "0")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _wrap(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


class _Evaluator:
    def __init__(self, text: str, variables: Variables, depth: int):
        self.text = text
        self.variables = variables
        self.depth = depth
        self.tokens = self._tokens(text)
        self.i = 0
        self.live = True  # false inside the branch of && || ?: that is not taken

    def _tokens(self, text: str) -> list[str]:
        found, i = [], 0
        text = text.rstrip()
        while i < len(text):
            match = _TOKEN.match(text, i)
            if not match:
                raise ArithmeticFault("syntax", text[i:].strip())
            found.append(match.group(1))
            i = match.end()
        return found

    def peek(self) -> str:
        return self.tokens[self.i] if self.i < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.i += 1
        return token

    def fail(self) -> ArithmeticFault:
        return ArithmeticFault("syntax", " ".join(self.tokens[max(0, self.i - 1) :]))

    def whole(self) -> int:
        if not self.tokens:
            return 0
        value = self.comma()
        if self.peek():
            raise self.fail()
        return value

    def comma(self) -> int:
        value = self.assignment()
        while self.peek() == ",":
            self.take()
            value = self.assignment()
        return value

    def assignment(self) -> int:
        name = self.peek()
        after = self.tokens[self.i + 1] if self.i + 1 < len(self.tokens) else ""
        if re.match(r"[A-Za-z_]", name) and after in _ASSIGNING:
            self.i += 2
            value = self.assignment()
            if after != "=":
                value = _wrap(self._binary(after[:-1])(self.number(name), value))
            return self.store(name, value)
        return self.ternary()

    def _binary(self, op: str) -> Callable[[int, int], int]:
        return next(level[op] for level in _LEVELS if op in level)

    def store(self, name: str, value: int) -> int:
        if self.live:
            self.variables.assign(name, str(value))
        return value

    def ternary(self) -> int:
        test = self.logical_or()
        if self.peek() != "?":
            return test
        self.take()
        first = self.lazily(bool(test), self.assignment)
        if self.take() != ":":
            raise self.fail()
        second = self.lazily(not test, self.ternary)
        return first if test else second

    def lazily(self, wanted: bool, read: Callable[[], int]) -> int:
        before = self.live
        self.live = before and wanted
        value = read()
        self.live = before
        return value

    def logical_or(self) -> int:
        value = self.logical_and()
        while self.peek() == "||":
            self.take()
            right = self.lazily(not value, self.logical_and)
            value = int(bool(value) or bool(right))
        return value

    def logical_and(self) -> int:
        value = self.level(0)
        while self.peek() == "&&":
            self.take()
            right = self.lazily(bool(value), lambda: self.level(0))
            value = int(bool(value) and bool(right))
        return value

    def level(self, number: int) -> int:
        if number == len(_LEVELS):
            return self.power()
        value = self.level(number + 1)
        while self.peek() in _LEVELS[number]:
            op = _LEVELS[number][self.take()]
            right = self.level(number + 1)
            value = _wrap(op(value, right)) if self.live else 0
        return value

    def power(self) -> int:
        base = self.unary()
        if self.peek() == "**":
            self.take()
            return _wrap(base ** min(self.power(), 64 * 64))
        return base

    def unary(self) -> int:
        token = self.peek()
        if token in ("++", "--"):
            self.take()
            name = self.take()
            return self.store(name, self.number(name) + (1 if token == "++" else -1))
        if token in ("-", "+", "!", "~"):
            self.take()
            value = self.unary()
            return {"-": -value, "+": value, "!": int(not value), "~": ~value}[token]
        return self.primary()

    def primary(self) -> int:
        token = self.take()
        if token == "(":
            value = self.comma()
            if self.take() != ")":
                raise self.fail()
            return value
        if token[:1].isdigit():
            return literal(token)
        if not re.match(r"[A-Za-z_]", token):
            self.i -= 1
            self.i = max(self.i, 1)
            raise self.fail()
        value = self.number(token)
        if self.peek() in ("++", "--"):
            self.store(token, value + (1 if self.take() == "++" else -1))
        return value

    def number(self, name: str) -> int:
        text = self.variables.value(name)
        if self.depth > 20:
            raise ArithmeticFault("syntax", text)
        return _Evaluator(text, self.variables, self.depth + 1).whole() if text.strip() else 0


def literal(token: str) -> int:
    """Return the value of a C integer constant, or bash's `base#digits`."""
    try:
        if "#" in token:
            base, _, digits = token.partition("#")
            return int(digits, int(base))
        if token[:2] in ("0x", "0X"):
            return int(token, 16)
        return int(token, 8) if len(token) > 1 and token[0] == "0" else int(token)
    except ValueError:
        raise ArithmeticFault("syntax", token) from None


def evaluate(text: str, variables: Variables) -> int:
    """Return the value of an expression whose `$` expansions are done."""
    return _Evaluator(text, variables, 0).whole()
