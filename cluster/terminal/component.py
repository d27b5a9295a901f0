"""Every terminal of a lab as one component: interactive sessions, and single lines run for scripts.

A session is a state-book entry: the shell's process, and what it wrote lately, so that a page that
comes back shows what it showed. Single lines end with an exit code and two outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.store.interface import Revision
from cluster.terminal import journal, localports
from cluster.terminal.place import HOME, USER, Outside, TerminalPlace
from cluster.workloads.files import FileError
from cluster.workloads.process import Processes, Program

SESSIONS = "terminal/session/"
LINES = "terminal/line/"
FAULTS = "terminal/faults"  # the latest programs that broke: what, where, when
FAULTS_KEPT = 20
SCROLLBACK = 64 * 1024
Entry = dict[str, Any]


class Terminals:
    """The component. Input arrives by method calls between two slices; steps happen inside them."""

    name = "terminals"

    def __init__(
        self,
        context: Context,
        processes: Processes,
        network: Outside,
        programs: Mapping[str, Program],
        services: Mapping[str, Any],
    ):
        self.context = context
        self.processes = processes
        self._network = network
        self._programs = programs
        self._services = services
        self._ready: dict[str, None] = {}
        self._fresh: dict[str, bytes] = {}

    # -- component -------------------------------------------------------------------------------

    def resume(self) -> None:
        self._ready = dict.fromkeys((*self.context.state.keys(SESSIONS), *self.context.state.keys(LINES)))

    def observe(self, revision: Revision) -> None:
        for key, entry in self._entries():
            if entry["process"]["waits"] == "revision":
                self._ready[key] = None

    def next_due(self) -> float | None:
        if self._ready:
            return self.context.clock.now()
        moments = [entry["process"]["wake"] for _, entry in self._entries() if entry["process"]["wake"] is not None]
        return min(moments, default=None)

    def step(self) -> bool:
        key = self._next_key()
        if key is None:
            return False
        entry = self.context.state.get(key)
        if entry is not None:
            self._step(key, entry)
        return True

    def _entries(self) -> list[tuple[str, Entry]]:
        state = self.context.state
        keys = (*state.keys(SESSIONS), *state.keys(LINES))
        return [(key, entry) for key in keys if (entry := state.get(key)) is not None]

    def _next_key(self) -> str | None:
        for key in self._ready:
            del self._ready[key]
            return key
        now = self.context.clock.now()
        due = [key for key, entry in self._entries() if (wake := entry["process"]["wake"]) is not None and wake <= now]
        return due[0] if due else None

    def _place(self, owner: str = "") -> TerminalPlace:
        return TerminalPlace(self.context, self._network, self._programs, self._services, owner)

    def _step(self, key: str, entry: Entry) -> None:
        place = self._place(key)
        self.processes.step(place, entry["process"])
        place.save()
        self._ready.update(dict.fromkeys(place.ports.woken))
        if entry["process"]["exit"] is not None:
            localports.forget(self.context.state, key)
        self._note_fault(entry)
        self._collect(key, entry)
        self.context.state.put(key, entry)

    def _note_fault(self, entry: Entry) -> None:
        fault = entry["process"].pop("fault", None)
        if fault is not None:
            state = self.context.state
            known = state.get(FAULTS) or []
            state.put(FAULTS, [*known, {**fault, "time": self.context.clock.now()}][-FAULTS_KEPT:])

    def _collect(self, key: str, entry: Entry) -> None:
        for stream, data in self.processes.drain(entry["process"]):
            if key.startswith(LINES):
                entry["written"][str(stream)] += data.decode("latin-1")
            else:
                self._show(key, entry, data)
        if key.startswith(SESSIONS):
            self._note_commands(entry)
        elif (code := entry["process"]["exit"]) is not None and not entry["noted"]:
            entry["noted"] = True
            output = entry["written"]["1"] + entry["written"]["2"]
            journal.note(self.context.state, entry["line"], code, output.encode("latin-1"), self.context.clock.now())

    def _show(self, key: str, entry: Entry, data: bytes) -> None:
        self._fresh[key] = self._fresh.get(key, b"") + data
        text = data.decode("latin-1")
        entry["scrollback"] = (entry["scrollback"] + text)[-SCROLLBACK:]
        entry["heard"] = (entry["heard"] + text)[-journal.HEARD :]

    def _note_commands(self, entry: Entry) -> None:
        """Write down the lines the shell has finished since."""
        finished = entry["process"].pop("finished", [])
        for line, code in finished:
            output = entry["heard"].encode("latin-1")
            journal.note(self.context.state, line, code, output, self.context.clock.now())
        if finished:
            entry["heard"] = ""

    # -- sessions --------------------------------------------------------------------------------

    def open(self, session: str, columns: int = 80, rows: int = 24) -> bytes:
        """Open a session, or come back to it; return what it shows already."""
        key = SESSIONS + session
        entry = self.context.state.get(key)
        if entry is None or entry["process"]["exit"] is not None:
            process = self.processes.start(
                self._place(), ["bash"], pid=100, cwd=HOME, user=USER, tty=True, stdin_open=True, columns=columns
            )
            process["rows"] = rows
            self.context.state.put(key, {"process": process, "scrollback": "", "heard": ""})
            self._ready[key] = None
            return b""
        self.resize(session, columns, rows)
        self._fresh.pop(key, None)
        return str(entry["scrollback"]).encode("latin-1")

    def input(self, session: str, data: bytes) -> None:
        """Type into a session; one that does not exist, or has ended, is opened."""
        key = SESSIONS + session
        entry = self.context.state.get(key)
        if entry is None or entry["process"]["exit"] is not None:
            self.open(session)
            entry = self.context.state.get(key)
        if entry is not None:
            self.processes.feed(entry["process"], data)
            self.context.state.put(key, entry)
            self._ready[key] = None

    def resize(self, session: str, columns: int, rows: int) -> None:
        entry = self.context.state.get(SESSIONS + session)
        if entry is not None:
            entry["process"]["columns"], entry["process"]["rows"] = max(20, columns), max(2, rows)
            self.context.state.put(SESSIONS + session, entry)

    def take(self, session: str) -> bytes:
        """Return and forget what this session has written since the last time."""
        return self._fresh.pop(SESSIONS + session, b"")

    def drain(self) -> dict[str, bytes]:
        """Return and forget what every session has written."""
        fresh, self._fresh = self._fresh, {}
        return {key.removeprefix(SESSIONS): data for key, data in fresh.items()}

    def close(self, session: str) -> None:
        self.context.state.drop(SESSIONS + session)
        self._fresh.pop(SESSIONS + session, None)
        localports.forget(self.context.state, SESSIONS + session)

    # -- single lines ----------------------------------------------------------------------------

    def begin_line(self, session: str, line: str) -> str:
        """Start one line beside the sessions; return its key for `line_code` and `end_line`."""
        key = f"{LINES}{session}"
        place = self._place()
        environ = {**place.environment(), "BASH_ENV": f"{HOME}/.bashrc"}
        process = self.processes.start(
            place, ["bash", "-c", line], pid=100, cwd=self._folder(session), user=USER, environ=environ
        )
        written = {"1": "", "2": ""}
        self.context.state.put(key, {"process": process, "line": line, "written": written, "noted": False})
        self._ready[key] = None
        return key

    def _folder(self, session: str) -> str:
        """Return where the session's shell stands, so that a single line runs there too."""
        entry = self.context.state.get(SESSIONS + session)
        tasks = entry["process"]["tasks"] if entry is not None else {}
        return str(tasks["100"]["cwd"]) if "100" in tasks else HOME

    def line_code(self, key: str) -> int | None:
        """Return the exit code once the line has ended."""
        entry = self.context.state.get(key)
        return None if entry is None else entry["process"]["exit"]

    def end_line(self, key: str) -> tuple[bytes, bytes]:
        """Return what the line has written to its two outputs, and forget it."""
        entry = self.context.state.get(key) or {"written": {"1": "", "2": ""}}
        self.context.state.drop(key)
        return entry["written"]["1"].encode("latin-1"), entry["written"]["2"].encode("latin-1")

    def write_files(self, files: Mapping[str, str]) -> None:
        """Lay files into the learner's home; absolute paths are taken as they are."""
        place = self._place()
        for path, text in files.items():
            place.files.write(path if path.startswith("/") else f"{HOME}/{path}", text.encode())
        place.save()

    def read_file(self, path: str) -> str | None:
        """Return a text file of the learner's machine; None when it cannot be read."""
        try:
            return self._place().files.read(path).decode("utf-8", "replace")
        except FileError:
            return None
