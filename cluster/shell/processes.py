"""Implements `Processes`: starts, steps, feeds and signals the processes of containers, nodes and terminals.

In a real cluster this is the kernel with execve, fork and the scheduler. A process dict holds a
whole family of tasks (see `kernel`). An endless loop is cut into slices that come back later and
later in virtual time, counted as used CPU, so that no container can hold up the lab.
"""

from __future__ import annotations

import posixpath
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.shell.calls import TaskCall
from cluster.shell.commands import HANDLERS
from cluster.shell.faults import abandon, crash
from cluster.shell.kernel import SIGNALS, Kernel, Process, Task, signal_name
from cluster.shell.parser import parse
from cluster.shell.programs.registry import PROGRAMS, SHELLS, has_program
from cluster.shell.prompt import read_prompt, read_script
from cluster.shell.shell import Frame, Shell, new_state
from cluster.shell.simple import run_simple
from cluster.shell.syntax import Script, ShellSyntaxError
from cluster.shell.terminal import Terminal
from cluster.workloads.files import FileError
from cluster.workloads.process import Place, Program, WebReply, WebRequest

_SLICE = 4000  # steps of scripts and programs in one go
_TASK_SLICE = 200
_LONGEST_PAUSE = 5.0
_SCRIPTS_KEPT = 256
_BINARY_FOLDERS = ("/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Offers completions for (place, shell, words so far, word under the cursor).
Completer = Callable[[Place, Shell, Sequence[str], str], "Sequence[str] | None"]


@dataclass(frozen=True)
class Executable:
    """What a name leads to: a program, a shell, or a script with its interpreter; or `trouble` and its status."""

    program: str = ""
    dialect: str = ""
    interpreter: tuple[str, ...] = ()
    path: str = ""
    trouble: str = ""
    status: int = 0


class Machine:
    """What all processes of one simulation share: parsed scripts and the tables of programs."""

    def __init__(self, completer: Completer | None = None):
        self._scripts: OrderedDict[tuple[str, str], Script] = OrderedDict()
        self.completer = completer
        self.handlers: Mapping[str, Callable[[Shell, Frame], None]] = {
            **HANDLERS,
            "Simple": run_simple,
            "Prompt": read_prompt,
            "Input": read_script,
        }

    def parse(self, text: str, dialect: str, *, interactive: bool = False) -> Script:
        """Return the tree of a text, from the cache when it is there; raises ShellSyntaxError."""
        key = (text, dialect)
        found = self._scripts.get(key)
        if found is None:
            try:
                found = parse(text, dialect, interactive=interactive)
            except RecursionError:
                raise ShellSyntaxError("", 1, words="syntax error: nested too deeply") from None
            self._scripts[key] = found
            if len(self._scripts) > _SCRIPTS_KEPT:
                self._scripts.popitem(last=False)
        else:
            self._scripts.move_to_end(key)
        return found

    # -- finding executables ---------------------------------------------------------------------

    def userland(self, place: Place) -> str:
        usual = {"container": "debian", "node": "full", "terminal": "full"}
        return str(place.services.get("userland") or usual.get(place.kind, "debian"))

    def program(self, place: Place, name: str) -> Program | None:
        """Return what a bare name stands for here: the image's own programs first, then the userland's."""
        found = place.program(name)
        if found is not None:
            return found
        if has_program(name, place.kind, self.userland(place), tuple(place.services.get("packages", ()))):
            return PROGRAMS[name].program
        return None

    def dialect(self, place: Place, name: str) -> str:
        """Return the dialect of a shell's name, '' when there is no such shell here."""
        found: str = SHELLS.get(self.userland(place), {}).get(name, "")
        if not found and name in place.services.get("packages", ()):
            return "bash" if name == "bash" else ""
        return found

    def find(self, kernel: Kernel, name: str, cwd: str, path: str | None) -> Executable:
        """Look a command up as execvp does."""
        if "/" in name:
            return self._at_path(kernel, posixpath.join(cwd, name))
        place = kernel.place
        if dialect := self.dialect(place, name):
            return Executable(dialect=dialect)
        for folder in (DEFAULT_PATH if path is None else path).split(":"):
            if folder not in _BINARY_FOLDERS and place.files.exists(f"{folder}/{name}"):
                found = self._at_path(kernel, posixpath.join(cwd, folder, name))
                if not found.trouble:
                    return found
        if self.program(place, name) is not None:
            return Executable(program=name)
        for folder in (DEFAULT_PATH if path is None else path).split(":"):
            candidate = posixpath.join(cwd, folder, name)
            if folder and place.files.exists(candidate) and place.files.stat(candidate).kind == "file":
                return self._at_path(kernel, candidate)
        return Executable(trouble="not-found", status=127)

    def _at_path(self, kernel: Kernel, path: str) -> Executable:
        place = kernel.place
        folder, name = posixpath.split(posixpath.normpath(path))
        try:
            info = place.files.stat(path)
        except FileError as fault:
            if fault.code == "EACCES":
                return Executable(trouble="denied", status=126)
            return self._bare(place, folder, name) or Executable(trouble="no-file", status=127)
        if info.kind == "dir":
            return Executable(trouble="is-directory", status=126)
        content = place.files.read(path)
        if not content.strip() or content.startswith(b"\x7fELF"):
            found = self._bare(place, folder, name) or self._bare(place, "/bin", name)
            if found:
                return found
        if not info.mode & 0o111:
            return Executable(trouble="denied", status=126)
        return _script(content, path)

    def _bare(self, place: Place, folder: str, name: str) -> Executable | None:
        if folder not in _BINARY_FOLDERS and place.program(name) is None:
            return None
        if dialect := self.dialect(place, name):
            return Executable(dialect=dialect)
        return Executable(program=name) if self.program(place, name) is not None else None

    # -- tasks -----------------------------------------------------------------------------------

    def become(
        self, kernel: Kernel, task: Task, argv: Sequence[str], found: Executable, env: Mapping[str, str]
    ) -> None:
        """Make a task run an executable (execve)."""
        task["argv"], task["env"], task["block"] = list(argv), dict(env), None
        task.pop("sh", None)
        task["state"] = {}
        if found.program:
            task["kind"], task["program"] = "program", found.program
            return
        if found.interpreter:
            command = [*found.interpreter, found.path, *argv[1:]]
            inner = self.find(kernel, command[0], task["cwd"], env.get("PATH"))
            if inner.trouble or inner.interpreter:
                kernel.write(
                    task["fds"].get("2", "null"), f"{argv[0]}: cannot execute: required file not found\n".encode()
                )
                kernel.finish(task, 127)
                return
            self.become(kernel, task, command, inner, env)
            return
        task["kind"] = "shell"
        start_shell(self, kernel, task, found.dialect)

    def run_task(self, kernel: Kernel, task: Task, budget: int) -> int:
        """Let one task work; returns what is left of the budget. A fault of ours costs the task, not the lab."""
        try:
            return self._work(kernel, task, budget)
        except Exception as fault:
            crash(kernel, task, fault)
            return budget - 10

    def _work(self, kernel: Kernel, task: Task, budget: int) -> int:
        if task["kind"] == "shell":
            return Shell(self, kernel, task).run(budget)
        if task["kind"] == "new":
            self._exec(kernel, task)
            return budget - 1
        self._run_program(kernel, task)
        return budget - 10

    def _exec(self, kernel: Kernel, task: Task) -> None:
        """Start what a container names as its command: there is no shell to complain, so the runtime does."""
        argv = task["argv"]
        found = self.find(kernel, argv[0], task["cwd"], task["env"].get("PATH")) if argv else _NOTHING
        if found.trouble:
            words = {
                "not-found": "executable file not found in $PATH",
                "no-file": "no such file or directory",
            }.get(found.trouble, "permission denied")
            lead = "exec" if found.trouble == "not-found" else "stat"
            text = f'{lead}: "{argv[0] if argv else ""}": {words}' if lead == "exec" else f"{lead} {argv[0]}: {words}"
            kernel.process["start_error"] = text
            kernel.finish(task, found.status)
            return
        self.become(kernel, task, argv, found, task["env"])

    def _run_program(self, kernel: Kernel, task: Task) -> None:
        program = self.program(kernel.place, task["program"])
        if program is None:
            kernel.finish(task, 127)
            return
        task["block"] = None
        call = TaskCall(self, kernel, task)
        try:
            code = program.run(call)
        except BrokenPipeError:
            code = 141
        except FileError as fault:
            call.complain(f"{fault.path}: {fault}")
            code = 1
        except (ValueError, OverflowError, RecursionError) as fault:
            # A learner's strange argument must cost one program, never the worker.
            call.complain(f"invalid argument: {str(fault)[:80]}")
            code = 1
        self.settle(kernel, task, call, code)

    def settle(self, kernel: Kernel, task: Task, call: TaskCall, code: int | None) -> None:
        """Write down what a program's call asked for."""
        if task["exit"] is not None:
            return
        if code is not None:
            if kernel.process.get("raw_task") == task["pid"]:
                kernel.process["raw"], kernel.process["raw_task"] = False, 0
            kernel.finish(task, code)
        elif not call.runs_again:
            task["block"] = call.block

    def react(self, kernel: Kernel, task: Task, name: str) -> int | None:
        """Return the exit code a signal gives a task, or None when it goes on."""
        if task["kind"] == "shell":
            return Shell(self, kernel, task).react(name)
        if task["kind"] == "new":
            return 128 + SIGNALS[name]
        program = self.program(kernel.place, task["program"])
        own = task["program"] in PROGRAMS and program is PROGRAMS[task["program"]].program
        if own and task["pid"] == 1 and not hasattr(program, "handles"):
            return None
        if program is None:
            return 128 + SIGNALS[name]
        call = TaskCall(self, kernel, task)
        try:
            code = program.signalled(call, name)
        except Exception as fault:
            crash(kernel, task, fault)
            return None
        if code is None and (call.block or call.runs_again):
            task["block"] = None if call.runs_again else call.block
        if code is not None and kernel.process.get("raw_task") == task["pid"]:
            kernel.process["raw"], kernel.process["raw_task"] = False, 0
        return code

    def kill(self, kernel: Kernel, pid: int, signal: str) -> bool:
        task = kernel.task(pid)
        if task is None or task["exit"] is not None:
            return pid not in (0, kernel.process["pid"]) and kernel.place.signal(pid, signal)
        kernel.signal(task, signal, lambda one, name: self.react(kernel, one, name))
        return True

    def signal_tree(self, kernel: Kernel, task: Task, signal: str) -> None:
        """Signal a task and all below it."""
        for one in [*kernel.descendants(task["pid"]), task]:
            kernel.signal(one, signal, lambda found, name: self.react(kernel, found, name))

    def interrupt(self, kernel: Kernel, signal: str) -> None:
        """Signal the foreground tasks, as the terminal does on ^C."""
        tasks = [task for task in kernel.live() if not task["bg"]]
        for task in sorted(tasks, key=lambda one: -one["pid"]):
            kernel.signal(task, signal, lambda one, name: self.react(kernel, one, name))

    # -- scheduling --------------------------------------------------------------------------------

    def run(self, kernel: Kernel) -> bool:
        """Let every task work until all wait; False when the budget ended first."""
        budget = _SLICE
        while budget > 0 and kernel.process["exit"] is None:
            ready = [task for task in list(kernel.tasks.values()) if kernel.runnable(task)]
            if not ready:
                return True
            for task in ready:
                if kernel.process["exit"] is None and kernel.runnable(task):
                    left = self.run_task(kernel, task, _TASK_SLICE)
                    budget -= max(1, _TASK_SLICE - left)
        return kernel.process["exit"] is not None


_NOTHING = Executable(trouble="not-found", status=127)


def _script(content: bytes, path: str) -> Executable:
    first = content.split(b"\n", 1)[0].decode("utf-8", "replace")
    if first.startswith("#!"):
        words = first[2:].strip().split(None, 1)
        return Executable(interpreter=tuple(words) or ("/bin/sh",), path=path)
    return Executable(interpreter=("/bin/sh",), path=path)


def start_shell(machine: Machine, kernel: Kernel, task: Task, dialect: str) -> None:
    """Prepare a shell from its command line: `-c text`, a script file, standard input, or a prompt."""
    argv = task["argv"]
    if "--version" in argv[1:2] and dialect == "bash":
        kernel.write(task["fds"].get("1", "null"), b"GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n")
        kernel.finish(task, 0)
        return
    options, command, rest, _ = _shell_options(argv[1:])
    if rest is None:
        kernel.write(task["fds"].get("2", "null"), f"{argv[0]}: {options}: invalid option\n".encode())
        kernel.finish(task, 2)
        return
    name = rest[0] if rest and command is not None else argv[0]
    params = rest[1:] if command is not None or (rest and "s" not in options) else rest
    interactive = "i" in options or (command is None and (not rest or "s" in options) and task["fds"].get("0") == "tty")
    flags = options.replace("s", "").replace("i", "") + ("i" if interactive else "")
    task["sh"] = new_state(dialect, name, params, flags)
    shell = Shell(machine, kernel, task)
    for key, value in task["env"].items():
        shell.variables.values[key] = value
        shell.variables.attributes[key] = "x"
    shell.variables.values.setdefault("PWD", task["cwd"])
    shell.variables.values.setdefault("PATH", DEFAULT_PATH)
    _first_frame(shell, argv, options, command, rest, interactive)


def _shell_options(words: Sequence[str]) -> tuple[str, str | None, list[str] | None, bool]:
    """Return (option letters, the -c text, what is left, login); None for what is left when an option is wrong."""
    options, command, login, i = "", None, False, 0
    wants_command = False
    while i < len(words) and words[i][:1] in "-+" and len(words[i]) > 1:
        word = words[i]
        i += 1
        if word == "--":
            break
        if word.startswith("--"):
            login = login or word == "--login"
            continue
        if word[1:] == "o" and i < len(words):
            options += (
                "P" if words[i] == "pipefail" else {"errexit": "e", "nounset": "u", "xtrace": "x"}.get(words[i], "")
            )
            i += 1
            continue
        for letter in word[1:]:
            wants_command = wants_command or letter == "c"
            login = login or letter == "l"
            if letter == "o" and i < len(words):
                options += "P" if words[i] == "pipefail" else ""
                i += 1
            elif letter not in "clabefhikmnpstuvxBCHo":
                return f"-{letter}", None, None, False
            elif letter not in "clbhkmnptvBHo":
                options += letter
    rest = list(words[i:])
    if wants_command and rest:
        command = rest.pop(0)
    return options, command, rest, login


def _first_frame(
    shell: Shell, argv: Sequence[str], options: str, command: str | None, rest: Sequence[str], interactive: bool
) -> None:
    if command is not None:
        shell.data["flag"] = "-c"
        shell.frames.append({"k": "Script", "n": ["", -1], "text": command})
        _settings(shell)
    elif rest and "s" not in options:
        _open_script(shell, rest[0])
    elif interactive:
        shell.data["flag"] = "-i"
        shell.frames.append({"k": "Prompt", "n": ["", -1], "text": "", "stage": "start"})
    else:
        shell.data["flag"] = "-s"
        shell.frames.append({"k": "Input", "n": ["", -1], "text": ""})


def _settings(shell: Shell) -> None:
    """Read the file that BASH_ENV names before a script, as bash does."""
    name = shell.variables.get("BASH_ENV")
    if shell.dialect.name == "bash" and name and shell.files.exists(shell.path(name)):
        text = shell.files.read(shell.path(name)).decode("utf-8", "replace")
        shell.frames.append({"k": "Script", "n": ["", -1], "text": text})
        if shell.place.kind == "terminal":
            # A single line must see the environment that the interactive shell would show.
            shell.variables.unset("BASH_ENV")


def _open_script(shell: Shell, name: str) -> None:
    try:
        text = shell.files.read(shell.path(name)).decode("utf-8", "replace")
    except FileError as fault:
        message = {
            "bash": f"{shell.data['name']}: {name}: {fault}\n",
            "dash": f"{shell.data['name']}: 0: cannot open {name}: No such file\n",
            "ash": f"{shell.data['name']}: can't open '{name}': {fault}\n",
        }[shell.dialect.name]
        shell.write(2, message)
        shell.kernel.finish(shell.task, 127 if shell.dialect.name == "bash" else 2)
        return
    shell.data["name"] = name
    shell.frames.append({"k": "Script", "n": ["", -1], "text": text})


class ShellProcesses:
    """Implements `Processes` (cluster.workloads.process)."""

    def __init__(self, completer: Completer | None = None):
        self.machine = Machine(completer)

    def start(
        self,
        place: Place,
        argv: Sequence[str],
        *,
        pid: int = 1,
        environ: Mapping[str, str] | None = None,
        cwd: str = "/",
        user: str = "root",
        tty: bool = False,
        stdin_open: bool = False,
        columns: int = 80,
    ) -> Process:
        env = dict(place.environment() if environ is None else environ)
        env.setdefault("PATH", DEFAULT_PATH)
        process: Process = {
            "pid": pid,
            "root": pid,
            "next": pid,
            "argv": list(argv),
            "exit": None,
            "wake": place.now(),
            "waits": "",
            "user": user,
            "tty": tty,
            "columns": columns,
            "rows": 24,
            "cpu": 0.0,
            "burnt": 0,
            "tasks": {},
            "pipes": {},
            "files": {},
            "captures": {},
            "streams": 0,
            "stdin": "",
            "stdin_end": not (stdin_open or tty),
            "out": [],
            "raw": False,
            "tty_lines": [],
            "line": {},
        }
        fds = {"0": "tty", "1": "tty", "2": "tty"} if tty else {"0": "in", "1": "out", "2": "err"}
        Kernel(place, process).spawn(None, argv, fds=fds, env=env, cwd=cwd)
        return process

    def step(self, place: Place, process: Process) -> None:
        if process["exit"] is not None:
            process["wake"], process["waits"] = None, ""
            return
        kernel = Kernel(place, process)
        for task in kernel.live():
            if task["block"] and task["block"].get("revision"):
                task["block"]["revision"] = "due"
        try:
            settled = self._run_with_keys(kernel) if process["tty"] else self.machine.run(kernel)
        except Exception as fault:
            abandon(kernel, fault)
            return
        kernel.collect_streams()
        self._schedule(kernel, settled)

    def _run_with_keys(self, kernel: Kernel) -> bool:
        """Hand typed keys on and run, line after line, until the keys are used up or somebody is busy."""
        process = kernel.process
        while True:
            before = process["stdin"]
            Terminal(self.machine, kernel).take_input()
            settled = self.machine.run(kernel)
            unused = process["stdin"] and process["stdin"] != before
            if not settled or not unused or process["exit"] is not None:
                return settled

    def _schedule(self, kernel: Kernel, settled: bool) -> None:
        process, now = kernel.process, kernel.place.now()
        process["wake"], process["waits"] = None, ""
        if process["exit"] is not None:
            return
        if not settled:
            pause = min(0.1 * 2 ** min(process["burnt"], 10), _LONGEST_PAUSE)
            process["burnt"] += 1
            process["cpu"] += pause
            process["wake"] = now + pause
            return
        process["burnt"] = 0
        blocks = [task["block"] or {} for task in kernel.live() if not task.get("stopped")]
        moments = [block["until"] for block in blocks if "until" in block]
        process["wake"] = min(moments) if moments else None
        if any(block.get("revision") for block in blocks):
            process["waits"] = "revision"
        elif process["tty"] or any(block.get("read") in ("in", "tty") for block in blocks):
            process["waits"] = "input"

    def feed(self, process: Process, data: bytes, *, end: bool = False) -> None:
        process["stdin"] += data.decode("latin-1")
        process["stdin_end"] = process["stdin_end"] or end

    def signal(self, place: Place, process: Process, signal: str) -> None:
        """Signal the process itself; a terminal's INT goes to what runs in its foreground."""
        name = signal_name(signal)
        kernel = Kernel(place, process)
        root = kernel.task(process["root"])
        if not name or root is None or process["exit"] is not None:
            return
        if process["tty"] and name in ("INT", "TSTP"):
            self.machine.interrupt(kernel, name)
        elif name == "HUP":
            self.machine.signal_tree(kernel, root, name)
            if root["pid"] != 1 and process["exit"] is None:
                kernel.finish(root, 129)
        else:
            kernel.signal(root, name, lambda one, found: self.machine.react(kernel, one, found))
        process["wake"] = place.now() if process["exit"] is None else None

    def resize(self, process: Process, columns: int, rows: int) -> None:
        process["columns"], process["rows"] = columns, rows

    def serve(self, place: Place, process: Process, port: int, request: WebRequest) -> WebReply:
        """Ask the running programs; the first that listens on the port answers."""
        kernel = Kernel(place, process)
        for task in kernel.live():
            program = self.machine.program(place, task["program"]) if task["kind"] == "program" else None
            if program is not None:
                call = TaskCall(self.machine, kernel, task)
                try:
                    reply = program.serve(call, port, request)
                except Exception as fault:
                    crash(kernel, task, fault)
                    return WebReply(error="refused")
                if reply.error != "refused":
                    if call.runs_again or call.block:
                        task["block"] = None if call.runs_again else call.block
                    return reply
        return WebReply(error="refused")

    def drain(self, process: Process) -> list[tuple[int, bytes]]:
        found = [(int(fd), str(text).encode("latin-1")) for fd, text in process["out"]]
        process["out"] = []
        return found

    def tasks(self, process: Process) -> list[dict[str, Any]]:
        """Return what `ps` shows of this process: pid, argv, started."""
        return [
            {"pid": task["pid"], "argv": task["argv"], "started": task["started"], "ppid": task["ppid"]}
            for task in process["tasks"].values()
            if task["exit"] is None
        ]


__all__ = ["Executable", "Machine", "ShellProcesses", "ShellSyntaxError"]
