"""Redirections (XCU 2.7): from targets to the descriptors a command runs with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cluster.shell.expand import Expander
from cluster.shell.syntax import Lit, Redirect, Var
from cluster.workloads.files import FileError

if TYPE_CHECKING:
    from cluster.shell.shell import Shell

_DEVICES = {"/dev/stdin": "0", "/dev/stdout": "1", "/dev/stderr": "2"}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")


class RedirectFailed(Exception):
    """The message is ready to be printed after the shell's prefix."""


def expanded(expander: Expander, redirects: Sequence[Redirect]) -> list[tuple[str, int | None, str]]:
    """Return (operator, descriptor, target or text) of each."""
    found = []
    for one in redirects:
        if one.op in ("<<", "<<-"):
            found.append((one.op, one.fd, expander.text(one.text) if one.text is not None else ""))
        elif one.op == "<<<":
            found.append((one.op, one.fd, expander.text(one.target) + "\n"))
        else:
            found.append((one.op, one.fd, _target(expander, one)))
    return found


def _target(expander: Expander, one: Redirect) -> str:
    fields = expander.fields(one.target)
    if len(fields) == 1:
        return fields[0]
    return "\0" + (expander.text(one.target) if not fields else _written(one))


def _written(one: Redirect) -> str:
    return "".join(
        part.text if isinstance(part, Lit) else f"${part.name}" if isinstance(part, Var) else ""
        for part in one.target.parts
    )


def opened(shell: Shell, redirects: Sequence[tuple[str, int | None, str]]) -> dict[str, str]:
    """Return the descriptors after these redirections; raises RedirectFailed."""
    fds = dict(shell.task["fds"])
    for op, fd, target in redirects:
        if target.startswith("\0"):
            raise RedirectFailed(shell.dialect.say("ambiguous", target[1:]))
        if op in ("<<", "<<-", "<<<"):
            fds[str(fd or 0)] = shell.kernel.pipe(target.encode()) + ":r"
        elif op in (">&", "<&") and (target.isdigit() or target == "-"):
            _duplicate(shell, fds, str(fd if fd is not None else 1 if op == ">&" else 0), target)
        elif op in ("&>", "&>>", ">&"):
            fds["1"] = fds["2"] = _open(shell, fds, target, "a" if op == "&>>" else "w")
        else:
            mode = {"<": "r", ">>": "a", "<>": "a"}.get(op, "w")
            fds[str(fd if fd is not None else 0 if op in ("<", "<>") else 1)] = _open(shell, fds, target, mode)
    return fds


def _duplicate(shell: Shell, fds: dict[str, str], fd: str, target: str) -> None:
    if target == "-":
        fds.pop(fd, None)
    elif target in fds:
        fds[fd] = fds[target]
    else:
        raise RedirectFailed(shell.dialect.say("bad-fd", target))


def _open(shell: Shell, fds: dict[str, str], target: str, mode: str) -> str:
    path = shell.path(target)
    device = _DESCRIPTOR.fullmatch(path)
    number = device.group(1) if device else _DEVICES.get(path)
    if number is not None:
        return fds.get(number, "null")
    if path in ("/dev/null", "/dev/zero", "/dev/tty"):
        return "tty" if path == "/dev/tty" and shell.kernel.process["tty"] else "null"
    if re.fullmatch(r"/proc/1/fd/[12]", path) and shell.kernel.process["pid"] == 1:
        return "out" if path.endswith("1") else "err"
    try:
        return shell.kernel.open(path, mode)
    except FileError as fault:
        message = shell.dialect.open_failed(target, fault.code, str(fault), writing=mode != "r")
        raise RedirectFailed(message) from None
