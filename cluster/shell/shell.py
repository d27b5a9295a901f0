"""A running shell: the state of one script as data, and the loop that advances it.

The whole state is `task["sh"]`: variables, functions, options, and a stack of frames. A frame names
a node of a parsed source and how far it has come. Each turn of the loop asks the handler of the
uppermost frame for one step; so the script can stop and go on at every step, in any worker.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from cluster.shell.dialects import DIALECTS, Dialect, syntax_message
from cluster.shell.expand import Expander, ExpansionFault, NeedSubstitution
from cluster.shell.kernel import SIGNALS, Kernel, Task
from cluster.shell.syntax import List, Node, ShellSyntaxError
from cluster.shell.variables import OutOfMemory, ReadonlyVariable, Variables
from cluster.workloads.files import FileError, Files

if TYPE_CHECKING:
    from cluster.shell.processes import Machine

Frame: TypeAlias = dict[str, Any]
T = TypeVar("T")


class Abandon(Exception):
    """The current command line is given up: a script ends, an interactive shell prompts again."""

    def __init__(self, status: int):
        self.status = status
        super().__init__(str(status))


def new_state(dialect: str, name: str, params: Sequence[str] = (), options: str = "") -> dict[str, Any]:
    """Return the data of a fresh shell."""
    return {
        "dialect": dialect,
        "name": name,
        "params": list(params),
        "opts": options,
        "vars": {},
        "attrs": {},
        "funcs": {},
        "aliases": {},
        "traps": {},
        "status": 0,
        "last_bg": 0,
        "jobs": [],
        "sources": {},
        "frames": [],
        "flag": "",
        "line": 1,
    }


class Shell:
    """One shell task opened for work."""

    def __init__(self, machine: Machine, kernel: Kernel, task: Task):
        self.machine = machine
        self.kernel = kernel
        self.task = task
        self.data: dict[str, Any] = task["sh"]
        self.frames: list[Frame] = self.data["frames"]
        self.variables = Variables(self.data)
        self.place = kernel.place
        self.dialect: Dialect = DIALECTS[self.data["dialect"]]

    # -- what expansion asks -----------------------------------------------------------------------

    @property
    def files(self) -> Files:
        """Return the place's files, which are laid out when first asked for."""
        return self.place.files

    @property
    def cwd(self) -> str:
        return str(self.task["cwd"])

    @property
    def options(self) -> str:
        return str(self.data["opts"])

    @property
    def params(self) -> list[str]:
        return list(self.data["params"])

    @property
    def status(self) -> int:
        return int(self.data["status"])

    @status.setter
    def status(self, value: int) -> None:
        self.data["status"] = value & 255

    @property
    def interactive(self) -> bool:
        return "i" in self.data["opts"]

    def special(self, name: str) -> str:
        """Return `$?`, `$$`, `$!`, `$#`, `$-`, `$0` and the variables that compute themselves."""
        return _SPECIAL[name](self) if name in _SPECIAL else ""

    def terminal_size(self, name: str) -> str | None:
        """Return `$COLUMNS` or `$LINES`, which bash keeps up to date where somebody types into it."""
        process = self.kernel.process
        if not (process["tty"] and self.interactive and self.dialect.name == "bash"):
            return None
        return str(process["columns" if name == "COLUMNS" else "rows"])

    def home(self, user: str) -> str | None:
        if not user:
            return self.variables.get("HOME") or "/root"
        try:
            rows = self.files.read("/etc/passwd").decode().splitlines()
        except FileError:
            return "/root" if user == "root" else None
        return next((row.split(":")[5] for row in rows if row.startswith(f"{user}:") and row.count(":") > 5), None)

    def path(self, name: str) -> str:
        """Return `name` as an absolute path."""
        return name if name.startswith("/") else f"{self.cwd.rstrip('/')}/{name}"

    # -- saying things -----------------------------------------------------------------------------

    def write(self, fd: int, text: str | bytes) -> None:
        target = self.task["fds"].get(str(fd))
        data = text.encode() if isinstance(text, str) else text
        if data and target is not None and not self.kernel.write(target, data):
            raise BrokenPipeError

    def prefix(self, builtin: str = "") -> str:
        line = int(self.data["line"])
        name = str(self.data["name"])
        command = bool(self.data["flag"])
        return self.dialect.prefix(name, line, interactive=self.interactive, command=command, builtin=builtin)

    def complain(self, message: str, builtin: str = "") -> None:
        self.write(2, f"{self.prefix(builtin)}{message}\n")

    # -- frames ------------------------------------------------------------------------------------

    def add_source(self, text: str) -> str:
        """Keep a text that frames and functions refer to; returns its number."""
        for key, value in self.data["sources"].items():
            if value == text:
                return str(key)
        number = str(max((int(key) for key in self.data["sources"]), default=-1) + 1)
        self.data["sources"][number] = text
        return number

    def node(self, place: Sequence[Any]) -> Node:
        source, number = place
        found: Node = self.machine.parse(self.data["sources"][source], self.dialect.name).nodes[number]
        return found

    def push(self, node: Node, source: str, **fields: Any) -> None:
        """Put a node on the stack: it runs next, and leaves `status` behind."""
        kind = type(node).__name__
        if node.redirects and kind != "Simple" and not fields.get("bare"):
            self.frames.append({"k": "Redirected", "n": [source, node.id]})
            return
        fields.pop("bare", None)
        self.frames.append({"k": kind, "n": [source, node.id], **fields})

    def push_source(self, text: str, **fields: Any) -> None:
        """Parse a text and put it on the stack; raises ShellSyntaxError."""
        script = self.machine.parse(text, self.dialect.name)
        self.push(script.body, self.add_source(text), **fields)

    def pop(self) -> Frame:
        """Take the uppermost frame away, undoing what it did to descriptors and locals."""
        frame = self.frames.pop()
        if "held" in frame:
            self.restore_descriptors(frame.pop("held"))
        if frame["k"] == "Call":
            self.leave_function(frame)
        if frame["k"] == "Sourced" and "params" in frame:
            self.data["params"] = frame["params"]
        return frame

    def done(self, status: int | None = None) -> None:
        """End the uppermost frame."""
        if status is not None:
            self.status = status
        self.pop()

    def restore_descriptors(self, held: dict[str, Any]) -> None:
        self.task["fds"] = held
        saved = self.task.get("saved", [])
        if saved:
            saved.pop()

    def hold_descriptors(self, frame: Frame, fds: dict[str, Any]) -> None:
        """Use other descriptors until the frame ends."""
        frame["held"] = self.task["fds"]
        self.task.setdefault("saved", []).append(self.task["fds"])
        self.task["fds"] = fds

    def leave_function(self, frame: Frame) -> None:
        self.data["params"] = frame["params"]
        for name, (value, attributes) in frame["locals"].items():
            self.variables.values.pop(name, None)
            self.variables.attributes.pop(name, None)
            if value is not None:
                self.variables.values[name] = value
            if attributes:
                self.variables.attributes[name] = attributes

    # -- children ----------------------------------------------------------------------------------

    def fork(self, fds: dict[str, Any] | None = None, **fields: Any) -> Shell:
        """Start a subshell: a copy of this shell with an empty stack."""
        frames, self.data["frames"] = self.data["frames"], []
        try:
            data = copy.deepcopy(self.data)
        finally:
            self.data["frames"] = frames
        data["traps"] = {name: text for name, text in data["traps"].items() if text == ""}
        data["jobs"] = []
        data["opts"] = data["opts"].replace("i", "")
        data["sub"] = True
        data.setdefault("root_pid", self.task["pid"])
        task = self.kernel.spawn(self.task, self.task["argv"], kind="shell", sh=data, **fields)
        if fds is not None:
            task["fds"] = fds
        return Shell(self.machine, self.kernel, task)

    def wait_for(self, *pids: int) -> None:
        self.task["block"] = {"child": list(pids)}

    # -- expansion -----------------------------------------------------------------------------------

    def attempt(self, frame: Frame, work: Callable[[Expander], T]) -> T | None:
        """Expand; None when a substitution has to run first (the handler is called again after it)."""
        expander = Expander(self, frame.setdefault("subs", []))
        try:
            value = work(expander)
            expander.commit()
        except NeedSubstitution as need:
            self._substitute(frame, need.body)
            return None
        except ExpansionFault as fault:
            self.expansion_failed(fault)
        except ReadonlyVariable as fault:
            self.complain(self.dialect.say("readonly", fault.name))
            raise Abandon(1 if self.dialect.name == "bash" else 2) from None
        frame["last_sub"] = frame["subs"][-1][1] if frame["subs"] else None
        frame.pop("subs")
        return value

    def expansion_failed(self, fault: ExpansionFault) -> None:
        detail = fault.detail
        if fault.kind == "unset-message":
            detail = self.dialect.say("null" if detail == "null" else "not-set") if detail in ("", "null") else detail
        self.complain(self.dialect.say(fault.kind, fault.name, detail))
        if self.dialect.name == "bash":
            raise Abandon(127 if fault.kind.startswith("unset") and not self.interactive else 1)
        raise Abandon(2)

    def _substitute(self, frame: Frame, body: List) -> None:
        capture = self.kernel.capture()
        child = self.fork({**self.task["fds"], "1": capture})
        child.push(body, self._source_of(frame))
        frame["sub"] = [child.task["pid"], capture]
        self.wait_for(child.task["pid"])

    def _source_of(self, frame: Frame) -> str:
        return str(frame["n"][0])

    def _collect(self, frame: Frame) -> bool:
        """Take in the result of a substitution; False while it still runs."""
        pid, capture = frame["sub"]
        code = self.kernel.reap(pid)
        if code is None:
            self.wait_for(pid)
            return False
        del frame["sub"]
        text = self.kernel.captured(capture).decode("utf-8", "replace").replace("\0", "").rstrip("\n")
        frame["subs"].append([text, code])
        return True

    # -- running ---------------------------------------------------------------------------------------

    def run(self, budget: int) -> int:
        """Advance until it blocks, ends, or the budget is used up; returns what is left of the budget."""
        self.task["block"] = None
        while budget > 0 and self.task["block"] is None and self.task.get("sh") is self.data:
            budget -= 1
            try:
                self._turn()
            except Abandon as fault:
                self._abandon(fault.status)
            except BrokenPipeError:
                self.kernel.finish(self.task, 141)
            except OutOfMemory:
                self.kernel.finish(self.task, 137)
            except FileError as fault:
                self.complain(f"write error: {fault}")
                self._abandon(1)
        return budget

    def _turn(self) -> None:
        if self.task.get("signals") and self._take_signal():
            return
        if not self.frames:
            self.end()
            return
        frame = self.frames[-1]
        if "sub" in frame and not self._collect(frame):
            return
        self.machine.handlers[frame["k"]](self, frame)

    def _take_signal(self) -> bool:
        if self.frames and ("sub" in self.frames[-1] or self.frames[-1].get("child")):
            return False
        name = self.task["signals"].pop(0)
        text = self.data["traps"].get(name)
        if not text:
            return False
        self.frames.append({"k": "Trap", "n": [self.add_source(text), -1], "status": self.status})
        return True

    def end(self) -> None:
        """Leave: the EXIT trap first, then the task."""
        trap = self.data["traps"].pop("EXIT", None)
        if trap:
            self.frames.append({"k": "Trap", "n": [self.add_source(trap), -1], "status": self.status})
            return
        self.kernel.finish(self.task, self.status)

    def leave(self, status: int) -> None:
        """Unwind everything and exit."""
        self.status = status
        while self.frames:
            self.pop()
        self.end()

    def _abandon(self, status: int) -> None:
        self.status = status
        if not self.interactive:
            self.leave(status)
            return
        while self.frames and self.frames[-1]["k"] != "Prompt":
            self.pop()

    def syntax_error(self, fault: ShellSyntaxError, text: str, builtin: str = "") -> None:
        """Say what is wrong with a text; a script ends with 2, an interactive shell goes on."""
        name, flag = str(self.data["name"]), str(self.data["flag"])
        message = syntax_message(
            self.dialect.name, fault, name, text, interactive=self.interactive, flag=builtin or flag
        )
        self.write(2, message)

    def failed(self) -> None:
        """After a command that failed: `set -e` and the ERR trap, unless its status is being tested."""
        if self.status == 0 or any(frame.get("tested") for frame in self.frames):
            return
        if "ERR" in self.data["traps"] and not any(frame["k"] == "Trap" for frame in self.frames):
            text = self.data["traps"]["ERR"]
            self.frames.append({"k": "Trap", "n": [self.add_source(text), -1], "status": self.status})
        if "e" in self.data["opts"] and not self.interactive:
            self.leave(self.status)

    def react(self, name: str) -> int | None:
        """Answer a signal: a trap runs later, an interactive shell ignores most, others die of it."""
        trap = self.data["traps"].get(name)
        if trap == "":
            return None
        if trap:
            self.task.setdefault("signals", []).append(name)
            return None
        if self.interactive and name in ("INT", "TERM", "QUIT"):
            if name == "INT" and self.frames and self.frames[-1]["k"] != "Prompt":
                self.task["block"] = None
                self._abandon(130)
            return None
        if self.task["pid"] == 1:
            return None
        return 128 + SIGNALS[name]


def _job_number(shell: Shell) -> str:
    return str(shell.data["last_bg"]) if shell.data["last_bg"] else ""


def _random(shell: Shell) -> str:
    count = shell.data["draws"] = shell.data.get("draws", 0) + 1
    mixed = (int(shell.place.now() * 1000) * 1103515245 + count * 12345 + shell.task["pid"] * 2654435761) & 0xFFFFFFFF
    return str((mixed ^ (mixed >> 13)) * 48271 % 2147483647 % 32768)


_SPECIAL: dict[str, Callable[[Shell], str]] = {
    "?": lambda shell: str(shell.status),
    "$": lambda shell: str(shell.data.get("root_pid", shell.task["pid"])),
    "!": _job_number,
    "#": lambda shell: str(len(shell.data["params"])),
    "-": lambda shell: "".join(re.findall(r"[a-zA-Z]", shell.options)),
    "0": lambda shell: str(shell.data["name"]),
    "RANDOM": _random,
    "SECONDS": lambda shell: str(int(shell.place.now() - shell.task["started"])),
    "EPOCHSECONDS": lambda shell: str(int(shell.place.now())),
    "LINENO": lambda shell: str(shell.data["line"]),
    "BASHPID": lambda shell: str(shell.task["pid"]),
    "PPID": lambda shell: str(shell.task["ppid"]),
    "UID": lambda shell: "0" if shell.kernel.process["user"] in ("root", "0") else "1000",
    "EUID": lambda shell: "0" if shell.kernel.process["user"] in ("root", "0") else "1000",
}
