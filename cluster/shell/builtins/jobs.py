"""Background jobs: jobs, wait, fg, bg, kill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cluster.shell.kernel import SIGNALS, signal_name

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell


def _by_spec(shell: Shell, spec: str) -> dict[str, Any] | None:
    """Return the job of `%1`, `%%`, `%+`, `%-`, or of a process id."""
    held: list[dict[str, Any]] = shell.data["jobs"]
    if spec.startswith("%"):
        if spec[1:].isdigit():
            return next((job for job in held if job["number"] == int(spec[1:])), None)
        if spec in ("%", "%%", "%+"):
            return held[-1] if held else None
        if spec == "%-":
            return held[-2] if len(held) > 1 else None
        return next((job for job in held if job["text"].startswith(spec[1:])), None)
    return next((job for job in held if str(job["pid"]) == spec), None)


def state_of(shell: Shell, job: dict[str, Any]) -> str:
    task = shell.kernel.task(job["pid"])
    if task is None:
        return "Done"
    if task["exit"] is None:
        return "Stopped" if task.get("stopped") else "Running"
    if task["exit"] == 0:
        return "Done"
    return "Terminated" if task["exit"] == 143 else "Killed" if task["exit"] == 137 else f"Exit {task['exit']}"


def line_of(shell: Shell, job: dict[str, Any], state: str) -> str:
    last = shell.data["jobs"][-1] is job
    mark = "+" if last else "-" if len(shell.data["jobs"]) > 1 and shell.data["jobs"][-2] is job else " "
    tail = " &" if state == "Running" else ""
    return f"[{job['number']}]{mark}  {state:<24}{job['text']}{tail}\n"


def report(shell: Shell) -> None:
    """Tell of background jobs that have ended (before a prompt)."""
    for job in list(shell.data["jobs"]):
        state = state_of(shell, job)
        if state not in ("Running", "Stopped"):
            shell.write(2, line_of(shell, job, state))
            _remember(shell, job["pid"])
            shell.data["jobs"].remove(job)


def _remember(shell: Shell, pid: int) -> None:
    code = shell.kernel.reap(pid)
    if code is not None:
        shell.data.setdefault("ended", {})[str(pid)] = code


def jobs(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    for job in list(shell.data["jobs"]):
        state = state_of(shell, job)
        if "-p" in argv:
            shell.write(1, f"{job['pid']}\n")
        else:
            shell.write(1, line_of(shell, job, state))
        if state not in ("Running", "Stopped"):
            _remember(shell, job["pid"])
            shell.data["jobs"].remove(job)
    return 0


def wait(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    """Wait for the jobs named, or for all; a trapped signal ends the waiting with 128+n."""
    names = [word for word in argv[1:] if not word.startswith("-")]
    signals = [name for name in shell.task.get("signals", ()) if shell.data["traps"].get(name)]
    if signals:
        shell.status = 128 + SIGNALS[signals[0]]
        return shell.status
    if "-n" in argv:
        return _wait_any(shell)
    status = 0
    waiting = []
    for name in names or [str(job["pid"]) for job in shell.data["jobs"]]:
        job = _by_spec(shell, name)
        pid = job["pid"] if job else int(name) if name.isdigit() else 0
        code = _code_of(shell, pid)
        if code == -1:
            waiting.append(pid)
        elif code is None:
            if shell.dialect.name == "bash":
                shell.complain(f"pid {name} is not a child of this shell", "wait")
            status = 127
        else:
            status = code if names else 0
    if waiting:
        shell.wait_for(*waiting)
        return None
    ended = {str(job["pid"]) for job in shell.data["jobs"] if _code_of(shell, job["pid"]) != -1}
    shell.data["jobs"] = [job for job in shell.data["jobs"] if str(job["pid"]) not in ended]
    return status


def _wait_any(shell: Shell) -> int | None:
    for job in list(shell.data["jobs"]):
        code = _code_of(shell, job["pid"])
        if code is not None and code != -1:
            shell.data["jobs"].remove(job)
            return code
    if not shell.data["jobs"]:
        return 127
    shell.wait_for(*(job["pid"] for job in shell.data["jobs"]))
    return None


def _code_of(shell: Shell, pid: int) -> int | None:
    """Return a child's code, -1 while it runs, None when there is no such child."""
    ended: dict[str, int] = shell.data.setdefault("ended", {})
    if str(pid) in ended:
        return ended[str(pid)]
    task = shell.kernel.task(pid)
    if task is None or task["ppid"] != shell.task["pid"]:
        return None
    if task["exit"] is None:
        return -1
    _remember(shell, pid)
    return ended[str(pid)]


def fg(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    if "job" not in frame:
        job = _by_spec(shell, argv[1] if len(argv) > 1 else "%%")
        if job is None:
            shell.complain(f"{argv[1] if len(argv) > 1 else 'current'}: no such job", "fg")
            return 1
        frame["job"] = job["pid"]
        shell.write(1, job["text"] + "\n")
        shell.data["jobs"].remove(job)
        _wake(shell, job["pid"], background=False)
    code = shell.kernel.reap(frame["job"])
    if code is None:
        shell.wait_for(frame["job"])
    return code


def _wake(shell: Shell, pid: int, *, background: bool) -> None:
    task = shell.kernel.task(pid)
    for one in [task, *shell.kernel.descendants(pid)] if task else ():
        one.pop("stopped", None)
        one["bg"] = background


def bg(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    job = _by_spec(shell, argv[1] if len(argv) > 1 else "%%")
    if job is None:
        shell.complain(f"{argv[1] if len(argv) > 1 else 'current'}: no such job", "bg")
        return 1
    _wake(shell, job["pid"], background=True)
    shell.write(1, f"[{job['number']}]+ {job['text']} &\n")
    return 0


def disown(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    job = _by_spec(shell, argv[1] if len(argv) > 1 else "%%")
    if job is not None:
        shell.data["jobs"].remove(job)
    return 0


def kill(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    words = list(argv[1:])
    name = "TERM"
    if words and words[0] in ("-l", "-L"):
        found = [signal_name(word) for word in words[1:]] or list(SIGNALS)
        shell.write(1, "\n".join(found) + "\n")
        return 0
    if words and words[0] in ("-s", "-n") and len(words) > 1:
        name, words = signal_name(words[1]), words[2:]
    elif words and words[0].startswith("-") and words[0] != "--":
        text = words.pop(0)[1:]
        name = "0" if text == "0" else signal_name(text)
        if not name:
            shell.complain(f"{text}: invalid signal specification", "kill")
            return 1
    status = 0
    for word in words:
        job = _by_spec(shell, word) if word.startswith("%") else None
        if not job and not word.lstrip("-").isdigit():
            shell.complain(f"{word}: arguments must be process or job IDs", "kill")
            status = 1
            continue
        pid = job["pid"] if job else int(word)
        if not _send(shell, pid, name):
            bash = shell.dialect.name == "bash"
            message = f"({pid}) - No such process" if bash else "No such process"
            shell.complain(message if shell.dialect.name != "ash" else f"can't kill pid {pid}: No such process", "kill")
            status = 1
    return status


def _send(shell: Shell, pid: int, name: str) -> bool:
    task = shell.kernel.task(pid)
    if name == "0":
        return task is not None or any(one.pid == pid for one in shell.place.processes())
    found = shell.machine.kill(shell.kernel, pid, name)
    if found and task is not None and task["kind"] == "shell":
        for child in shell.kernel.children(pid):
            shell.machine.kill(shell.kernel, child["pid"], name)
    return found
