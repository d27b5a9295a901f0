"""What a running program sees: the `Call` contract over one task, and running other programs."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from cluster.shell.kernel import Kernel, Task
from cluster.workloads.process import Call, Place

if TYPE_CHECKING:
    from cluster.shell.processes import Machine


class ShellCall(Call, Protocol):
    """What the shell's own programs may ask beyond the contract."""

    name: str
    prefix: str
    rows: int
    keyboard: bool  # is standard input the terminal? `tty` says it of standard output
    dialect: str  # of the shell it runs inside of, or the userland's manner of speech

    def path(self, name: str) -> str:
        """Return `name` as an absolute path."""
        ...

    def complain(self, text: str) -> None:
        """Write `name: text` to standard error."""
        ...

    def unread(self, data: bytes) -> None: ...

    def run_child(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        capture: bool = False,
        environ: dict[str, str] | None = None,
    ) -> int:
        """Start another program with this one's streams; returns its process id."""
        ...

    def child_exit(self, pid: int) -> int | None:
        """Return a child's exit code, or None after having asked to be woken at its end."""
        ...

    def child_output(self, pid: int) -> bytes:
        """Return what a captured child has written."""
        ...

    def stop_child(self, pid: int, signal: str) -> None: ...

    def again(self) -> None:
        """Ask to be called again at once; return BLOCKED. Lets others run in between."""
        ...

    def tasks(self) -> Sequence[Task]:
        """Return the live tasks of this process."""
        ...

    def kill(self, pid: int, signal: str) -> bool: ...

    def where(self, name: str) -> str:
        """Return the path a command's name leads to, '' when there is none."""
        ...

    def applet(self) -> bool:
        """Return whether this is busybox's version of the program."""
        ...


class TaskCall:
    """Implements `Call` and `ShellCall`."""

    def __init__(
        self,
        machine: Machine,
        kernel: Kernel,
        task: Task,
        argv: Sequence[str] | None = None,
        state: Any = None,
        prefix: str = "",
        dialect: str = "",
    ):
        process = kernel.process
        self._machine = machine
        self._kernel = kernel
        self._task = task
        self.place: Place = kernel.place
        self.argv: Sequence[str] = task["argv"] if argv is None else argv
        self.environ: dict[str, str] = task["env"]
        self.cwd: str = task["cwd"]
        self.user: str = process["user"]
        self.tty: bool = process["tty"] and task["fds"].get("1") == "tty"
        self.keyboard: bool = process["tty"] and task["fds"].get("0") == "tty"
        self.columns: int = process["columns"]
        self.rows: int = process["rows"]
        self.state: dict[str, Any] = task["state"] if state is None else state
        self.prefix = prefix
        self.dialect = dialect or ("ash" if self.applet() else "bash")
        self.name = posixpath.basename(self.argv[0]) if self.argv else ""
        self.block: dict[str, Any] = {}
        self.runs_again = False

    def write(self, text: str | bytes) -> None:
        self._put("1", text)

    def error(self, text: str | bytes) -> None:
        self._put("2", text)

    def _put(self, fd: str, text: str | bytes) -> None:
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        target = self._task["fds"].get(fd)
        if data and target is not None and not self._kernel.write(target, data):
            raise BrokenPipeError

    def complain(self, text: str) -> None:
        self.error(f"{self.prefix}{self.name}: {text}\n")

    def read(self) -> bytes | None:
        name = self._task["fds"].get("0", "null")
        found = self._kernel.read(name)
        if found is None:
            self.block["read"] = name
        return found

    def unread(self, data: bytes) -> None:
        self._kernel.unread(self._task["fds"].get("0", "null"), data)

    def sleep_until(self, moment: float) -> None:
        self.block["until"] = min(moment, self.block.get("until", moment))

    def wait_input(self) -> None:
        self.block["read"] = self._task["fds"].get("0", "null")

    def wait_revision(self) -> None:
        self.block["revision"] = True

    def again(self) -> None:
        self.runs_again = True

    def raw_mode(self, on: bool) -> None:
        self._kernel.process["raw"] = on
        self._kernel.process["raw_task"] = self._task["pid"] if on else 0

    def path(self, name: str) -> str:
        return name if name.startswith("/") else posixpath.join(self.cwd, name)

    def run_child(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        capture: bool = False,
        environ: dict[str, str] | None = None,
    ) -> int:
        fds = dict(self._task["fds"])
        if stdin is not None:
            fds["0"] = self._kernel.pipe(stdin) + ":r"
        env = dict(self.environ if environ is None else environ)
        child = self._kernel.spawn(self._task, argv, env=env, fds=fds)
        if capture:
            child["fds"]["1"] = self._kernel.capture()
            self.state.setdefault("captures", {})[str(child["pid"])] = child["fds"]["1"]
        found = self._machine.find(self._kernel, argv[0], self.cwd, env.get("PATH"))
        if found.trouble:
            words = "No such file or directory" if found.status == 127 else "Permission denied"
            lead = (
                f"{self.name}: can't execute '{argv[0]}'"
                if self.applet()
                else f"{self.name}: {_named(self.name, argv[0])}"
            )
            self.error(f"{lead}: {words}\n")
            self._kernel.finish(child, found.status)
        else:
            self._machine.become(self._kernel, child, argv, found, env)
        self.block.setdefault("child", []).append(child["pid"])
        return int(child["pid"])

    def child_exit(self, pid: int) -> int | None:
        code = self._kernel.reap(pid)
        if code is None:
            self.block.setdefault("child", []).append(pid)
        return code

    def child_output(self, pid: int) -> bytes:
        name = self.state["captures"].pop(str(pid))
        return self._kernel.captured(name)

    def stop_child(self, pid: int, signal: str) -> None:
        child = self._kernel.task(pid)
        if child is not None:
            self._machine.signal_tree(self._kernel, child, signal)

    def tasks(self) -> Sequence[Task]:
        return self._kernel.live()

    def kill(self, pid: int, signal: str) -> bool:
        return self._machine.kill(self._kernel, pid, signal)

    def where(self, name: str) -> str:
        found = self._machine.find(self._kernel, name, self.cwd, self.environ.get("PATH"))
        if found.trouble or "/" in name:
            return "" if found.trouble else name
        folders = self.environ.get("PATH", "").split(":")
        real = (f"{folder}/{name}" for folder in folders if self.place.files.exists(f"{folder}/{name}"))
        local = self.place.kind == "terminal" and self.place.program(name) is not None
        return found.path or next(
            real, f"{'/usr/local/bin' if local else '/bin' if self.applet() else '/usr/bin'}/{name}"
        )

    def applet(self) -> bool:
        return self._machine.userland(self.place) in ("busybox", "alpine")


def _named(name: str, program: str) -> str:
    return (
        f"'{program}'"
        if name in ("env", "nohup")
        else f"failed to run command '{program}'"
        if name == "timeout"
        else program
    )
