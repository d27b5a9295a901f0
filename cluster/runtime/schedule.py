"""Whose turn it is: delivers revisions to components and steps them in a fixed order on one clock.

The order is the table's, so the same writes lead to the same run. A stopped component neither sees
nor does anything; started again it looks at everything, as a restarted process would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cluster.apiserver.component import Component
from cluster.machinery.clock import ManualClock
from cluster.store.interface import Revision

# Steps of one component before the next gets its turn: large enough to be cheap, small enough
# that a Deployment's pods are scheduled and started while its ReplicaSet still creates more.
TURN = 16


class Schedule:
    """The run loop. `arrivals` returns the revisions written since it was last called."""

    def __init__(self, clock: ManualClock, components: Sequence[Component], arrivals: Callable[[], Iterable[Revision]]):
        self.clock = clock
        self.components = list(components)
        self._arrivals = arrivals
        self._stopped: frozenset[str] = frozenset()
        self._running = self.components

    @property
    def stopped(self) -> frozenset[str]:
        return self._stopped

    def stop_only(self, names: Iterable[str]) -> None:
        """Let exactly these components stand still; those that start again resume."""
        before, self._stopped = self._stopped, frozenset(names)
        self._running = [component for component in self.components if component.name not in self._stopped]
        for component in self.running():
            if component.name in before:
                component.resume()

    def running(self) -> list[Component]:
        return self._running

    def resume(self) -> None:
        """Begin, or begin again in another worker."""
        self._arrivals()
        for component in self.running():
            component.resume()

    def deliver(self) -> None:
        """Show every running component what was written since."""
        running = self.running()
        for revision in self._arrivals():
            for component in running:
                component.observe(revision)

    def next_due(self) -> float | None:
        """Return when the next work is due; the present when something waits already."""
        self.deliver()
        moments = [moment for component in self.running() if (moment := component.next_due()) is not None]
        return min(moments, default=None)

    def run_until(self, moment: float, pause: Callable[[], bool] = lambda: False) -> bool:
        """Do all work due up to `moment`; return False when `pause` asked to stop before the end.

        The clock ends at `moment` only when everything before it is done.
        """
        moment = max(moment, self.clock.now())
        while not pause():
            due = self._turn()
            if due is None or due > moment:
                self.clock.move_to(moment)
                return True
            self.clock.move_to(max(due, self.clock.now()))
        return False

    def _turn(self) -> float | None:
        """Give each running component its turn; return when the next is due: now, if any did something."""
        now = self.clock.now()
        earliest = None
        for component in self.running():
            self.deliver()
            due = component.next_due()
            if due is None:
                continue
            if due <= now and _work(component):
                due = now
            earliest = due if earliest is None else min(earliest, due)
        return earliest


def _work(component: Component) -> bool:
    done = 0
    while done < TURN and component.step():
        done += 1
    return done > 0
