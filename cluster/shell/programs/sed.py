"""sed: addresses, s y d p q n N D G H h g x = a i c b t {} and -n -i -e -E."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cluster.shell.calls import ShellCall
from cluster.shell.programs.program import UsageFault, everything, options
from cluster.shell.programs.regexes import python_regex


@dataclass
class Address:
    """A line number, the last line, or an expression; `step` for `first~step`."""

    line: int = 0
    last: bool = False
    pattern: re.Pattern[str] | None = None
    step: int = 0
    more: int = -1  # `addr,+N`


@dataclass
class Command:
    name: str
    first: Address | None = None
    second: Address | None = None
    negated: bool = False
    text: str = ""
    pattern: re.Pattern[str] | None = None
    by: str = ""
    flags: str = ""
    body: list[Command] = field(default_factory=list)
    until: int = -1  # inside a range: its last line, 0 while only a pattern can end it


class _Parser:
    def __init__(self, text: str, extended: bool):
        self.s = text
        self.i = 0
        self.extended = extended

    def fail(self, words: str) -> UsageFault:
        return UsageFault(f"sed: -e expression #1, char {self.i}: {words}\n")

    def commands(self, nested: bool = False) -> list[Command]:
        found: list[Command] = []
        while True:
            while self.i < len(self.s) and self.s[self.i] in " \t\n;":
                self.i += 1
            if self.i >= len(self.s):
                if nested:
                    raise self.fail("unmatched `{'")
                return found
            if self.s[self.i] == "}":
                if not nested:
                    raise self.fail("unexpected `}'")
                self.i += 1
                return found
            if self.s[self.i] == "#":
                end = self.s.find("\n", self.i)
                self.i = len(self.s) if end < 0 else end
                continue
            found.append(self.command())

    def command(self) -> Command:
        command = Command("")
        command.first = self.address()
        self.blanks()
        if command.first is not None and self.s.startswith(",", self.i):
            self.i += 1
            self.blanks()
            command.second = self.address()
            if command.second is None:
                raise self.fail("unexpected `,'")
        self.blanks()
        while self.s.startswith("!", self.i):
            command.negated = True
            self.i += 1
            self.blanks()
        if self.i >= len(self.s):
            raise self.fail("missing command")
        command.name = self.s[self.i]
        self.i += 1
        self.arguments(command)
        return command

    def blanks(self) -> None:
        while self.i < len(self.s) and self.s[self.i] in " \t":
            self.i += 1

    def address(self) -> Address | None:
        match = re.compile(r"(\d+)(?:~(\d+))?|\$|\+(\d+)").match(self.s, self.i)
        if match:
            self.i = match.end()
            if match.group() == "$":
                return Address(last=True)
            if match.group(3) is not None:
                return Address(more=int(match.group(3)))
            return Address(line=int(match.group(1)), step=int(match.group(2) or 0))
        if self.s[self.i : self.i + 1] in ("/", "\\"):
            self.i += self.s[self.i] == "\\"
            mark = self.s[self.i]
            self.i += 1
            text = self.until(mark, "unterminated address regex")
            flags = 0
            if self.s.startswith("I", self.i):
                flags, self.i = re.IGNORECASE, self.i + 1
            return Address(pattern=self.regex(text, flags))
        return None

    def regex(self, text: str, flags: int = 0) -> re.Pattern[str]:
        try:
            return re.compile(python_regex(text, extended=self.extended), flags)
        except re.error:
            raise self.fail("Invalid preceding regular expression") from None

    def until(self, mark: str, words: str) -> str:
        found = ""
        in_set = False
        while self.i < len(self.s):
            letter = self.s[self.i]
            if letter == "\\" and self.i + 1 < len(self.s):
                after = self.s[self.i + 1]
                found += after if after == mark and mark not in "|()+?{}" else letter + after
                self.i += 2
                continue
            if letter == mark and not in_set:
                self.i += 1
                return found
            in_set = (letter == "[") if not in_set else letter != "]"
            found += letter
            self.i += 1
        self.i = len(self.s)
        raise self.fail(words)

    def plain_until(self, mark: str, words: str) -> str:
        found = ""
        while self.i < len(self.s):
            letter = self.s[self.i]
            if letter == "\\" and self.i + 1 < len(self.s):
                found += self.s[self.i + 1] if self.s[self.i + 1] == mark else letter + self.s[self.i + 1]
                self.i += 2
            elif letter == mark:
                self.i += 1
                return found
            else:
                found += letter
                self.i += 1
        raise self.fail(words)

    def arguments(self, command: Command) -> None:
        if command.name == "{":
            command.body = self.commands(nested=True)
        elif command.name == "s":
            mark = self.s[self.i : self.i + 1]
            self.i += 1
            text = self.until(mark, "unterminated `s' command")
            command.by = self.plain_until(mark, "unterminated `s' command")
            match = re.compile(r"[gpiIeMm0-9]*").match(self.s, self.i)
            command.flags = match.group() if match else ""
            self.i += len(command.flags)
            if self.i < len(self.s) and self.s[self.i] not in " \t\n;}#":
                self.i += 1
                raise self.fail("unknown option to `s'")
            command.pattern = self.regex(text, re.IGNORECASE if {"i", "I"} & set(command.flags) else 0)
        elif command.name == "y":
            mark = self.s[self.i : self.i + 1]
            self.i += 1
            command.text = self.plain_until(mark, "unterminated `y' command")
            command.by = self.plain_until(mark, "unterminated `y' command")
        elif command.name in "aic":
            self.text(command)
        elif command.name in ":btT":
            match = re.compile(r"[ \t]*([^\s;}]*)").match(self.s, self.i)
            command.text = match.group(1) if match else ""
            self.i = match.end() if match else self.i
        elif command.name in "qQ":
            match = re.compile(r"[ \t]*(\d*)").match(self.s, self.i)
            command.text = match.group(1) if match else ""
            self.i = match.end() if match else self.i
        elif command.name not in "dDpPnNgGhHx=l":
            raise self.fail(f"unknown command: `{command.name}'")

    def text(self, command: Command) -> None:
        # A backslash before the text keeps its leading blanks.
        match = re.compile(r"[ \t]*(\\\n?|)").match(self.s, self.i)
        self.i = match.end() if match else self.i
        found = ""
        while self.i < len(self.s) and self.s[self.i] != "\n":
            if self.s[self.i] == "\\" and self.i + 1 < len(self.s):
                found += {"n": "\n", "t": "\t"}.get(self.s[self.i + 1], self.s[self.i + 1])
                self.i += 2
                continue
            found += self.s[self.i]
            self.i += 1
        command.text = found


class _Quit(Exception):
    pass


class _Machine:
    def __init__(self, commands: list[Command], quiet: bool):
        self.commands = commands
        self.quiet = quiet
        self.status = 0

    def run(self, lines: list[str]) -> str:
        self.lines, self.at, self.hold, self.out = lines, 0, "", []
        quitting = False
        while self.at < len(self.lines) and not quitting:
            self.space = self.lines[self.at]
            self.at += 1
            self.after: list[str] = []
            self.deleted = self.replaced = False
            try:
                self.execute(self.commands)
            except _Quit:
                quitting = True
            if not self.deleted and not self.quiet:
                self.out.append(self.space + "\n")
            self.out += self.after
        return "".join(self.out)

    def selected(self, command: Command) -> bool:
        return self._in_range(command) != command.negated

    def _matches(self, address: Address) -> bool:
        if address.last:
            return self.at >= len(self.lines)
        if address.pattern is not None:
            return address.pattern.search(self.space) is not None
        if address.step:
            return self.at >= address.line and (self.at - address.line) % address.step == 0
        return self.at == address.line

    def _in_range(self, command: Command) -> bool:
        if command.first is None:
            return True
        if command.second is None:
            return self._matches(command.first)
        if command.until >= 0:
            if self._ends(command):
                command.until = -1
            return True
        if not self._matches(command.first) and not (
            command.first.line == 0 and command.first.pattern is None and not command.first.last and self.at == 1
        ):
            return False
        second = command.second
        if second.more >= 0:
            command.until = self.at + second.more if second.more else -1
        elif second.pattern is not None or second.last:
            command.until = 0 if not (second.last and self.at >= len(self.lines)) else -1
        else:
            command.until = second.line if second.line > self.at else -1
        return True

    def _ends(self, command: Command) -> bool:
        if command.until > 0:
            return self.at >= command.until
        assert command.second is not None
        return self._matches(command.second)

    def execute(self, commands: list[Command]) -> bool:
        """Run commands on the pattern space; False when the cycle is over."""
        i = 0
        while i < len(commands):
            command = commands[i]
            i += 1
            if not self.selected(command):
                continue
            if command.name == "{":
                if not self.execute(command.body):
                    return False
            elif command.name in "bt":
                if command.name == "t" and not self.replaced:
                    continue
                self.replaced = False
                target = next(
                    (n for n, one in enumerate(commands) if one.name == ":" and one.text == command.text), None
                )
                if target is None:
                    return False
                i = target
            elif not self.one(command):
                return False
        return True

    def one(self, command: Command) -> bool:
        name = command.name
        if name == "s":
            self.substitute(command)
        elif name == "d" or (name == "D" and "\n" not in self.space):
            self.deleted = True
            return False
        elif name == "D":
            self.lines.insert(self.at, self.space.split("\n", 1)[1])
            self.deleted = True
            return False
        elif name == "p":
            self.out.append(self.space + "\n")
        elif name == "P":
            self.out.append(self.space.split("\n")[0] + "\n")
        elif name == "=":
            self.out.append(f"{self.at}\n")
        elif name == "i":
            self.out.append(command.text + "\n")
        elif name == "a":
            self.after.append(command.text + "\n")
        elif name == "c":
            if command.second is None or command.until < 0:
                self.out.append(command.text + "\n")
            self.deleted = True
            return False
        elif name == "y":
            self.space = self.space.translate({ord(a): b for a, b in zip(command.text, command.by, strict=False)})
        elif name in "qQ":
            self.status = int(command.text or 0)
            self.deleted = name == "Q"
            raise _Quit
        else:
            return self.buffers(name)
        return True

    def buffers(self, name: str) -> bool:
        if name == "h":
            self.hold = self.space
        elif name == "H":
            self.hold += "\n" + self.space
        elif name == "g":
            self.space = self.hold
        elif name == "G":
            self.space += "\n" + self.hold
        elif name == "x":
            self.space, self.hold = self.hold, self.space
        elif name in "nN":
            if self.at >= len(self.lines):
                if name == "n":
                    return False
                raise _Quit
            if name == "n":
                if not self.quiet:
                    self.out.append(self.space + "\n")
                self.space = self.lines[self.at]
            else:
                self.space += "\n" + self.lines[self.at]
            self.at += 1
        return True

    def substitute(self, command: Command) -> None:
        assert command.pattern is not None
        number = int(re.sub(r"\D", "", command.flags) or 1)
        count = [0]

        def put(match: re.Match[str]) -> str:
            count[0] += 1
            if count[0] < number or ("g" not in command.flags and count[0] > number):
                return match.group()
            return replacement(command.by, match)

        text = command.pattern.sub(put, self.space)
        if count[0] >= number:
            self.replaced = True
            self.space = text
            if "p" in command.flags:
                self.out.append(self.space + "\n")


def replacement(template: str, match: re.Match[str]) -> str:
    """Return the right side of `s` for one match: & \\1 \\n \\U \\L \\E."""
    found, case, i = "", "", 0
    while i < len(template):
        piece = template[i]
        if piece == "&":
            piece = match.group()
        elif piece == "\\" and i + 1 < len(template):
            i += 1
            letter = template[i]
            if letter in "ULE":
                case = letter if letter != "E" else ""
                i += 1
                continue
            if letter.isdigit():
                piece = (match.group(int(letter)) or "") if int(letter) <= match.re.groups else ""
            else:
                piece = {"n": "\n", "t": "\t"}.get(letter, letter)
        found += piece.upper() if case == "U" else piece.lower() if case == "L" else piece
        i += 1
    return found


def sed(call: ShellCall) -> int | None:
    words = list(call.argv)
    suffix = next((word[2:] for word in words if word.startswith("-i") and len(word) > 2 and word[2] == "."), "")
    call.argv = ["-i" if word.startswith("-i.") else word for word in words]
    found = options(call, "nErsziu", "ef", "quiet:n silent:n expression=:e file=:f in-place:i regexp-extended:E")
    operands = list(found.operands)
    scripts = list(found.all.get("e", ()))
    if "f" in found:
        scripts.append(call.place.files.read(call.path(found.get("f"))).decode())
    if not scripts:
        if not operands:
            raise UsageFault("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n", 1)
        scripts = [operands.pop(0)]
    extended = "E" in found or "r" in found
    inputs = everything(call, operands)
    if inputs is None:
        return None
    parsed = _Parser("\n".join(scripts), extended).commands()
    machine = _Machine(parsed, "n" in found)
    if "i" in found or "s" in found:
        for name, data in inputs:
            if suffix and "i" in found:
                call.place.files.write(call.path(name + suffix), data)
            text = _run(machine, [data])
            if "i" in found:
                call.place.files.write(call.path(name), text)
            else:
                call.write(text)
    else:
        call.write(_run(machine, [data for _, data in inputs]))
    return machine.status or int(bool(call.state.get("failed"))) * 2


def _run(machine: _Machine, pieces: list[bytes]) -> bytes:
    text = "".join(piece.decode("utf-8", "surrogateescape") for piece in pieces)
    ended = text.endswith("\n") or not text
    lines = text.split("\n")[:-1] if ended else text.split("\n")
    result = machine.run(lines)
    if not ended and result.endswith("\n"):
        result = result[:-1]
    return result.encode("utf-8", "surrogateescape")
