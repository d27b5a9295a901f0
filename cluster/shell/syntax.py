"""The tree a shell script is parsed into, and the two ways in which parsing can fail.

Nodes are numbered in the order they are found; a running script remembers only (source, number), so
its state is plain data and the tree is made again from the text whenever a worker needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


class ShellSyntaxError(Exception):
    """`token` is what was not expected; `expecting` the keyword that was, where only one would do."""

    def __init__(self, token: str, line: int, *, expecting: str = "", quote: str = "", words: str = ""):
        self.token = token
        self.line = line
        self.expecting = expecting
        self.quote = quote
        self.words = words
        super().__init__(words or f"unexpected {token!r}")


class Incomplete(ShellSyntaxError):
    """The text ended inside something: an interactive shell asks for another line."""


@dataclass(frozen=True, slots=True)
class Lit:
    """Text as written; `quoted` text takes part neither in globbing nor in splitting."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """The inside of double quotes."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Var:
    """`$name`, `${name op word}`. `index` is an array subscript; `length` is `${#name}`, `indirect` `${!name}`."""

    name: str
    op: str = ""
    word: Word | None = None
    second: Word | None = None
    index: Word | None = None
    length: bool = False
    indirect: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(…)` or backquotes."""

    body: List


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((…))`."""

    word: Word


Part: TypeAlias = "Lit | Quoted | Var | Substitution | Arithmetic"


@dataclass(frozen=True, slots=True)
class Word:
    parts: tuple[Part, ...]

    def literal(self) -> str | None:
        """Return the text when it is one plain unquoted literal (aliases, keywords, labels)."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Lit) and not self.parts[0].quoted:
            return self.parts[0].text
        return None


@dataclass(frozen=True, slots=True)
class Assign:
    name: str
    value: Word | None
    append: bool = False
    index: Word | None = None
    array: tuple[tuple[Word | None, Word], ...] | None = None


@dataclass(slots=True)
class Redirect:
    """`text` is a here-document's body once its lines have been read."""

    op: str
    fd: int | None
    target: Word
    text: Word | None = None


@dataclass(slots=True)
class Node:
    id: int = -1
    line: int = 1
    redirects: list[Redirect] = field(default_factory=list)


@dataclass(slots=True)
class Simple(Node):
    assigns: list[Assign] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    declarations: dict[int, Assign] = field(default_factory=dict)  # `export x=…`: by word number
    source: str = ""


@dataclass(slots=True)
class List(Node):
    items: list[tuple[Node, bool]] = field(default_factory=list)  # (command, in the background)
    source: str = ""


@dataclass(slots=True)
class AndOr(Node):
    items: list[tuple[str, Node]] = field(default_factory=list)
    source: str = ""


@dataclass(slots=True)
class Pipeline(Node):
    negated: bool = False
    commands: list[Node] = field(default_factory=list)
    both: list[bool] = field(default_factory=list)  # `|&` after command i
    source: str = ""


@dataclass(slots=True)
class Group(Node):
    body: Node = field(default_factory=Node)


@dataclass(slots=True)
class Subshell(Node):
    body: Node = field(default_factory=Node)


@dataclass(slots=True)
class If(Node):
    clauses: list[tuple[Node, Node]] = field(default_factory=list)
    otherwise: Node | None = None


@dataclass(slots=True)
class For(Node):
    name: str = ""
    words: list[Word] | None = None
    body: Node = field(default_factory=Node)


@dataclass(slots=True)
class CountedFor(Node):
    """bash's `for ((init; test; step))`."""

    parts: Sequence[Word] = ()
    body: Node = field(default_factory=Node)


@dataclass(slots=True)
class While(Node):
    test: Node = field(default_factory=Node)
    body: Node = field(default_factory=Node)
    until: bool = False


@dataclass(slots=True)
class Case(Node):
    word: Word = field(default_factory=lambda: Word(()))
    arms: list[tuple[list[Word], Node | None, str]] = field(default_factory=list)


@dataclass(slots=True)
class Function(Node):
    name: str = ""
    body: Node = field(default_factory=Node)


@dataclass(slots=True)
class Test(Node):
    """`[[ … ]]`: words, operators as plain literals."""

    words: list[Word | str] = field(default_factory=list)


@dataclass(slots=True)
class ArithmeticCommand(Node):
    """`((…))`."""

    word: Word = field(default_factory=lambda: Word(()))


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    nodes: Sequence[Node]
    body: List
