"""Reading bash's `[[ … ]]`: words and operators up to the closing brackets; it is judged in `tests.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.shell.syntax import Incomplete, Lit, Test, Word

if TYPE_CHECKING:
    from cluster.shell.parser import Parser

_OPERATORS = ("&&", "||", "(", ")", "<", ">")


class ConditionalReader:
    def __init__(self, parser: Parser):
        self.p = parser

    def read(self) -> Test:
        found: list[Word | str] = []
        while True:
            self.p.blanks(newlines=True)
            if self.p.i >= len(self.p.s):
                raise Incomplete("", self.p.line(), expecting="]]")
            if self.p.s.startswith("]]", self.p.i):
                self.p.i += 2
                return Test(words=found)
            found.append(self._item(found))

    def _item(self, found: list[Word | str]) -> Word | str:
        after = found[-1] if found else ""
        if isinstance(after, Word) and after.literal() == "=~":
            return self._pattern()
        for operator in _OPERATORS:
            if self.p.s.startswith(operator, self.p.i):
                self.p.i += len(operator)
                return operator
        if self.p.s[self.p.i] in ";&|":
            raise self.p.unexpected()
        return self.p.words.word()

    def _pattern(self) -> Word:
        """Read a regular expression: blanks end it, except inside its parentheses."""
        parts, depth = list(Word(()).parts), 0
        while self.p.i < len(self.p.s):
            letter = self.p.s[self.p.i]
            if letter in " \t\n" and depth == 0:
                break
            if letter in "()|<>;&":
                depth += {"(": 1, ")": -1}.get(letter, 0)
                parts += [*_literal(letter)]
                self.p.i += 1
                continue
            parts += self.p.words.word(" \t\n()|<>;&").parts if letter not in " \t\n" else _literal(letter)
            self.p.i += letter in " \t\n"
        return Word(tuple(parts))


def _literal(text: str) -> tuple[Lit, ...]:
    return (Lit(text),)
