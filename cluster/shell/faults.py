"""When one of our own programs breaks: it ends with 70 (EX_SOFTWARE) and a line, and everything else goes on.

What broke is left as data at the process (`fault`), for whoever looks after the simulation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cluster.shell.kernel import Kernel, Process, Task

SOFTWARE = 70
_TEXT = 500


def crash(kernel: Kernel, task: Task, fault: Exception) -> None:
    """End a task whose program raised what no program should."""
    process = kernel.process
    note(process, task["argv"], fault)
    name = task["argv"][0] if task["argv"] else "sh"
    if task["exit"] is None:
        kernel.write(task["fds"].get("2", "null"), f"{name}: internal error\n".encode())
        if process.get("raw_task") == task["pid"]:
            process["raw"], process["raw_task"] = False, 0
        kernel.finish(task, SOFTWARE)


def abandon(kernel: Kernel, fault: Exception) -> None:
    """End the whole process: the fault is in what holds its tasks together."""
    process = kernel.process
    note(process, process["argv"], fault)
    root = kernel.task(process["root"])
    name = process["argv"][0] if process["argv"] else "sh"
    process["out"].append([2, f"{name}: internal error\n"])
    process["stdin"], process["wake"], process["waits"] = "", None, ""
    if root is not None:
        kernel.finish(root, SOFTWARE)
    process["exit"] = SOFTWARE


def note(process: Process, argv: list[str], fault: Exception) -> None:
    trace, place = fault.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
        trace = trace.tb_next
    process["fault"] = {"argv": argv, "error": f"{type(fault).__name__}: {fault}"[:_TEXT], "at": place}
