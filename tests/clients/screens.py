"""A program in a terminal, and a person who reads its screen, types and drags the window."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

PATIENCE = 30.0


class Screen:
    """A running program whose whole input and output is a terminal; use it in a `with`."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], rows: int = 24, columns: int = 80):
        self._handle, theirs = pty.openpty()
        self._set_size(rows, columns)
        self._text = ""
        self.program = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environ), start_new_session=True
        )
        os.close(theirs)

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self._handle)

    def wait_for(self, wanted: str) -> str:
        """Read until it is there; return what was shown up to and with it, which the next search leaves out."""
        end = time.monotonic() + PATIENCE
        while wanted not in self._text:
            assert time.monotonic() < end, f"{wanted!r} is not in {self._text!r}"
            if select.select([self._handle], [], [], 0.2)[0]:
                self._text += self._read()
        before, _, self._text = self._text.partition(wanted)
        return before + wanted

    def _read(self) -> str:
        try:
            return os.read(self._handle, 4096).decode(errors="replace")
        except OSError as error:  # what Linux says when the other side has closed
            raise AssertionError(f"it ended with {self.program.poll()} after {self._text!r}") from error

    def type(self, line: str) -> None:
        os.write(self._handle, line.encode() + b"\r")

    def resize(self, rows: int, columns: int) -> None:
        self._set_size(rows, columns)
        self.program.send_signal(signal.SIGWINCH)  # as the kernel does to the group in front

    def _set_size(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def code(self) -> int:
        """Wait for the program's end; return its exit code."""
        return self.program.wait(timeout=PATIENCE)
