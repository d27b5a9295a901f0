"""The table of builtins. `echo`, `printf`, `test` and the like are programs that the shell runs in itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cluster.shell.builtins import control, environment, inner, interactive, jobs, reading

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell

Runner: TypeAlias = "Callable[[Shell, Sequence[str], Frame], int | None]"

_BASH = ("bash",)
_NOT_DASH = ("bash", "ash")
_ALL = ("bash", "dash", "ash")


@dataclass(frozen=True)
class Builtin:
    """`run` returns a status, or None when it waits or has changed the stack itself."""

    run: Runner
    special: bool = False  # POSIX's special builtins: their errors end a script
    dialects: tuple[str, ...] = _ALL

    def known_to(self, dialect: str) -> bool:
        return dialect in self.dialects


BUILTINS: Mapping[str, Builtin] = {
    ":": Builtin(control.colon, special=True),
    ".": Builtin(control.source, special=True),
    "source": Builtin(control.source, dialects=_NOT_DASH),
    "break": Builtin(control.leave_loop, special=True),
    "continue": Builtin(control.leave_loop, special=True),
    "return": Builtin(control.return_, special=True),
    "exit": Builtin(control.exit_, special=True),
    "logout": Builtin(control.exit_, dialects=_BASH),
    "eval": Builtin(control.eval_, special=True),
    "exec": Builtin(control.exec_, special=True),
    "command": Builtin(control.command),
    "builtin": Builtin(control.command, dialects=_BASH),
    "trap": Builtin(control.trap, special=True),
    "export": Builtin(environment.export, special=True),
    "readonly": Builtin(environment.readonly, special=True),
    "local": Builtin(environment.local),
    "declare": Builtin(environment.declare, dialects=_BASH),
    "typeset": Builtin(environment.declare, dialects=_BASH),
    "unset": Builtin(environment.unset, special=True),
    "set": Builtin(environment.set_, special=True),
    "shopt": Builtin(environment.shopt, dialects=_BASH),
    "shift": Builtin(environment.shift, special=True),
    "let": Builtin(environment.let, dialects=_NOT_DASH),
    "getopts": Builtin(environment.getopts),
    "cd": Builtin(interactive.cd),
    "alias": Builtin(interactive.alias),
    "unalias": Builtin(interactive.unalias),
    "type": Builtin(interactive.type_),
    "hash": Builtin(interactive.hash_),
    "history": Builtin(interactive.history, dialects=_NOT_DASH),
    "umask": Builtin(interactive.umask),
    "ulimit": Builtin(interactive.ulimit),
    "help": Builtin(interactive.help_, dialects=_NOT_DASH),
    "complete": Builtin(interactive.ignored, dialects=_BASH),
    "compgen": Builtin(interactive.ignored, dialects=_BASH),
    "bind": Builtin(interactive.ignored, dialects=_BASH),
    "read": Builtin(reading.read),
    "mapfile": Builtin(reading.mapfile, dialects=_BASH),
    "readarray": Builtin(reading.mapfile, dialects=_BASH),
    "jobs": Builtin(jobs.jobs),
    "wait": Builtin(jobs.wait),
    "fg": Builtin(jobs.fg),
    "bg": Builtin(jobs.bg),
    "disown": Builtin(jobs.disown, dialects=_BASH),
    "kill": Builtin(jobs.kill),
    "times": Builtin(interactive.times, special=True),
    **{name: Builtin(inner.program) for name in ("echo", "printf", "test", "[", "true", "false", "pwd")},
}
