"""`test`, `[` and bash's `[[ ]]`: what is asked about files, texts and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from cluster.shell import arithmetic, patterns
from cluster.shell.syntax import Word
from cluster.workloads.files import FileError, FileInfo, Files

if TYPE_CHECKING:
    from cluster.shell.expand import Expander
    from cluster.shell.shell import Shell


class Asking(Protocol):
    """Whose files and variables are asked about."""

    @property
    def files(self) -> Files: ...

    def path(self, name: str) -> str: ...


class TestFault(Exception):
    """A malformed test: status 2 with these words."""


def _info(who: Asking, name: str, *, follow: bool = True) -> FileInfo | None:
    try:
        return who.files.stat(who.path(name), follow=follow) if name else None
    except FileError:
        return None


def _is(kind: str) -> Callable[[Asking, str], bool]:
    def ask(who: Asking, name: str) -> bool:
        info = _info(who, name)
        return info is not None and info.kind == kind

    return ask


def _mode(bits: int) -> Callable[[Asking, str], bool]:
    def ask(who: Asking, name: str) -> bool:
        info = _info(who, name)
        return info is not None and (bits != 0o111 or info.kind == "dir" or bool(info.mode & bits))

    return ask


def _is_link(who: Asking, name: str) -> bool:
    info = _info(who, name, follow=False)
    return info is not None and info.kind == "link"


def _is_filled(who: Asking, name: str) -> bool:
    info = _info(who, name)
    return info is not None and info.size > 0


UNARY: Mapping[str, Callable[[Asking, str], bool]] = {
    "-e": lambda who, name: _info(who, name) is not None,
    "-a": lambda who, name: _info(who, name) is not None,
    "-f": _is("file"),
    "-d": _is("dir"),
    "-h": _is_link,
    "-L": _is_link,
    "-r": _mode(0o444),
    "-w": _mode(0o222),
    "-x": _mode(0o111),
    "-s": _is_filled,
    "-z": lambda who, text: text == "",
    "-n": lambda who, text: text != "",
    "-p": lambda who, name: False,
    "-S": lambda who, name: False,
    "-b": lambda who, name: False,
    "-c": lambda who, name: name.startswith("/dev/") and _info(who, name) is not None,
    "-t": lambda who, name: False,
    "-O": lambda who, name: _info(who, name) is not None,
    "-G": lambda who, name: _info(who, name) is not None,
}


def _newer(who: Asking, left: str, right: str) -> bool:
    one, two = _info(who, left), _info(who, right)
    return one is not None and (two is None or one.modified > two.modified)


def _same(who: Asking, left: str, right: str) -> bool:
    try:
        return who.files.real_path(who.path(left)) == who.files.real_path(who.path(right))
    except FileError:
        return False


TEXTUAL: Mapping[str, Callable[[Asking, str, str], bool]] = {
    "=": lambda who, a, b: a == b,
    "==": lambda who, a, b: a == b,
    "!=": lambda who, a, b: a != b,
    "<": lambda who, a, b: a < b,
    ">": lambda who, a, b: a > b,
    "-nt": _newer,
    "-ot": lambda who, a, b: _newer(who, b, a),
    "-ef": _same,
}
NUMERIC: Mapping[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
_WORDS = {
    "bash": {
        "integer": "{0}: integer expression expected",
        "unary": "{0}: unary operator expected",
        "binary": "{0}: binary operator expected",
        "argument": "argument expected",
        "many": "too many arguments",
    },
    "dash": {
        "integer": "Illegal number: {0}",
        "unary": "{0}: unexpected operator",
        "binary": "{1}: unexpected operator",
        "argument": "argument expected",
        "many": "{0}: unexpected operator",
    },
    "ash": {
        "integer": "{0}: bad number",
        "unary": "{0}: unknown operand",
        "binary": "{1}: unknown operand",
        "argument": "argument expected",
        "many": "{1}: unknown operand",
    },
}


class _Tester:
    """Judges the arguments of `test` by POSIX's rules on their number, then by precedence."""

    def __init__(self, who: Asking, words: Sequence[str], dialect: str):
        self.who = who
        self.words = list(words)
        self.dialect = dialect
        self.i = 0

    def fault(self, kind: str, *details: str) -> TestFault:
        return TestFault(_WORDS[self.dialect][kind].format(*details, "", ""))

    def number(self, text: str) -> int:
        try:
            return int(text.strip())
        except ValueError:
            raise self.fault("integer", text) from None

    def judge(self) -> bool:
        words = self.words
        if len(words) <= 4 and (found := self._by_count(words)) is not None:
            return found
        value = self._or()
        if self.i < len(words):
            raise self.fault("many", words[0], words[self.i])
        return value

    def _by_count(self, words: Sequence[str]) -> bool | None:
        if len(words) < 2:
            return bool(words and words[0])
        if words[0] == "!" and not (len(words) == 3 and self._is_binary(words[1])):
            return not _Tester(self.who, words[1:], self.dialect).judge()
        if len(words) == 2:
            if words[0] not in UNARY:
                raise self.fault("unary", words[0])
            return UNARY[words[0]](self.who, words[1])
        if len(words) == 3:
            if self._is_binary(words[1]):
                return self._binary(*words)
            if words[1] in ("-a", "-o"):
                both = bool(words[0]), bool(words[2])
                return all(both) if words[1] == "-a" else any(both)
            if words[0] == "(" and words[2] == ")":
                return bool(words[1])
            raise self.fault("binary", words[1] if self.dialect == "bash" else words[0], words[1])
        return None

    def _is_binary(self, word: str) -> bool:
        return word in TEXTUAL or word in NUMERIC

    def _binary(self, left: str, op: str, right: str) -> bool:
        if op in NUMERIC:
            return NUMERIC[op](self.number(left), self.number(right))
        return TEXTUAL[op](self.who, left, right)

    def _peek(self, ahead: int = 0) -> str | None:
        return self.words[self.i + ahead] if self.i + ahead < len(self.words) else None

    def _or(self) -> bool:
        value = self._and()
        while self._peek() == "-o":
            self.i += 1
            value = self._and() or value
        return value

    def _and(self) -> bool:
        value = self._not()
        while self._peek() == "-a":
            self.i += 1
            value = self._not() and value
        return value

    def _not(self) -> bool:
        if self._peek() == "!":
            self.i += 1
            return not self._not()
        return self._primary()

    def _primary(self) -> bool:
        word = self._peek()
        if word is None:
            raise self.fault("argument")
        following, right = self._peek(1), self._peek(2)
        if following is not None and right is not None and self._is_binary(following):
            self.i += 3
            return self._binary(word, following, right)
        if word == "(":
            self.i += 1
            value = self._or()
            if self._peek() != ")":
                raise self.fault("argument")
            self.i += 1
            return value
        if word in UNARY and following is not None:
            self.i += 2
            return UNARY[word](self.who, following)
        self.i += 1
        return bool(word)


def evaluate(who: Asking, words: Sequence[str], dialect: str) -> tuple[int, str]:
    """Return (status, message) of `test words…`."""
    try:
        return int(not _Tester(who, words, dialect).judge()), ""
    except TestFault as fault:
        return 2, str(fault)


class _Conditional:
    """Judges `[[ … ]]`: patterns on the right of ==, regular expressions, arithmetic, no splitting."""

    def __init__(self, shell: Shell, expander: Expander, words: Sequence[Word | str]):
        self.shell = shell
        self.expander = expander
        self.words = words
        self.i = 0

    def _operator(self, ahead: int = 0) -> str:
        """Return the operator or plain word that stands here, '' for anything with expansions."""
        if self.i + ahead >= len(self.words):
            return ""
        found = self.words[self.i + ahead]
        return found if isinstance(found, str) else found.literal() or ""

    def any_of(self) -> bool:
        value = self.all_of()
        while self._operator() == "||":
            self.i += 1
            value = self.all_of() or value
        return value

    def all_of(self) -> bool:
        value = self.negated()
        while self._operator() == "&&":
            self.i += 1
            value = self.negated() and value
        return value

    def negated(self) -> bool:
        if self._operator() == "!":
            self.i += 1
            return not self.negated()
        return self.primary()

    def _word(self) -> Word:
        found = self.words[self.i] if self.i < len(self.words) else ""
        self.i += 1
        if isinstance(found, str):
            raise TestFault(f"unexpected token `{found or ']]'}', conditional binary operator expected")
        return found

    def primary(self) -> bool:
        if self._operator() == "(":
            self.i += 1
            value = self.any_of()
            self.i += 1
            return value
        op = self._operator()
        if op in UNARY or op == "-v":
            self.i += 1
            text = self.expander.text(self._word())
            return self.expander.lookup(text) is not None if op == "-v" else UNARY[op](self.shell, text)
        left = self.expander.text(self._word())
        op = self._operator()
        if op in ("", "&&", "||", ")"):
            return bool(left)
        self.i += 1
        return self._compare(left, op, self._word())

    def _compare(self, left: str, op: str, right: Word) -> bool:
        if op in ("=", "==", "!="):
            return patterns.matches(self.expander.pieces(right), left) == (op != "!=")
        if op == "=~":
            return self._search(left, right)
        if op in NUMERIC:
            numbers = [arithmetic.evaluate(text, self.expander) for text in (left, self.expander.text(right))]
            return NUMERIC[op](*numbers)
        if op in TEXTUAL:
            return TEXTUAL[op](self.shell, left, self.expander.text(right))
        raise TestFault("syntax error: conditional binary operator expected")

    def _search(self, left: str, right: Word) -> bool:
        pieces = self.expander.pieces(right)
        expression = "".join(re.escape(text) if quoted else text for text, quoted in pieces)
        try:
            match = re.search(patterns.posix_classes(expression), left)
        except re.error:
            raise TestFault("") from None
        groups = [match.group(), *(group or "" for group in match.groups())] if match else []
        self.shell.variables.set_array("BASH_REMATCH", {str(i): group for i, group in enumerate(groups)})
        return match is not None


def judge(shell: Shell, expander: Expander, words: Sequence[Word | str]) -> tuple[int, str]:
    """Return (status, message) of a `[[ … ]]`."""
    try:
        return int(not _Conditional(shell, expander, words).any_of()), ""
    except TestFault as fault:
        return 2, str(fault)
    except arithmetic.ArithmeticFault as fault:
        return 1, f'[[: {fault.token}: syntax error: operand expected (error token is "{fault.token}")'
