"""Builtins that steer the script: loops, functions, exit, eval, exec, traps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cluster.shell.kernel import SIGNALS, signal_name
from cluster.shell.syntax import ShellSyntaxError
from cluster.workloads.files import FileError

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell

_LOOPS = ("While", "For", "CountedFor")


def colon(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    return 0


def _number(shell: Shell, argv: Sequence[str], usual: int) -> int | None:
    """Return the numeric argument; None after having complained."""
    if len(argv) < 2:
        return usual
    try:
        return int(argv[1])
    except ValueError:
        shell.complain(shell.dialect.say("number", argv[1]), argv[0])
        return None


def leave_loop(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    """`break` and `continue`: unwind to the loop meant."""
    count = _number(shell, argv, 1)
    if count is None:
        return shell.dialect.usage_status
    depth = 0
    for index in range(len(shell.frames) - 1, -1, -1):
        if shell.frames[index]["k"] == "Call":
            break
        if shell.frames[index]["k"] in _LOOPS:
            depth += 1
            if depth == count or not _outer_loop(shell, index):
                _unwind(shell, index)
                shell.status = 0
                if argv[0] == "break":
                    shell.done()
                elif shell.frames[-1].get("tested"):
                    shell.frames[-1]["tested"] = False
                return None
    if shell.dialect.name == "bash":
        shell.complain("only meaningful in a `for', `while', or `until' loop", argv[0])
    return 0


def _outer_loop(shell: Shell, index: int) -> bool:
    for frame in reversed(shell.frames[:index]):
        if frame["k"] == "Call":
            return False
        if frame["k"] in _LOOPS:
            return True
    return False


def _unwind(shell: Shell, index: int) -> None:
    """Pop everything above the frame at `index`."""
    while len(shell.frames) > index + 1:
        shell.pop()


def return_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    status = _number(shell, argv, shell.status)
    if status is None:
        return 2
    for index in range(len(shell.frames) - 1, -1, -1):
        if shell.frames[index]["k"] in ("Call", "Sourced"):
            _unwind(shell, index)
            shell.done(status)
            shell.failed()
            return None
    if shell.dialect.name == "bash":
        shell.complain("can only `return' from a function or sourced script", "return")
        return 2
    shell.leave(status)
    return None


def exit_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    trap = next((one for one in reversed(shell.frames) if one["k"] == "Trap"), None)
    status = _number(shell, argv, trap["status"] if trap else shell.status)
    if shell.interactive:
        shell.write(2, "exit\n" if shell.dialect.name == "bash" else "")
    shell.leave(2 if status is None else status)
    return None


def eval_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    return _run_text(shell, frame, " ".join(argv[1:]), "eval")


def _run_text(shell: Shell, frame: Frame, text: str, builtin: str, params: Sequence[str] | None = None) -> int | None:
    """Run a text in this shell; the builtin's own frame becomes the frame that waits for it."""
    if frame.get("ran"):
        return shell.status
    frame["ran"] = True
    if builtin != "eval":
        frame["k"] = "Sourced"
    if params:
        frame["params"] = shell.params
        shell.data["params"] = list(params)
    try:
        shell.push_source(text)
    except ShellSyntaxError as fault:
        shell.syntax_error(fault, text, builtin)
        return 2
    return None


def source(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    if len(argv) < 2:
        shell.complain("filename argument required", argv[0])
        return 2
    path = argv[1]
    if "/" not in path and not shell.files.exists(shell.path(path)):
        folders = (shell.variables.get("PATH") or "").split(":")
        path = next((f"{one}/{path}" for one in folders if shell.files.exists(f"{one}/{path}")), path)
    try:
        text = shell.files.read(shell.path(path)).decode("utf-8", "replace")
    except FileError as fault:
        if shell.dialect.name == "bash":
            shell.complain(f"{argv[1]}: {fault}", "" if fault.code == "ENOENT" else argv[0])
            return 1
        shell.complain(shell.dialect.open_failed(argv[1], fault.code, str(fault), writing=False), ".")
        if not shell.interactive:
            shell.leave(2)
            return None
        return 2
    return _run_text(shell, frame, text, argv[1], argv[2:])


def exec_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    if len(argv) < 2:
        return 0
    found = shell.machine.find(shell.kernel, argv[1], shell.cwd, shell.variables.get("PATH"))
    if found.trouble:
        message = shell.dialect.say("not-found" if found.status == 127 else found.trouble, argv[1])
        if shell.dialect.name == "bash":
            message = f"exec: {argv[1]}: " + (
                "not found" if found.trouble == "not-found" else message.split(": ", 1)[1]
            )
        shell.complain(message, "" if shell.dialect.name == "bash" else "exec")
        if not shell.interactive:
            shell.leave(found.status)
            return None
        return found.status
    env = shell.variables.exported()
    shell.frames.clear()
    shell.machine.become(shell.kernel, shell.task, argv[1:], found, env)
    return None


def command(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    """`command name`: skip functions; `command -v`: say what a name is."""
    words = list(argv[1:])
    show = ""
    while words and words[0] in ("-v", "-V", "-p", "--"):
        show = words[0] if words[0] in ("-v", "-V") else show
        words.pop(0)
    if not words:
        return 0
    if show:
        from cluster.shell.builtins.interactive import describe

        return describe(shell, words, brief=show == "-v")
    frame["argv"], frame["plain"] = words, True
    del frame["builtin"]
    return None


def trap(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    words = [word for word in argv[1:] if word != "--"]
    traps = shell.data["traps"]
    if not words or words[0] == "-p":
        for name, text in traps.items():
            shown = name if name in ("EXIT", "ERR") or shell.dialect.name != "bash" else f"SIG{name}"
            shell.write(1, f"trap -- '{text}' {shown}\n")
        return 0
    if words[0] == "-l":
        shell.write(1, " ".join(SIGNALS) + "\n")
        return 0
    action = words.pop(0) if len(words) > 1 else "-"
    status = 0
    for word in words:
        name = "ERR" if word.upper() == "ERR" else "EXIT" if word == "0" else signal_name(word)
        if not name:
            shell.complain(
                f"{word}: invalid signal specification" if shell.dialect.name == "bash" else f"{word}: bad trap", "trap"
            )
            status = 1
        elif action == "-":
            traps.pop(name, None)
        else:
            traps[name] = action
    return status
