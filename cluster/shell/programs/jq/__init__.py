"""jq: reading the filter (`grammar`), running it (`filters`), writing values as jq does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from cluster.shell.calls import ShellCall
from cluster.shell.programs.jq.filters import Filters, JqFault, dumps
from cluster.shell.programs.jq.grammar import JqSyntax, parse
from cluster.shell.programs.program import UsageFault, everything, options

_LONG = (
    "raw-output:r compact-output:c slurp:s null-input:n exit-status:e arg= argjson= sort-keys:S raw-input:R tab "
    "join-output:j color-output:C monochrome-output:M indent="
)


def jq(call: ShellCall) -> int | None:
    words, given = _arguments(list(call.argv))
    call.argv = words
    found = options(call, "rcsneSRjCMa", "", _LONG, 2)
    operands = list(found.operands)
    text = operands.pop(0) if operands else "."
    try:
        program = parse(text)
    except JqSyntax as fault:
        raise UsageFault(f"jq: error: {fault}\njq: 1 compile error\n", 3) from None
    inputs = [] if "n" in found else everything(call, operands)
    if inputs is None:
        return None
    filters = Filters(given, dict(call.environ), call.place.now())
    status, last = (2 if call.state.get("failed") else 0), None
    try:
        for value in _values(found, inputs):
            for result in filters.run(program, value):
                last = result
                _show(call, found, result)
    except JqFault as fault:
        call.error(f"jq: error (at <stdin>:0): {fault}\n")
        return 5
    except json.JSONDecodeError as fault:
        call.error(f"jq: parse error: Invalid literal at line {fault.lineno}, column {fault.colno}\n")
        return 2
    return int(last in (None, False)) if "e" in found and not status else status


def _arguments(words: list[str]) -> tuple[list[str], dict[str, Any]]:
    """Take `--arg name value` and `--argjson name json` out of the command line."""
    given: dict[str, Any] = {}
    rest = []
    while words:
        word = words.pop(0)
        if word in ("--arg", "--argjson") and len(words) > 1:
            name, value = words.pop(0), words.pop(0)
            try:
                given[name] = json.loads(value) if word == "--argjson" else value
            except ValueError:
                raise UsageFault("jq: invalid JSON text passed to --argjson\n", 2) from None
        else:
            rest.append(word)
    return rest, given


def _values(found: Any, inputs: list[tuple[str, bytes]]) -> Iterator[Any]:
    if "n" in found:
        yield None
        return
    text = "".join(data.decode("utf-8", "replace") for _, data in inputs)
    if "R" in found:
        lines = text.split("\n")
        yield from ([text] if "s" in found else lines[:-1] if lines[-1] == "" else lines)
        return
    if "s" in found:
        yield list(_documents(text))
        return
    yield from _documents(text)


def _documents(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    blank = re.compile(r"\s*")
    i = 0
    while True:
        match = blank.match(text, i)
        i = match.end() if match else i
        if i >= len(text):
            return
        value, i = decoder.raw_decode(text, i)
        yield value


def _show(call: ShellCall, found: Any, value: Any) -> None:
    if ("r" in found or "j" in found) and isinstance(value, str):
        text = value
    else:
        indent = None if "c" in found else "\t" if "tab" in found else int(found.get("indent", "2")) or None
        text = dumps(value, indent, sort="S" in found)
    call.write(text + ("" if "j" in found else "\n"))
