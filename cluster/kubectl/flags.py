"""Flags as cobra and pflag read them: shorthands, optional values, repetition, `--`, and their error texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cluster.kubectl.errors import CommandError
from cluster.machinery import goduration

UNSET: Any = object()


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `kind`: string bool int duration strings (comma lists) array (repeated, no commas) quantity.

    `bare` is the value of the flag given without one (`--dry-run`), for flags that allow it.
    """

    name: str
    kind: str = "string"
    default: Any = UNSET
    help: str = ""
    short: str = ""
    bare: Any = UNSET
    hidden: bool = False
    deprecated: str = ""

    @property
    def value(self) -> Any:
        return _EMPTY[self.kind] if self.default is UNSET else self.default

    @property
    def takes_value(self) -> bool:
        return self.kind != "bool" and self.bare is UNSET


_EMPTY: dict[str, Any] = {
    "string": "", "bool": False, "int": 0, "duration": 0.0, "strings": (), "array": (), "tristate": "", "pattern": "",
}


@dataclass(slots=True)
class Parsed:
    """What was given. `flags[name]` has a value for every flag; `changed` names those on the command line."""

    values: dict[str, Any]
    args: list[str] = field(default_factory=list)
    changed: dict[str, None] = field(default_factory=dict)
    dash: int = -1  # how many arguments stood before `--`; -1 without one
    deprecated: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def given(self, name: str) -> bool:
        return name in self.changed

    def without(self, names: Iterable[str]) -> Parsed:
        """Return what was given apart from these flags."""
        hidden = set(names)
        values = {name: value for name, value in self.values.items() if name not in hidden}
        changed = {name: None for name in self.changed if name not in hidden}
        return replace(self, values=values, changed=changed)


class FlagProblem(CommandError):
    """A flag that cannot be; the caller adds where help is."""


class HelpWanted(Exception):
    """-h or --help was given."""


def parse(flags: Iterable[Flag], argv: Sequence[str], *, interspersed: bool = True) -> Parsed:
    """Read `argv`; raises FlagProblem in pflag's words, HelpWanted for -h."""
    return _Parser(list(flags), interspersed).parse(argv)


class _Parser:
    def __init__(self, flags: list[Flag], interspersed: bool):
        self.by_name = {flag.name: flag for flag in flags}
        self.by_short = {flag.short: flag for flag in flags if flag.short}
        self.interspersed = interspersed
        self.parsed = Parsed({flag.name: flag.value for flag in flags})

    def parse(self, argv: Sequence[str]) -> Parsed:
        rest = list(argv)
        while rest:
            word = rest.pop(0)
            if word == "--":
                self.parsed.dash = len(self.parsed.args)
                self.parsed.args += rest
                break
            if word.startswith("--"):
                self._long(word, rest)
            elif word.startswith("-") and len(word) > 1:
                self._shorts(word, rest)
            else:
                self.parsed.args.append(word)
                if not self.interspersed:
                    self.parsed.args += rest
                    break
        return self.parsed

    def _long(self, word: str, rest: list[str]) -> None:
        name, equals, value = word[2:].partition("=")
        if not name or name[0] in "-=":
            raise FlagProblem(f"bad flag syntax: {word}")
        name = name.replace("_", "-")
        flag = self.by_name.get(name)
        if flag is None:
            if name == "help":
                raise HelpWanted
            raise FlagProblem(f"unknown flag: --{name}")
        if equals:
            self._set(flag, value, f"--{name}")
        elif not flag.takes_value:
            self._set(flag, "true" if flag.kind == "bool" else flag.bare, f"--{name}")
        elif rest:
            self._set(flag, rest.pop(0), f"--{name}")
        else:
            raise FlagProblem(f"flag needs an argument: --{name}")

    def _shorts(self, word: str, rest: list[str]) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self.by_short.get(letter)
            if flag is None:
                if letter == "h":
                    raise HelpWanted
                raise FlagProblem(f"unknown shorthand flag: '{letter}' in {word}")
            if letters.startswith("="):
                self._set(flag, letters[1:], f"-{letter}")
                return
            if not flag.takes_value:
                self._set(flag, "true" if flag.kind == "bool" else flag.bare, f"-{letter}")
            elif letters:
                self._set(flag, letters, f"-{letter}")
                return
            elif rest:
                self._set(flag, rest.pop(0), f"-{letter}")
                return
            else:
                raise FlagProblem(f"flag needs an argument: '{letter}' in {word}")

    def _set(self, flag: Flag, text: str, word: str) -> None:
        shown = f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"
        try:
            value = _READERS.get(flag.kind, str)(text)
        except ValueError as problem:
            raise FlagProblem(f'invalid argument "{text}" for "{shown}" flag: {problem}') from None
        if flag.kind in ("strings", "array") and flag.name in self.parsed.changed:
            value = (*self.parsed.values[flag.name], *value)
        if flag.deprecated and flag.name not in self.parsed.changed:
            self.parsed.deprecated.append(f"Flag --{flag.name} has been deprecated, {flag.deprecated}")
        self.parsed.values[flag.name] = value
        self.parsed.changed[flag.name] = None


_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}


def _bool(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def _int(text: str) -> int:
    if re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax')


def _strings(text: str) -> tuple[str, ...]:
    """Read a comma list as encoding/csv does, simple quotes included."""
    if not text:
        return ()
    return tuple(part.replace('""', '"') for part in _split_csv(text))


def _split_csv(text: str) -> list[str]:
    parts: list[str] = []
    here = ""
    quoted = False
    for letter in text:
        if letter == '"' and (quoted or not here):
            quoted = not quoted
        elif letter == "," and not quoted:
            parts.append(here)
            here = ""
        else:
            here += letter
    return [*parts, here]


_READERS: dict[str, Any] = {
    "bool": _bool, "int": _int, "duration": goduration.parse, "strings": _strings, "array": lambda text: (text,),
}


def strip_flags(flags: Iterable[Flag], argv: Sequence[str]) -> list[int]:
    """Return the positions of the words that are no flags, as cobra does to find the subcommand."""
    listed = list(flags)
    by_name = {flag.name: flag for flag in listed}
    by_short = {flag.short: flag for flag in listed if flag.short}
    found: list[int] = []
    skip = False
    for position, word in enumerate(argv):
        if skip:
            skip = False
        elif word == "--":
            break
        elif word.startswith("--"):
            flag = by_name.get(word[2:])
            skip = "=" not in word and (flag.takes_value if flag else False)
        elif word.startswith("-") and len(word) > 1:
            flag = by_short.get(word[1]) if len(word) == 2 else None
            skip = bool(flag and flag.takes_value)
        else:
            found.append(position)
    return found
