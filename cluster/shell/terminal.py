"""The terminal line discipline of a process with a tty: who gets the keys, echo, and the keys that are signals."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from cluster.shell.completion import completer_for
from cluster.shell.kernel import Kernel
from cluster.shell.lineeditor import LineEditor

if TYPE_CHECKING:
    from cluster.shell.processes import Machine
    from cluster.shell.shell import Shell

_SIGNAL_KEYS = {"\x03": "INT", "\x1c": "QUIT", "\x1a": "TSTP"}


class Terminal:
    """Works on `process["stdin"]`: raw keys go to the program, else to the line editor or the cooked line."""

    def __init__(self, machine: Machine, kernel: Kernel):
        self.machine = machine
        self.kernel = kernel
        self.process = kernel.process

    def take_input(self) -> None:
        """Hand what was typed on, as far as it goes now."""
        while self.process["stdin"] and not self.process["raw"] and self.process["exit"] is None:
            before = len(self.process["stdin"])
            if self.process["line"].get("active"):
                self._edit()
            elif "done" in self.process["line"]:
                return
            else:
                self._cook()
            if len(self.process["stdin"]) >= before:
                return

    def _decoded(self) -> tuple[str, bytes]:
        """Return the typed text, and the bytes of a letter that has not wholly arrived."""
        data = self.process["stdin"].encode("latin-1")
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(data)
        return text, decoder.getstate()[0]

    def _edit(self) -> None:
        shell = self.reader()
        if shell is None:
            self.process["line"] = {}
            return
        text, rest = self._decoded()
        editor = LineEditor(self.process, shell.data.setdefault("history", []), completer_for(shell))
        left = editor.feed(text)
        self.process["stdin"] = (left.encode() + rest).decode("latin-1")
        if editor.output:
            self.kernel._output(1, "".join(editor.output).encode(), tty=False)

    def reader(self) -> Shell | None:
        """Return the interactive shell that stands at its prompt."""
        from cluster.shell.shell import Shell

        for task in self.kernel.live():
            if task["kind"] == "shell" and task["sh"]["frames"] and task["sh"]["frames"][-1]["k"] == "Prompt":
                return Shell(self.machine, self.kernel, task)
        return None

    def _cook(self) -> None:
        """Edit a line for a program that reads it: echo, erase, signals, end of file."""
        text, rest = self._decoded()
        line = str(self.process.get("cooked", ""))
        echo = ""
        for i, key in enumerate(text):
            if key in _SIGNAL_KEYS:
                echo += {"\x03": "^C\r\n", "\x1c": "^\\\r\n", "\x1a": "^Z"}[key]
                self._flush(line="", echo=echo)
                self.process["stdin"] = (text[i + 1 :].encode() + rest).decode("latin-1")
                self.machine.interrupt(self.kernel, _SIGNAL_KEYS[key])
                return
            if key in "\r\n":
                echo += "\r\n"
                self.process["tty_lines"].append((line + "\n").encode().decode("latin-1"))
                line = ""
            elif key == "\x04":
                self.process["tty_lines"].append(line.encode().decode("latin-1"))
                line = ""
            elif key in "\x7f\x08":
                echo += "\b \b" if line else ""
                line = line[:-1]
            elif key == "\x15":
                echo += "\b \b" * len(line)
                line = ""
            elif key >= " " or key == "\t":
                echo += key
                line += key
            else:
                echo += "^" + chr(ord(key) + 64)
                line += key
        self.process["stdin"] = rest.decode("latin-1")
        self._flush(line=line, echo=echo)

    def _flush(self, *, line: str, echo: str) -> None:
        self.process["cooked"] = line
        if echo:
            self.kernel._output(1, echo.encode(), tty=False)

    def type_ahead(self) -> None:
        """Give the line editor what was typed while a program ran."""
        lines = "".join(self.process["tty_lines"])
        cooked = str(self.process.pop("cooked", "")).encode().decode("latin-1")
        self.process["tty_lines"] = []
        if lines or cooked:
            self.process["stdin"] = lines + cooked + self.process["stdin"]
