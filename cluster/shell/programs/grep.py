"""grep, egrep, fgrep."""

from __future__ import annotations

import re

from cluster.shell import patterns
from cluster.shell.calls import ShellCall
from cluster.shell.programs.program import Options, UsageFault, cannot_open, each_line, options
from cluster.shell.programs.regexes import python_regex
from cluster.workloads.files import FileError

_USAGE = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n"
_LONG = (
    "ignore-case:i invert-match:v count:c line-number:n only-matching:o recursive:r quiet:q silent:q word-regexp:w "
    "extended-regexp:E fixed-strings:F perl-regexp:P files-with-matches:l files-without-match:L no-filename:h "
    "with-filename:H no-messages:s line-regexp:x after-context=:A before-context=:B context=:C regexp=:e file=:f "
    "max-count=:m color colour include= exclude= line-buffered text:a"
)


def grep(call: ShellCall) -> int | None:
    call.argv = [call.argv[0], *(re.sub(r"^-(\d+)$", r"-C\1", word) for word in call.argv[1:])]
    found = options(call, "EFGPivcnorRqwlLhHsxazIT", "eABCmf", _LONG, 2)
    operands = list(found.operands)
    patterns_given = list(found.all.get("e", ()))
    if "f" in found:
        patterns_given += call.place.files.read(call.path(found.get("f"))).decode().splitlines()
    if not patterns_given:
        if not operands:
            raise UsageFault(_USAGE, 2)
        patterns_given = operands.pop(0).split("\n")
    expression = _expression(call, found, patterns_given)
    names = call.state.get("names")
    if names is None:
        names = call.state["names"] = _names(call, found, operands)
    return _Search(call, found, expression, names, len(operands) > 1 or "r" in found or "R" in found).run()


def _expression(call: ShellCall, found: Options, given: list[str]) -> re.Pattern[str]:
    extended = "E" in found or call.name == "egrep"
    if "F" in found or call.name == "fgrep":
        parts = [re.escape(one) for one in given]
    elif "P" in found:
        parts = given
    else:
        parts = [python_regex(one, extended=extended) for one in given]
    text = "|".join(f"(?:{part})" for part in parts)
    if "w" in found:
        text = rf"(?<!\w)(?:{text})(?!\w)"
    if "x" in found:
        text = rf"\A(?:{text})\Z"
    try:
        return re.compile(text, re.IGNORECASE if "i" in found else 0)
    except re.error:
        message = "Unmatched ( or \\(" if any("(" in one for one in given) else "Invalid regular expression"
        raise UsageFault(f"grep: {message}\n", 2) from None


def _names(call: ShellCall, found: Options, operands: list[str]) -> list[str]:
    if not {"r", "R"} & found.flags:
        return operands
    names: list[str] = []
    for operand in operands or ["."]:
        try:
            _walk(call, found, operand, names)
        except FileError as fault:
            cannot_open(call, operand, fault)
            call.state["failed"] = True
    return names or ["/dev/null"]


def _walk(call: ShellCall, found: Options, name: str, names: list[str]) -> None:
    if call.place.files.stat(call.path(name)).kind != "dir":
        base = name.rpartition("/")[2]
        globs = found.all.get("include", ())
        if not globs or any(patterns.matches([(glob, False)], base) for glob in globs):
            names.append(name)
        return
    for child in call.place.files.list(call.path(name)):
        _walk(call, found, f"{name.rstrip('/')}/{child}", names)


class _Search:
    """One search; what it must remember between wakes is in the call's state."""

    def __init__(self, call: ShellCall, found: Options, expression: re.Pattern[str], names: list[str], many: bool):
        self.call = call
        self.found = found
        self.expression = expression
        self.names = names
        self.state = call.state
        self.named = (many or "H" in found) and "h" not in found
        self.after = int(found.get("A") or found.get("C") or 0)
        self.before = int(found.get("B") or found.get("C") or 0)

    def run(self) -> int | None:
        if not each_line(self.call, self.names, self.line):
            return None
        self.end_of_file()
        state = self.state
        if state.get("failed") and not ("q" in self.found and state.get("any")):
            return 2
        return int(not state.get("any"))

    def lead(self, name: str, mark: str) -> str:
        shown = "(standard input)" if name == "-" else name
        text = f"{shown}{mark}" if self.named else ""
        return text + (f"{self.state['number']}{mark}" if "n" in self.found else "")

    def line(self, name: str, line: str, ended: bool) -> bool:
        state = self.state
        if state.get("file") != name:
            if "file" in state:
                self.end_of_file()
            state.update(file=name, number=0, count=0, held=[], left=0)
        state["number"] += 1
        limit = int(self.found.get("m", "0"))
        if limit and state["count"] >= limit and not state["left"]:
            return True
        if bool(self.expression.search(line)) == ("v" in self.found):
            return self.context(name, line)
        state["count"] += 1
        state["any"] = True
        if "q" in self.found:
            return False
        if {"c", "l", "L"} & self.found.flags:
            return True
        self.matched(name, line)
        return not (limit and state["count"] >= limit and len(self.names) <= 1 and not self.after)

    def context(self, name: str, line: str) -> bool:
        state = self.state
        if state["left"]:
            state["left"] -= 1
            self.call.write(f"{self.lead(name, '-')}{line}\n")
            state["last"] = state["number"]
        elif self.before:
            state["held"] = [*state["held"], f"{self.lead(name, '-')}{line}"][-self.before :]
        return True

    def matched(self, name: str, line: str) -> None:
        state = self.state
        if "o" in self.found:
            for match in self.expression.finditer(line):
                if match.group():
                    self.call.write(f"{self.lead(name, ':')}{match.group()}\n")
            return
        first = state["number"] - len(state["held"])
        if (self.before or self.after) and "last" in state and first > state["last"] + 1:
            self.call.write("--\n")
        self.call.write("".join(f"{text}\n" for text in state["held"]))
        self.call.write(f"{self.lead(name, ':')}{self.shown(line)}\n")
        state.update(held=[], left=self.after, last=state["number"])

    def shown(self, line: str) -> str:
        if not self.call.tty or not ("color" in self.found or "colour" in self.found) or "v" in self.found:
            return line
        return self.expression.sub(lambda match: f"\x1b[01;31m\x1b[K{match.group()}\x1b[m\x1b[K", line)

    def end_of_file(self) -> None:
        state = self.state
        name = state.pop("file", None)
        if name is None:
            if "c" in self.found and not state.get("counted"):
                self.call.write("0\n")
            return
        shown = "(standard input)" if name == "-" else name
        if "l" in self.found and state["count"] or "L" in self.found and not state["count"]:
            self.call.write(f"{shown}\n")
        elif "c" in self.found and "q" not in self.found:
            self.call.write((f"{shown}:" if self.named else "") + f"{state['count']}\n")
        state["counted"] = True
