"""A command line run in a lab's terminal by a management command, whether or not a server is running.

The command becomes the lab's worker for as long as the line takes: it takes the lease over, runs
slices on the lab's clock as a worker does, and gives the lease back. A running server's worker
notices and loads the lab anew.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from cluster.models import Lab
from cluster.persistence.replica import Replica
from cluster.persistence.worker_loop import COMMANDS
from cluster.runtime.simulation import SESSION, Outcome, Simulation

CATCH_UP = 20.0  # seconds of the wall at most
LOOK = 0.1  # seconds between two looks at a line that waits for something


class Errand:
    """A lab in the hands of one management command."""

    def __init__(self, lab: Lab):
        self._replica = Replica(lab.pk, f"{COMMANDS}{os.getpid()}-{secrets.token_hex(4)}", takes_over=True)
        self._catch_up()

    def _catch_up(self) -> None:
        """Let happen what was due while nobody ran the lab, so that the line sees the present."""
        end = time.monotonic() + CATCH_UP
        while not self._replica.run(budget=0.1).done and time.monotonic() < end:
            pass

    def do(self, work: Callable[[Simulation], None]) -> None:
        """Do something inside one slice."""
        self._replica.run([work])

    def run(self, line: str, session: str = SESSION) -> Outcome:
        """Run one line to its end, on the lab's clock."""
        jobs: list[str] = []
        self.do(lambda simulation: jobs.append(simulation.terminals.begin_line(session, line)))
        while (outcome := self._ended(jobs[0])) is None:
            again = self._replica.run().again
            time.sleep(min(LOOK, max(0.0, again - time.time())) if again is not None else LOOK)
        return outcome

    def _ended(self, job: str) -> Outcome | None:
        found: list[Outcome] = []

        def look(simulation: Simulation) -> None:
            code = simulation.terminals.line_code(job)
            if code is not None:
                stdout, stderr = simulation.terminals.end_line(job)
                found.append(Outcome(stdout.decode(errors="replace"), stderr.decode(errors="replace"), code))

        self.do(look)
        return found[0] if found else None

    def write_files(self, files: Mapping[str, str]) -> None:
        """Lay files into the terminal's home."""
        self.do(lambda simulation: simulation.write_files(files))

    def release(self) -> None:
        self._replica.release()


@contextmanager
def errand(lab: Lab) -> Iterator[Errand]:
    """Hold a lab for a management command."""
    held = Errand(lab)
    try:
        yield held
    finally:
        held.release()
