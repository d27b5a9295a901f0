"""Which programs there are, and which userlands have them.

An image names its userland: "busybox" and "alpine" (busybox applets, ash), "debian" (a slim Debian:
dash, bash, coreutils, no tools for processes or network), "full" (a well-equipped machine: nodes and
the learner's terminal), "none" (distroless: no shell, no programs). `packages` of a place add
single programs, as an image's Dockerfile would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.shell.programs import files, output
from cluster.shell.programs.program import Plain
from cluster.workloads.process import Program

USERLANDS = ("none", "busybox", "alpine", "debian", "full")
_EVERYWHERE = frozenset(("busybox", "alpine", "debian", "full"))
_NOT_SLIM = frozenset(("busybox", "alpine", "full"))
_GNU = frozenset(("debian", "full"))
_FULL = frozenset(("full",))

# Which dialect a shell's name means in each userland.
SHELLS: Mapping[str, Mapping[str, str]] = {
    "busybox": {"sh": "ash", "ash": "ash"},
    "alpine": {"sh": "ash", "ash": "ash"},
    "debian": {"sh": "dash", "dash": "dash", "bash": "bash"},
    "full": {"sh": "dash", "dash": "dash", "bash": "bash"},
}


@dataclass(frozen=True)
class Entry:
    program: Program
    userlands: frozenset[str] = _EVERYWHERE
    places: frozenset[str] = frozenset(("container", "node", "terminal"))


PROGRAMS: Mapping[str, Entry] = {
    "echo": Entry(Plain(output.echo)),
    "printf": Entry(Plain(output.printf)),
    "true": Entry(Plain(output.true)),
    "false": Entry(Plain(output.false)),
    "yes": Entry(Plain(output.yes)),
    "sleep": Entry(Plain(output.sleep)),
    "seq": Entry(Plain(output.seq)),
    "basename": Entry(Plain(output.basename)),
    "dirname": Entry(Plain(output.dirname)),
    "expr": Entry(Plain(output.expr)),
    "test": Entry(Plain(output.test)),
    "[": Entry(Plain(output.test)),
    "kill": Entry(Plain(output.kill), _NOT_SLIM),
    "pwd": Entry(Plain(output.pwd)),
    "cat": Entry(Plain(files.cat)),
    "ls": Entry(Plain(files.ls)),
    "mkdir": Entry(Plain(files.mkdir)),
    "rmdir": Entry(Plain(files.rmdir)),
    "rm": Entry(Plain(files.rm)),
    "cp": Entry(Plain(files.cp)),
    "mv": Entry(Plain(files.mv)),
    "touch": Entry(Plain(files.touch)),
    "ln": Entry(Plain(files.ln)),
    "chmod": Entry(Plain(files.chmod)),
    "chown": Entry(Plain(files.chown)),
    "chgrp": Entry(Plain(files.chown)),
    "stat": Entry(Plain(files.stat)),
    "file": Entry(Plain(files.file), _FULL),
    "readlink": Entry(Plain(files.readlink)),
    "realpath": Entry(Plain(files.readlink)),
    "du": Entry(Plain(files.du)),
    "df": Entry(Plain(files.df)),
    "mount": Entry(Plain(files.mount)),
    "find": Entry(Plain(files.find)),
}


def has_program(name: str, kind: str, userland: str, packages: tuple[str, ...]) -> bool:
    """Return whether a place of this kind and userland has the program."""
    entry = PROGRAMS.get(name)
    if entry is None or kind not in entry.places:
        return False
    return userland in entry.userlands or name in packages
