"""Programs that every shell has inside: they run in the shell's own task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cluster.shell.calls import TaskCall
from cluster.shell.programs.registry import PROGRAMS

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell


def program(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    call = TaskCall(
        shell.machine, shell.kernel, shell.task, argv, frame.setdefault("state", {}), shell.prefix(), shell.dialect.name
    )
    try:
        return PROGRAMS[argv[0]].program.run(call)
    except (ValueError, OverflowError, RecursionError):
        call.complain("invalid argument")
        return 1
