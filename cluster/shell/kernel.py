"""The little kernel inside one process dict: tasks, pipes, open files, who may run and who waits.

What Linux keeps in task and file tables is kept here as JSON data, so that a killed worker loses
nothing: every task is either a running script (a stack of frames) or a program with its own state.
Scheduling is round-robin with a step budget; there are no priorities and no memory limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from cluster.workloads.files import FileError
from cluster.workloads.process import Place

Process: TypeAlias = dict[str, Any]
Task: TypeAlias = dict[str, Any]

PIPE_SIZE = 65536
CAPTURE_SIZE = 1 << 22
SIGNALS = {
    "HUP": 1,
    "INT": 2,
    "QUIT": 3,
    "ABRT": 6,
    "KILL": 9,
    "USR1": 10,
    "SEGV": 11,
    "USR2": 12,
    "PIPE": 13,
    "ALRM": 14,
    "TERM": 15,
    "CHLD": 17,
    "CONT": 18,
    "STOP": 19,
    "TSTP": 20,
    "WINCH": 28,
}
_HARMLESS = frozenset(("CHLD", "CONT", "WINCH", "URG"))


def signal_name(text: str) -> str:
    """Return TERM for TERM, SIGTERM, sigterm, 15; '' when there is none such."""
    if text.isdigit():
        return next((name for name, number in SIGNALS.items() if number == int(text)), "EXIT" if text == "0" else "")
    name = text.upper().removeprefix("SIG")
    return name if name in SIGNALS or name == "EXIT" else ""


class Kernel:
    """One process dict opened for work at one place."""

    def __init__(self, place: Place, process: Process):
        self.place = place
        self.process = process
        self.tasks: dict[str, Task] = process["tasks"]

    # -- tasks -----------------------------------------------------------------------------------

    def spawn(self, parent: Task | None, argv: Sequence[str], **fields: Any) -> Task:
        """Add a task that inherits from its parent what `fields` do not say."""
        base = parent or {}
        pid = self.process["next"]
        self.process["next"] = pid + 1
        task: Task = {
            "pid": pid,
            "ppid": base.get("pid", 0),
            "argv": list(argv),
            "fds": dict(base.get("fds", {})),
            "env": dict(base.get("env", {})),
            "cwd": base.get("cwd", "/"),
            "bg": base.get("bg", False),
            "started": self.place.now(),
            "kind": "new",
            "exit": None,
            "block": None,
            "state": {},
            **fields,
        }
        self.tasks[str(pid)] = task
        return task

    def task(self, pid: int) -> Task | None:
        return self.tasks.get(str(pid))

    def finish(self, task: Task, code: int) -> None:
        """End a task; its parent collects the code with `reap`."""
        task["exit"] = code & 255
        task["fds"] = {}
        task["saved"] = []
        task.pop("sh", None)
        task["state"] = {}
        if task["pid"] == self.process["root"]:
            self.process["exit"] = task["exit"]
            for other in self.tasks.values():
                other["fds"] = {}
            self.tasks.clear()
        elif self.task(task["ppid"]) is None:
            self.tasks.pop(str(task["pid"]), None)

    def reap(self, pid: int) -> int | None:
        """Return and forget a child's exit code; None while it runs, 127 when there is no such child."""
        task = self.task(pid)
        if task is None:
            return 127
        code: int | None = task["exit"]
        if code is not None:
            del self.tasks[str(pid)]
            self._orphan(pid)
        return code

    def _orphan(self, pid: int) -> None:
        for task in list(self.tasks.values()):
            if task["ppid"] == pid:
                task["ppid"] = 0
                if task["exit"] is not None:
                    del self.tasks[str(task["pid"])]

    def children(self, pid: int) -> list[Task]:
        return [task for task in self.tasks.values() if task["ppid"] == pid]

    def descendants(self, pid: int) -> Iterator[Task]:
        for child in self.children(pid):
            yield child
            yield from self.descendants(child["pid"])

    def live(self) -> list[Task]:
        return [task for task in self.tasks.values() if task["exit"] is None]

    def runnable(self, task: Task) -> bool:
        """Return whether a task has something to do now."""
        if task["exit"] is not None or task.get("stopped"):
            return False
        block = task["block"]
        if block is None or task.get("signals"):
            return not self._is_choked(task)
        now = self.place.now()
        return (
            ("until" in block and block["until"] <= now)
            or (block.get("revision") == "due")
            or ("read" in block and self.readable(block["read"]))
            or any(self._is_over(pid) for pid in block.get("child", ()))
        )

    def _is_over(self, pid: int) -> bool:
        task = self.task(pid)
        return task is None or task["exit"] is not None

    def _is_choked(self, task: Task) -> bool:
        target = task["fds"].get("1", "")
        if not target.startswith("pipe:"):
            return False
        return len(self.process["pipes"][target.split(":")[1]]) > PIPE_SIZE and self._has_end(target[:-1] + "r")

    # -- streams ---------------------------------------------------------------------------------

    def pipe(self, content: bytes = b"") -> str:
        """Make a pipe; its ends are `<name>:r` and `<name>:w`."""
        return self._new("pipes", content.decode("latin-1"), "pipe")

    def capture(self) -> str:
        """Make a buffer that collects output for a substitution."""
        return self._new("captures", "", "capture")

    def _new(self, table: str, value: Any, prefix: str) -> str:
        number = self.process["streams"]
        self.process["streams"] = number + 1
        self.process[table][str(number)] = value
        return f"{prefix}:{number}"

    def captured(self, name: str) -> bytes:
        found: str = self.process["captures"].pop(name.split(":")[1])
        return found.encode("latin-1")

    def open(self, path: str, mode: str) -> str:
        """Open a file: mode r, w (truncate) or a; raises FileError."""
        if mode == "r":
            self.place.files.read(path)
        elif mode == "w":
            self.place.files.write(path, b"")
        else:
            self.place.files.write(path, b"", append=True)
        return self._new("files", [path, 0], "file")

    def _has_end(self, end: str) -> bool:
        return any(
            end in task["fds"].values() or any(end in saved.values() for saved in task.get("saved", ()))
            for task in self.tasks.values()
            if task["exit"] is None
        )

    def readable(self, name: str) -> bool:
        """Return whether reading would give something or the end."""
        kind, _, rest = name.partition(":")
        if kind == "in":
            return bool(self.process["stdin"]) or self.process["stdin_end"]
        if kind == "tty":
            process = self.process
            waiting = bool(process["raw"] and process["stdin"]) or "done" in process["line"]
            return waiting or bool(process["tty_lines"]) or process["stdin_end"]
        if kind == "pipe":
            number = rest.split(":")[0]
            return bool(self.process["pipes"].get(number)) or not self._has_end(f"pipe:{number}:w")
        return True

    def read(self, name: str) -> bytes | None:
        """Return what stands there; b'' at the end; None when one must wait."""
        kind, _, rest = name.partition(":")
        return _READERS[kind](self, rest) if kind in _READERS else b""

    def _read_in(self, _: str) -> bytes | None:
        found: str = self.process["stdin"]
        if found:
            self.process["stdin"] = ""
            return found.encode("latin-1")
        return b"" if self.process["stdin_end"] else None

    def _read_tty(self, _: str) -> bytes | None:
        if self.process["raw"]:
            return self._read_in(_)
        if self.process["tty_lines"]:
            line: str = self.process["tty_lines"].pop(0)
            return line.encode("latin-1")
        return b"" if self.process["stdin_end"] else None

    def _read_pipe(self, rest: str) -> bytes | None:
        number = rest.split(":")[0]
        found: str = self.process["pipes"].get(number, "")
        if found:
            self.process["pipes"][number] = ""
            return found.encode("latin-1")
        return None if self._has_end(f"pipe:{number}:w") else b""

    def _read_file(self, number: str) -> bytes | None:
        path, position = self.process["files"][number]
        try:
            content = self.place.files.read(path)
        except FileError:
            return b""
        self.process["files"][number][1] = len(content)
        return content[position:]

    def unread(self, name: str, data: bytes) -> None:
        """Give back what was read too much."""
        kind, _, rest = name.partition(":")
        text = data.decode("latin-1")
        if not data:
            return
        if kind == "in" or (kind == "tty" and self.process["raw"]):
            self.process["stdin"] = text + self.process["stdin"]
        elif kind == "tty":
            self.process["tty_lines"].insert(0, text)
        elif kind == "pipe":
            number = rest.split(":")[0]
            self.process["pipes"][number] = text + self.process["pipes"].get(number, "")
        elif kind == "file":
            self.process["files"][rest][1] -= len(data)

    def write(self, name: str, data: bytes) -> bool:
        """Write; False when nobody can ever read it (a broken pipe, a closed descriptor)."""
        kind, _, rest = name.partition(":")
        if kind in ("out", "err", "tty"):
            self._output(2 if kind == "err" else 1, data, tty=kind == "tty")
        elif kind == "capture":
            if len(self.process["captures"][rest]) > CAPTURE_SIZE:
                return False
            self.process["captures"][rest] += data.decode("latin-1")
        elif kind == "pipe":
            number = rest.split(":")[0]
            if not self._has_end(f"pipe:{number}:r"):
                return False
            self.process["pipes"][number] += data.decode("latin-1")
        elif kind == "file":
            self.place.files.write(self.process["files"][rest][0], data, append=True)
        return True

    def _output(self, fd: int, data: bytes, *, tty: bool) -> None:
        if tty and not self.process["raw"]:
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        out: list[list[Any]] = self.process["out"]
        text = data.decode("latin-1")
        if out and out[-1][0] == fd:
            out[-1][1] += text
        else:
            out.append([fd, text])

    def collect_streams(self) -> None:
        """Forget pipes and files that no live task holds."""
        held = set()
        for task in self.live():
            for table in (task["fds"], *task.get("saved", ())):
                held |= {":".join(name.split(":")[:2]) for name in table.values()}
        for prefix, table in (("pipe", "pipes"), ("file", "files")):
            for number in [number for number in self.process[table] if f"{prefix}:{number}" not in held]:
                del self.process[table][number]

    # -- signals ---------------------------------------------------------------------------------

    def signal(self, task: Task, name: str, react: Callable[[Task, str], int | None]) -> None:
        """Deliver a signal. `react` asks the task itself: an exit code, or None to go on."""
        if task["exit"] is not None or name == "EXIT":
            return
        if name == "KILL":
            self.finish(task, 137)
        elif name in ("STOP", "TSTP"):
            task["stopped"] = True
        elif name == "CONT":
            task.pop("stopped", None)
        elif name not in _HARMLESS:
            code = react(task, name)
            if code is not None:
                self.finish(task, code)


_READERS: dict[str, Callable[[Kernel, str], bytes | None]] = {
    "in": Kernel._read_in,
    "tty": Kernel._read_tty,
    "pipe": Kernel._read_pipe,
    "file": Kernel._read_file,
}
