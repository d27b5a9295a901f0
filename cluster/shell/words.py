"""Reading one word of shell text: quotes, expansions, substitutions, and brace expansion (XCU 2.2, 2.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cluster.shell.syntax import (
    Arithmetic,
    Incomplete,
    List,
    Lit,
    Part,
    Quoted,
    ShellSyntaxError,
    Substitution,
    Var,
    Word,
)

if TYPE_CHECKING:
    from cluster.shell.parser import Parser

METACHARACTERS = " \t\n;&|<>()"
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PARAMETER = re.compile(r"[A-Za-z_]\w*|\d+|[@*#?$!-]", re.ASCII)
_OPERATOR = re.compile(r":[-=?+]|[-=?+]|##?|%%?|//?|\^\^?|,,?|@[A-Za-z]|:")
_LONGEST_RANGE = 200_000
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}


class WordReader:
    """The lexical half of the parser: works on the parser's text and position."""

    def __init__(self, parser: Parser):
        self.p = parser

    def word(self, stop: str = METACHARACTERS) -> Word:
        """Read up to an unquoted character of `stop`."""
        parts: list[Part] = []
        while self.p.i < len(self.p.s) and self.p.s[self.p.i] not in stop:
            self._part(parts, stop)
        return Word(tuple(parts))

    def _part(self, parts: list[Part], stop: str) -> None:
        letter = self.p.s[self.p.i]
        if letter == "'":
            parts.append(Lit(self._single(), quoted=True))
        elif letter == '"':
            self.p.i += 1
            parts.append(Quoted(self.double('"')))
            self.p.i += 1
        elif letter == "\\":
            self._backslash(parts)
        elif letter == "$":
            parts.append(self.dollar(quoted=False))
        elif letter == "`":
            parts.append(self.backquote(quoted=False))
        else:
            self._plain(parts, stop)

    def _plain(self, parts: list[Part], stop: str) -> None:
        start = self.p.i
        while self.p.i < len(self.p.s) and self.p.s[self.p.i] not in stop and self.p.s[self.p.i] not in "'\"\\$`":
            self.p.i += 1
        parts.append(Lit(self.p.s[start : self.p.i]))

    def _backslash(self, parts: list[Part]) -> None:
        self.p.i += 2
        if self.p.i > len(self.p.s):
            raise Incomplete("", self.p.line(), quote="\\") if self.p.interactive else _lone_backslash(parts)
        if self.p.s[self.p.i - 1] != "\n":
            parts.append(Lit(self.p.s[self.p.i - 1], quoted=True))

    def _single(self) -> str:
        end = self.p.s.find("'", self.p.i + 1)
        if end < 0:
            raise Incomplete("", self.p.line(), quote="'")
        text = self.p.s[self.p.i + 1 : end]
        self.p.i = end + 1
        return text

    def double(self, stop: str, *, heredoc: bool = False) -> tuple[Part, ...]:
        """Read the inside of double quotes up to `stop` (left unread); a here-document has none."""
        parts: list[Part] = []
        begin = self.p.line()
        text: list[str] = []
        while not (stop and self.p.s.startswith(stop, self.p.i)):
            if self.p.i >= len(self.p.s):
                if not stop:
                    break
                raise Incomplete("", begin, quote=stop)
            letter = self.p.s[self.p.i]
            if letter == "\\":
                text.append(self._escape_in_quotes(heredoc))
                continue
            if letter in "$`":
                parts += [Lit("".join(text), quoted=True)] if text else []
                text = []
                parts.append(self.dollar(quoted=True) if letter == "$" else self.backquote(quoted=True))
                continue
            text.append(letter)
            self.p.i += 1
        return (*parts, Lit("".join(text), quoted=True)) if text or not parts else tuple(parts)

    def _escape_in_quotes(self, heredoc: bool) -> str:
        after = self.p.s[self.p.i + 1 : self.p.i + 2]
        self.p.i += 2
        if after == "\n":
            return ""
        return after if after in ("$", "`", "\\") or (after == '"' and not heredoc) else "\\" + after

    def dollar(self, *, quoted: bool) -> Part:
        """Read what begins with `$`."""
        s, i = self.p.s, self.p.i
        if s.startswith("$((", i):
            found = self._arithmetic()
            if found is not None:
                return found
        if s.startswith("$(", i):
            return self._command()
        if s.startswith("${", i):
            self.p.i += 2
            return self._braced(quoted)
        if not quoted and s.startswith("$'", i) and self.p.dialect != "dash":
            return self._ansi()
        if not quoted and s.startswith('$"', i) and self.p.dialect == "bash":
            self.p.i += 2
            inside = Quoted(self.double('"'))
            self.p.i += 1
            return inside
        return self._bare()

    def _bare(self) -> Part:
        match = _NAME.match(self.p.s, self.p.i + 1)
        name = match.group() if match else self.p.s[self.p.i + 1 : self.p.i + 2]
        if match or (name and name in "0123456789@*#?$!-"):
            self.p.i += 1 + len(name)
            return Var(name)
        self.p.i += 1
        return Lit("$")

    def _command(self) -> Substitution:
        line = self.p.line()
        self.p.i += 2
        body = self.p.nested(")")
        if not self.p.s.startswith(")", self.p.i):
            raise Incomplete("", line, quote=")")
        self.p.i += 1
        return Substitution(body)

    def backquote(self, *, quoted: bool) -> Substitution:
        text: list[str] = []
        i = self.p.i + 1
        while i < len(self.p.s) and self.p.s[i] != "`":
            if self.p.s[i] == "\\" and self.p.s[i + 1 : i + 2] in ("$", "`", "\\", '"' if quoted else "`"):
                i += 1
            text.append(self.p.s[i])
            i += 1
        if i >= len(self.p.s):
            raise Incomplete("", self.p.line(), quote="`")
        self.p.i = i + 1
        return Substitution(self.p.embedded("".join(text)))

    def _arithmetic(self) -> Arithmetic | None:
        """Read `$((…))`; None when it turns out to be a substitution that begins with a subshell."""
        start = self.p.i
        end = _closing(self.p.s, start + 3)
        if end < 0:
            if self.p.s.find(")", start) < 0:
                raise Incomplete("", self.p.line(), quote=")")
            return None
        self.p.i = start + 3
        word = self.arithmetic_text(end)
        self.p.i = end + 2
        return Arithmetic(word)

    def arithmetic_text(self, end: int) -> Word:
        """Read an arithmetic expression up to `end`: expansions as inside double quotes, quotes dropped."""
        inner = self.p.sub(self.p.s[self.p.i : end].replace('"', ""))
        return Word(inner.words.double(""))

    def _ansi(self) -> Lit:
        i, text = self.p.i + 2, []
        while i < len(self.p.s) and self.p.s[i] != "'":
            if self.p.s[i] != "\\":
                text.append(self.p.s[i])
                i += 1
                continue
            piece, i = unescape(self.p.s, i + 1)
            text.append(piece)
        if i >= len(self.p.s):
            raise Incomplete("", self.p.line(), quote="'")
        self.p.i = i + 1
        return Lit("".join(text), quoted=True)

    def _braced(self, quoted: bool) -> Var:
        begin = self.p.i - 2
        length = indirect = False
        if self.p.s.startswith("#", self.p.i) and not self.p.s.startswith(("#}", "#-", "#:", "##}"), self.p.i):
            length, self.p.i = True, self.p.i + 1
        elif self.p.s.startswith("!", self.p.i) and self.p.s[self.p.i + 1 : self.p.i + 2] not in ("}", ":", "-"):
            indirect, self.p.i = True, self.p.i + 1
        match = _PARAMETER.match(self.p.s, self.p.i)
        if match is None:
            raise self._bad(begin)
        self.p.i = match.end()
        index = self._index()
        if self.p.s.startswith("}", self.p.i):
            self.p.i += 1
            return Var(match.group(), index=index, length=length, indirect=indirect)
        return self._operation(match.group(), index, indirect, quoted, begin)

    def _index(self) -> Word | None:
        if not self.p.s.startswith("[", self.p.i) or self.p.dialect == "dash":
            return None
        self.p.i += 1
        word = self.word("]")
        self.p.i += 1
        return word

    def _operation(self, name: str, index: Word | None, indirect: bool, quoted: bool, begin: int) -> Var:
        match = _OPERATOR.match(self.p.s, self.p.i)
        if match is None:
            raise self._bad(begin) if self.p.s.find("}", self.p.i) >= 0 else Incomplete("", self.p.line(), quote="}")
        op = match.group()
        if self.p.dialect == "dash" and (op == ":" or op[0] in "/^,@"):
            raise self._bad(begin)
        self.p.i = match.end()
        second = None
        if op in ("/", "//"):
            if self.p.s[self.p.i : self.p.i + 1] in ("#", "%"):
                op += self.p.s[self.p.i]
                self.p.i += 1
            word = self._operand("/}", quoted=False)
            if self.p.s.startswith("/", self.p.i):
                self.p.i += 1
                second = self._operand("}", quoted)
        elif op == ":":
            word = self._operand(":}", quoted)
            if self.p.s.startswith(":", self.p.i):
                self.p.i += 1
                second = self._operand("}", quoted)
        else:
            word = self._operand("}", quoted and op[-1] in "-=?+")
        if not self.p.s.startswith("}", self.p.i):
            raise Incomplete("", self.p.line(), quote="}")
        self.p.i += 1
        return Var(name, op, word, second, index, indirect=indirect)

    def _operand(self, stop: str, quoted: bool) -> Word:
        if not quoted:
            return self.word(stop)
        parts: list[Part] = []
        while self.p.i < len(self.p.s) and self.p.s[self.p.i] not in stop:
            letter = self.p.s[self.p.i]
            if letter == '"':
                self._part(parts, stop)
            elif letter == "\\":
                parts.append(Lit(self._escape_in_quotes(False), quoted=True))
            elif letter in "$`":
                parts.append(self.dollar(quoted=True) if letter == "$" else self.backquote(quoted=True))
            else:
                parts.append(Lit(letter, quoted=True))
                self.p.i += 1
        return Word(tuple(parts))

    def _bad(self, begin: int) -> ShellSyntaxError:
        end = self.p.s.find("}", begin)
        if end < 0:
            return Incomplete("", self.p.line(), quote="}")
        return ShellSyntaxError("", self.p.line(), words=f"{self.p.s[begin : end + 1]}: bad substitution")


def _lone_backslash(parts: list[Part]) -> ShellSyntaxError:
    parts.append(Lit("\\", quoted=True))
    return ShellSyntaxError("newline", 1)


def _closing(text: str, start: int) -> int:
    """Return where `))` closes the arithmetic that begins at `start`, or -1."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] == "(":
            depth += 1
        elif text[i] == ")":
            if depth == 0:
                return i if text.startswith("))", i) else -1
            depth -= 1
    return -1


def unescape(text: str, i: int) -> tuple[str, int]:
    """Return what the escape at `i` (after the backslash) stands for, and where it ends (`$'…'`, echo -e, printf)."""
    letter = text[i : i + 1]
    if letter in _ESCAPES:
        return _ESCAPES[letter], i + 1
    for pattern, base in ((r"x([0-9A-Fa-f]{1,2})", 16), (r"u([0-9A-Fa-f]{1,4})", 16), (r"0?([0-7]{1,3})", 8)):
        match = re.compile(pattern).match(text, i)
        if match:
            return chr(int(match.group(1), base)), match.end()
    if letter in "\\'\"?":
        return letter, i + 1
    return "\\" + letter, i + 1


def braces(word: Word) -> list[Word]:
    """Return what brace expansion makes of a word: `a{b,c}`, `{1..3}`; itself when there is none."""
    if not any(isinstance(part, Lit) and not part.quoted and "{" in part.text for part in word.parts):
        return [word]
    tokens: list[str | Part] = []
    for part in word.parts:
        tokens += list(part.text) if isinstance(part, Lit) and not part.quoted else [part]
    return [_joined(one) for one in _alternatives(tokens)]


def _joined(tokens: list[str | Part]) -> Word:
    parts: list[Part] = []
    for token in tokens:
        if not isinstance(token, str):
            parts.append(token)
        elif parts and isinstance(parts[-1], Lit) and not parts[-1].quoted:
            parts[-1] = Lit(parts[-1].text + token)
        else:
            parts.append(Lit(token))
    return Word(tuple(parts))


def _alternatives(tokens: list[str | Part]) -> Iterator[list[str | Part]]:
    for start, token in enumerate(tokens):
        if token != "{":
            continue
        end, commas = _brace_end(tokens, start)
        if end < 0:
            continue
        inside = tokens[start + 1 : end]
        choices = _range(inside) if not commas else _choices(inside, [comma - start - 1 for comma in commas])
        if choices is None:
            continue
        for choice in choices:
            for rest in _alternatives(tokens[end + 1 :]):
                yield [*tokens[:start], *choice, *rest]
        return
    yield tokens


def _brace_end(tokens: list[str | Part], start: int) -> tuple[int, list[int]]:
    depth, commas = 0, []
    for i in range(start, len(tokens)):
        if tokens[i] == "{":
            depth += 1
        elif tokens[i] == "," and depth == 1:
            commas.append(i)
        elif tokens[i] == "}":
            depth -= 1
            if depth == 0:
                return i, commas
    return -1, commas


def _choices(inside: list[str | Part], commas: list[int]) -> list[list[str | Part]]:
    found: list[list[str | Part]] = []
    for begin, end in zip([0, *(comma + 1 for comma in commas)], [*commas, len(inside)], strict=True):
        found += list(_alternatives(inside[begin:end]))
    return found


def _range(inside: list[str | Part]) -> list[list[str | Part]] | None:
    if not all(isinstance(token, str) for token in inside):
        return None
    text = "".join(str(token) for token in inside)
    match = re.fullmatch(r"(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?|([A-Za-z])\.\.([A-Za-z])", text)
    if not match:
        return None
    if match.group(4):
        first, last, step = ord(match.group(4)), ord(match.group(5)), 1
        return [[chr(n)] for n in _span(first, last, step)]
    first, last, step = int(match.group(1)), int(match.group(2)), abs(int(match.group(3) or 1)) or 1
    padded = any(re.match(r"-?0\d", end) for end in match.group(1, 2))
    width = max(map(len, match.group(1, 2))) if padded else 0
    return [list(f"{n:0{width}d}" if width else str(n)) for n in _span(first, last, step)]


def _span(first: int, last: int, step: int) -> range:
    if abs(last - first) // step > _LONGEST_RANGE:
        raise ShellSyntaxError(
            "", 1, words=f"brace expansion: failed to allocate memory for {abs(last - first)} elements"
        )
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)


__all__ = ["METACHARACTERS", "List", "WordReader", "braces", "unescape"]
