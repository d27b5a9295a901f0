"""What all programs here are made of: a function over a call, its options, its input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from cluster.shell.calls import ShellCall
from cluster.shell.kernel import SIGNALS
from cluster.workloads.files import FileError
from cluster.workloads.process import Call, WebReply, WebRequest

_LARGEST_READ = 16 << 20
Function: TypeAlias = Callable[[ShellCall], "int | None"]


class Plain:
    """A program that is one function, dies of every signal, and listens nowhere."""

    def __init__(self, function: Function):
        self.function = function

    def run(self, call: Call) -> int | None:
        try:
            return self.function(call)  # type: ignore[arg-type]
        except UsageFault as fault:
            call.error(fault.text)
            return fault.status

    def signalled(self, call: Call, signal: str) -> int | None:
        return 128 + SIGNALS[signal]

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")


class UsageFault(Exception):
    """A wrong command line: the text for standard error and the exit code."""

    def __init__(self, text: str, status: int = 1):
        self.text = text
        self.status = status
        super().__init__(text)


class Options:
    """The options of one command line. `flags` are counted letters or long names, `values` their arguments."""

    def __init__(self) -> None:
        self.flags: set[str] = set()
        self.values: dict[str, str] = {}
        self.all: dict[str, list[str]] = {}
        self.operands: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self.flags or name in self.values

    def get(self, name: str, usual: str = "") -> str:
        return self.values.get(name, usual)

    def _add(self, name: str, value: str) -> None:
        self.values[name] = value
        self.all.setdefault(name, []).append(value)


def options(
    call: ShellCall, flags: str = "", valued: str = "", long: str = "", status: int = 1, *, stop_early: bool = False
) -> Options:
    """Parse `call.argv` as getopt_long does.

    `long` lists long options, each `name`, `name=` (with a value), or with `:x` for the short letter it means.
    """
    table = _long_table(long)
    found = Options()
    words = list(call.argv[1:])
    while words:
        word = words.pop(0)
        if word == "--":
            found.operands += words
            break
        if word.startswith("--"):
            _long(call, found, table, word, words, status)
        elif word.startswith("-") and len(word) > 1:
            _short(call, found, flags, valued, word, words, status)
        else:
            found.operands.append(word)
            if stop_early:
                found.operands += words
                break
    return found


@cache
def _long_table(text: str) -> Mapping[str, tuple[str, bool]]:
    found = {}
    for item in text.split():
        name, _, letter = item.partition(":")
        takes = name.endswith("=")
        name = name.rstrip("=")
        found[name] = (letter or name, takes)
    return found


def _long(
    call: ShellCall, found: Options, table: Mapping[str, tuple[str, bool]], word: str, words: list[str], status: int
) -> None:
    name, given, value = word[2:].partition("=")
    if name == "help":
        raise UsageFault(f"Usage: {call.name} [OPTION]... \n", 0)
    matches = [key for key in table if key == name] or [key for key in table if key.startswith(name)]
    if not matches:
        raise bad_option(call, f"unrecognized option '{word}'", word.lstrip("-"), status)
    letter, takes = table[matches[0]]
    if takes and not given:
        if not words:
            raise bad_option(call, f"option '--{matches[0]}' requires an argument", name, status)
        value = words.pop(0)
    if takes or given:
        found._add(letter, value)
    else:
        found.flags.add(letter)


def _short(call: ShellCall, found: Options, flags: str, valued: str, word: str, words: list[str], status: int) -> None:
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter in valued:
            if not letters and not words:
                named = f": {letter}" if call.applet() else f" -- '{letter}'"
                text = f"option requires an argument{named}"
                raise UsageFault(f"{call.name}: {text}\n" + _hint(call), status)
            found._add(letter, letters or words.pop(0))
            return
        if letter not in flags:
            raise bad_option(call, f"invalid option -- '{letter}'", letter, status)
        found.flags.add(letter)


def bad_option(call: ShellCall, text: str, letter: str, status: int) -> UsageFault:
    if call.applet():
        return UsageFault(f"{call.name}: unrecognized option: {letter}\n" + _hint(call), status)
    return UsageFault(f"{call.name}: {text}\n" + _hint(call), status)


def _hint(call: ShellCall) -> str:
    if call.applet():
        return f"BusyBox v1.37.0 multi-call binary.\n\nUsage: {call.name} [OPTIONS]\n"
    return f"Try '{call.name} --help' for more information.\n"


def missing_operand(call: ShellCall) -> UsageFault:
    if call.applet():
        return UsageFault(_hint(call))
    return UsageFault(f"{call.name}: missing operand\n{_hint(call)}")


def cannot_open(call: ShellCall, name: str, fault: FileError) -> None:
    """Say that a file named on the command line cannot be read."""
    call.complain(f"can't open '{name}': {fault}" if call.applet() else f"{name}: {fault}")


def read_file(call: ShellCall, name: str) -> bytes:
    """Return a file's content; devices that have none of their own are made up."""
    path = call.path(name)
    if path == "/dev/null":
        return b""
    if path in ("/dev/urandom", "/dev/random", "/dev/zero"):
        return device_bytes(call, path, 65536)
    return call.place.files.read(path)


def device_bytes(call: ShellCall, path: str, count: int) -> bytes:
    """Return bytes of /dev/zero, or of /dev/urandom: derived from place and moment, so that runs repeat."""
    count = min(count, _LARGEST_READ)
    if path == "/dev/zero":
        return bytes(count)
    import hashlib

    seed = f"{call.place.hostname}:{call.place.now()}:{call.argv}".encode()
    found = b""
    block = 0
    while len(found) < count:
        found += hashlib.blake2b(seed + str(block).encode()).digest()
        block += 1
    return found[:count]


def everything(call: ShellCall, names: Sequence[str]) -> list[tuple[str, bytes]] | None:
    """Return (name, content) of all inputs once standard input has ended; None while it has not.

    Unreadable files are complained about and leave `failed` in the state.
    """
    state = call.state
    if any(name == "-" for name in names) or not names:
        data = call.read()
        state["stdin"] = state.get("stdin", "") + (data or b"").decode("latin-1")
        while data:
            data = call.read()
            state["stdin"] += (data or b"").decode("latin-1")
        if data is None:
            return None
    found = []
    for name in names or ["-"]:
        if name == "-":
            found.append(("-", str(state.get("stdin", "")).encode("latin-1")))
            continue
        try:
            found.append((name, read_file(call, name)))
        except FileError as fault:
            cannot_open(call, name, fault)
            state["failed"] = True
    return found


def each_line(call: ShellCall, names: Sequence[str], handle: Callable[[str, str, bool], bool]) -> bool:
    """Give every line of the inputs to `handle(file, line, ended by a newline)` as it arrives.

    `handle` returns False when it wants no more. Returns False while standard input may bring more.
    """
    state = call.state
    inputs = list(names) or ["-"]
    while state.get("input", 0) < len(inputs):
        name = inputs[state.get("input", 0)]
        if name == "-":
            if not _stdin_lines(call, handle):
                return False
        elif not _file_lines(call, name, handle):
            state["input"] = len(inputs)
            return True
        if state.get("enough"):
            return True
        state["input"] = state.get("input", 0) + 1
    return True


def _file_lines(call: ShellCall, name: str, handle: Callable[[str, str, bool], bool]) -> bool:
    try:
        data = read_file(call, name)
    except FileError as fault:
        cannot_open(call, name, fault)
        call.state["failed"] = True
        return True
    text = data.decode("utf-8", "surrogateescape")
    for line in text.splitlines(keepends=True) if "\r" not in text else _split(text):
        if not handle(name, line.removesuffix("\n"), line.endswith("\n")):
            call.state["enough"] = True
            return False
    return True


def _split(text: str) -> list[str]:
    found = [line + "\n" for line in text.split("\n")]
    found[-1] = found[-1][:-1]
    return found if found[-1] else found[:-1]


def _stdin_lines(call: ShellCall, handle: Callable[[str, str, bool], bool]) -> bool:
    state = call.state
    while True:
        data = call.read()
        if data is None:
            return False
        held = str(state.get("buffer", "")) + data.decode("latin-1")
        lines = _split(held)
        state["buffer"] = lines.pop() if lines and not lines[-1].endswith("\n") and data else ""
        for i, line in enumerate(lines):
            text = line.encode("latin-1").decode("utf-8", "surrogateescape")
            if not handle("-", text.removesuffix("\n"), text.endswith("\n")):
                call.unread("".join(lines[i + 1 :]).encode("latin-1") + str(state["buffer"]).encode("latin-1"))
                state["enough"] = True
                return True
        if not data:
            return True
