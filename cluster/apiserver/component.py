"""What every part of the control plane looks like to the simulation that runs it."""

from __future__ import annotations

from typing import Protocol

from cluster.store.interface import Revision


class Component(Protocol):
    """A controller, the scheduler, all kubelets …: fed with revisions, stepped while it has work.

    Everything it must not forget is in the store or the state book; its queues may be lost, since
    `resume` makes it look at everything again, as a real component does after a restart.
    """

    name: str

    def resume(self) -> None:
        """Begin, or begin again after a restart: look at all there is and queue it."""
        ...

    def observe(self, revision: Revision) -> None:
        """Take note of one write (its own included). Only queue; never write from here."""
        ...

    def next_due(self) -> float | None:
        """Return the virtual time of its next work: now or earlier when something waits, None when nothing does."""
        ...

    def step(self) -> bool:
        """Do one piece of work due at `clock.now()`; return False when there was none."""
        ...
