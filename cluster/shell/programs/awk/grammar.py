"""awk's grammar (POSIX awk), by recursive descent, to nested tuples."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Node = tuple[Any, ...]

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\\\n|\#[^\n]*)|(?P<newline>\n)
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    |(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<call>[A-Za-z_]\w*\()|(?P<name>[A-Za-z_]\w*)
    |(?P<op>\*\*=|\*\*|\+\+|--|\+=|-=|\*=|/=|%=|\^=|==|<=|>=|!=|!~|&&|\|\||>>|[-+*/%^!<>|?:~$=,;{}()\[\]])""",
    re.VERBOSE,
)
KEYWORDS = frozenset(
    [
        "BEGIN",
        "END",
        "function",
        "func",
        "if",
        "else",
        "while",
        "for",
        "do",
        "break",
        "continue",
        "next",
        "exit",
        "delete",
        "in",
        "print",
        "printf",
        "getline",
        "return",
    ]
)
_ENDS_OPERAND = frozenset((")", "]", "$"))


class AwkFault(Exception):
    """What awk would say and give up on."""


@dataclass
class Program:
    begin: list[Node] = field(default_factory=list)
    end: list[Node] = field(default_factory=list)
    rules: list[tuple[Any, Node]] = field(default_factory=list)
    functions: dict[str, tuple[list[str], Node]] = field(default_factory=dict)

    @property
    def reads_input(self) -> bool:
        return bool(self.rules or self.end)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    i = 0
    while i < len(text):
        before = found[-1] if found else ("", "")
        operand = (
            before[0] in ("number", "string", "name") or before[1] in (")", "]", "++", "--") or before[0] == "regex"
        )
        if text[i] == "/" and not operand:
            end = re.compile(r"/((?:[^/\\\n\[]|\\.|\[\^?\]?[^\]]*\])*)/").match(text, i)
            if not end:
                raise AwkFault("unterminated regexp")
            found.append(("regex", end.group(1)))
            i = end.end()
            continue
        match = _TOKEN.match(text, i)
        if not match:
            raise AwkFault(f"syntax error at source line {text.count(chr(10), 0, i) + 1}\n source line number 1")
        i = match.end()
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        value = match.group()
        if kind == "call" and value[:-1] in KEYWORDS:
            kind, value = "name", value[:-1]
            i -= 1
        if kind == "name" and value in KEYWORDS:
            kind = "key"
        found.append((kind, value))
    return [*found, ("end", "")]


class _Parser:
    def __init__(self, text: str):
        self.tokens = _tokens(text)
        self.i = 0
        self.plain_greater = True  # `>` means "greater than", not a redirection of print
        self.plain_in = True

    @property
    def kind(self) -> str:
        return self.tokens[self.i][0]

    @property
    def value(self) -> str:
        return self.tokens[self.i][1] if self.kind not in ("string", "regex", "end") else ""

    def take(self) -> str:
        found = self.tokens[self.i][1]
        self.i += 1
        return found

    def accept(self, *values: str) -> str:
        return self.take() if self.value in values and self.kind != "end" else ""

    def expect(self, value: str) -> None:
        if not self.accept(value):
            shown = self.tokens[self.i][1] or "end of file"
            raise AwkFault(f"syntax error at source line 1\n context is\n\t >>> {shown} <<<")

    def newlines(self) -> None:
        while self.kind == "newline" or self.value == ";":
            self.i += 1

    def breaks(self) -> None:
        while self.kind == "newline":
            self.i += 1

    def program(self) -> Program:
        found = Program()
        self.newlines()
        while self.kind != "end":
            self.item(found)
            self.newlines()
        return found

    def item(self, found: Program) -> None:
        if self.value in ("BEGIN", "END") and self.kind == "key":
            (found.begin if self.take() == "BEGIN" else found.end).append(self.block())
            return
        if self.accept("function", "func"):
            name = self.take().rstrip("(")
            if self.tokens[self.i - 1][0] != "call":
                self.expect("(")
            params = []
            while not self.accept(")"):
                params.append(self.take())
                self.accept(",")
            self.breaks()
            found.functions[name] = (params, self.block())
            return
        pattern: Any = None
        if self.value != "{":
            pattern = self.expression()
            if self.accept(","):
                self.breaks()
                pattern = ("range", len(found.rules), pattern, self.expression())
        body = self.block() if self.value == "{" else ("print", [], "", None)
        found.rules.append((pattern, body))

    def block(self) -> Node:
        self.expect("{")
        found = []
        self.newlines()
        while not self.accept("}"):
            found.append(self.statement())
            self.newlines()
        return ("block", found)

    def statement(self) -> Node:
        if self.value == "{":
            return self.block()
        if self.kind == "key" and self.value in _STATEMENTS:
            found: Node = _STATEMENTS[self.take()](self)
            return found
        return self.end(self.simple())

    def end(self, node: Node) -> Node:
        if not (self.kind in ("newline", "end") or self.value in ("}", ";")):
            self.expect(";")
        if self.value == ";" or self.kind == "newline":
            self.i += 1
        return node

    def simple(self) -> Node:
        if self.value in ("print", "printf") and self.kind == "key":
            return self.printing(self.take())
        if self.accept("delete"):
            name = self.take()
            if not self.accept("["):
                return ("delete", name, None)
            index = self.list("]")
            return ("delete", name, index)
        return ("expr", self.expression())

    def list(self, closer: str) -> list[Node]:
        found = []
        plain, self.plain_greater = self.plain_greater, True
        self.breaks()
        while not self.accept(closer):
            found.append(self.expression())
            self.breaks()
            if self.accept(","):
                self.breaks()
        self.plain_greater = plain
        return found

    def printing(self, word: str) -> Node:
        arguments: list[Node] = []
        self.plain_greater = False
        if not (self.kind in ("newline", "end") or self.value in ("}", ";", ">", ">>", "|")):
            arguments.append(self.expression())
            while self.accept(","):
                self.breaks()
                arguments.append(self.expression())
        self.plain_greater = True
        if len(arguments) == 1 and arguments[0][0] == "group":
            arguments = list(arguments[0][1])
        mode = self.accept(">", ">>", "|")
        return (word, arguments, mode, self.concatenation() if mode else None)

    def condition(self) -> Node:
        self.expect("(")
        found = self.expression()
        self.expect(")")
        self.breaks()
        return found

    def body(self) -> Node:
        self.breaks()
        if self.accept(";"):
            return ("block", [])
        return self.statement()

    def if_(self) -> Node:
        test = self.condition()
        first = self.body()
        mark = self.i
        self.newlines()
        if self.accept("else"):
            return ("if", test, first, self.body())
        self.i = mark
        return ("if", test, first, None)

    def for_(self) -> Node:
        self.expect("(")
        if self.kind == "name" and self.tokens[self.i + 1] == ("key", "in") and self.tokens[self.i + 3][1] == ")":
            name = self.take()
            self.take()
            array = self.take()
            self.expect(")")
            return ("forin", name, array, self.body())
        first = None if self.value == ";" else self.simple()
        self.expect(";")
        self.breaks()
        test = None if self.value == ";" else self.expression()
        self.expect(";")
        self.breaks()
        step = None if self.value == ")" else self.simple()
        self.expect(")")
        return ("for", first, test, step, self.body())

    def do_(self) -> Node:
        body = self.body()
        self.newlines()
        self.expect("while")
        return self.end(("do", body, self.condition()))

    def valued(self, word: str) -> Node:
        value = None if self.kind in ("newline", "end") or self.value in (";", "}") else self.expression()
        return self.end((word, value))

    # -- expressions -------------------------------------------------------------------------------

    def expression(self) -> Node:
        left = self.ternary()
        op = self.value
        if op in ("=", "+=", "-=", "*=", "/=", "%=", "^=", "**=") and left[0] in ("var", "index", "field"):
            self.take()
            self.breaks()
            return ("assign", op.rstrip("="), left, self.expression())
        return left

    def ternary(self) -> Node:
        test = self.or_()
        if not self.accept("?"):
            return test
        self.breaks()
        first = self.expression()
        self.breaks()
        self.expect(":")
        self.breaks()
        return ("?", test, first, self.expression())

    def or_(self) -> Node:
        left = self.and_()
        while self.accept("||"):
            self.breaks()
            left = ("||", left, self.and_())
        return left

    def and_(self) -> Node:
        left = self.membership()
        while self.accept("&&"):
            self.breaks()
            left = ("&&", left, self.membership())
        return left

    def membership(self) -> Node:
        left = self.matching()
        while self.plain_in and self.kind == "key" and self.accept("in"):
            index = list(left[1]) if left[0] == "group" else [left]
            left = ("in", index, self.take())
        return left

    def matching(self) -> Node:
        left = self.comparison()
        while self.value in ("~", "!~"):
            left = (self.take(), left, self.comparison())
        return left

    def comparison(self) -> Node:
        left = self.concatenation()
        if self.value in ("<", "<=", "==", "!=", ">=") or (self.value == ">" and self.plain_greater):
            return ("compare", self.take(), left, self.concatenation())
        if self.value == "|" and self.tokens[self.i + 1] == ("key", "getline"):
            raise AwkFault("getline from a command is not simulated")
        return left

    def concatenation(self) -> Node:
        left = self.additive()
        while (
            self.kind in ("number", "string", "name", "call", "regex")
            or self.value in ("$", "!", "(", "-", "+", "++", "--")
            and self.kind == "op"
        ):
            if self.value == "!" and self.tokens[self.i + 1][1] == "~":
                break
            left = ("concat", left, self.additive())
        return left

    def additive(self) -> Node:
        left = self.product()
        while self.value in ("+", "-") and self.kind == "op":
            left = ("binary", self.take(), left, self.product())
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.value in ("*", "/", "%") and self.kind == "op":
            left = ("binary", self.take(), left, self.unary())
        return left

    def unary(self) -> Node:
        if self.kind == "op" and self.value in ("!", "-", "+"):
            return ("unary", self.take(), self.unary())
        return self.power()

    def power(self) -> Node:
        base = self.postfix()
        if self.kind == "op" and self.accept("^", "**"):
            return ("binary", "^", base, self.unary())
        return base

    def postfix(self) -> Node:
        if self.kind == "op" and self.value in ("++", "--"):
            op = self.take()
            return ("pre", op, self.primary())
        found = self.primary()
        if self.kind == "op" and self.value in ("++", "--") and found[0] in ("var", "index", "field"):
            return ("post", self.take(), found)
        return found

    def primary(self) -> Node:
        kind, value = self.tokens[self.i]
        self.i += 1
        if kind == "number":
            return ("const", float(int(value, 16)) if value[:2] in ("0x", "0X") else float(value))
        if kind == "string":
            return ("const", unescape(value[1:-1]))
        if kind == "regex":
            return ("regex", value)
        if kind == "call":
            return ("call", value[:-1], self.list(")"))
        if kind == "name":
            if self.accept("["):
                return ("index", value, self.list("]"))
            if value in ("length",):
                return ("call", value, [])
            return ("var", value)
        if kind == "key" and value == "getline":
            raise AwkFault("getline is not simulated")
        if value == "$":
            return ("field", self.postfix() if self.value in ("++", "--") else self.primary())
        if value == "(":
            inside = self.list(")")
            return inside[0] if len(inside) == 1 else ("group", inside)
        if value in ("-", "+", "!"):
            return ("unary", value, self.unary())
        self.i -= 1
        self.expect("expression")
        raise AwkFault("syntax error")


def unescape(text: str) -> str:
    table = {
        "n": "\n",
        "t": "\t",
        "r": "\r",
        '"': '"',
        "\\": "\\",
        "/": "/",
        "a": "\a",
        "b": "\b",
        "f": "\f",
        "v": "\v",
    }

    def put(match: re.Match[str]) -> str:
        found = match.group(1)
        if found[0] in "01234567":
            return chr(int(found, 8))
        return table.get(found, "\\" + found)

    return re.sub(r"\\([0-7]{1,3}|.)", put, text, flags=re.DOTALL)


_STATEMENTS: dict[str, Callable[[_Parser], Node]] = {
    "if": _Parser.if_,
    "while": lambda parser: ("while", parser.condition(), parser.body()),
    "for": _Parser.for_,
    "do": _Parser.do_,
    "next": lambda parser: parser.end(("next",)),
    "break": lambda parser: parser.end(("break",)),
    "continue": lambda parser: parser.end(("continue",)),
    "exit": lambda parser: parser.valued("exit"),
    "return": lambda parser: parser.valued("return"),
}


def parse(text: str) -> Program:
    return _Parser(text).program()
