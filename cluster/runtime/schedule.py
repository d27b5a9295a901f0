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

    @property
    def stopped(self) -> frozenset[str]:
        return self._stopped

    def stop_only(self, names: Iterable[str]) -> None:
        """Let exactly these components stand still; those that start again resume."""
        before, self._stopped = self._stopped, frozenset(names)
        for component in self.running():
            if component.name in before:
                component.resume()

    def running(self) -> list[Component]:
        return [component for component in self.components if component.name not in self._stopped]

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
        while not pause():
            if self._turn():
                continue
            due = self.next_due()
            if due is None or due > moment:
                self.clock.move_to(max(moment, self.clock.now()))
                return True
            self.clock.move_to(max(due, self.clock.now()))
        return False

    def _turn(self) -> bool:
        """Give each running component its turn at the present moment; say whether any did something."""
        worked = False
        now = self.clock.now()
        for component in self.running():
            self.deliver()
            due = component.next_due()
            if due is not None and due <= now:
                worked |= _work(component)
        return worked


def _work(component: Component) -> bool:
    done = 0
    while done < TURN and component.step():
        done += 1
    return done > 0
