"""A lab's virtual clock, told from the wall clock by the lab's row.

While it runs at ×1 and nobody paused it, it equals the wall clock. A lab nobody ran for a while
(the server was off) does not live through all of it: it catches up `CATCH_UP` seconds of virtual
time at most; what lies between is skipped at the end, as for a machine that slept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

CATCH_UP = 600.0
LAG = 0.5  # seconds of the wall a fast clock may run ahead of the simulation before it is held back
SLOWEST, FASTEST = 0.1, 1000.0


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clock's columns of a lab; `reached` is how far the simulation has got."""

    virtual_base: float
    wall_base: float
    speed: float
    paused: bool
    reached: float
    jump_to: float | None = None

    def at(self, wall: float) -> float:
        """Return the virtual moment of a wall moment."""
        if self.jump_to is not None or self.paused:
            return max(self.reached, self.virtual_base)
        return max(self.reached, self.virtual_base + max(0.0, wall - self.wall_base) * self.speed)

    def target(self, wall: float) -> float:
        """Return how far the simulation should run now."""
        return max(self.jump_to, self.reached) if self.jump_to is not None else self.at(wall)

    def wall_of(self, moment: float, wall: float) -> float | None:
        """Return the wall moment at which the clock shows `moment`; None when it never will."""
        if self.jump_to is not None:
            return wall
        if self.paused:
            return None if moment > self.at(wall) else wall
        return self.wall_base + (moment - self.virtual_base) / self.speed

    def rebased(self, moment: float, wall: float) -> ClockState:
        """Return the clock that shows `moment` now and goes on as it went."""
        return replace(self, virtual_base=moment, wall_base=wall)

    def with_pause(self, paused: bool, wall: float) -> ClockState:
        """Return the clock stopped or running; a jump on its way ends where it has got to."""
        return replace(self.rebased(self.at(wall), wall), paused=paused, jump_to=None)

    def with_speed(self, speed: float, wall: float) -> ClockState:
        speed = min(max(speed, SLOWEST), FASTEST)
        return replace(self.rebased(self.at(wall), wall), speed=speed, jump_to=None)

    def jumping(self, moment: float, wall: float) -> ClockState:
        """Return the clock that hurries to `moment`, timers and all."""
        return replace(self.rebased(self.at(wall), wall), jump_to=max(moment, self.at(wall)))

    def landed(self, wall: float) -> ClockState:
        return replace(self.rebased(self.reached, wall), jump_to=None)


class LabClock:
    """The clock an API server of the web process reads; it goes on between two readings."""

    def __init__(self, state: ClockState):
        self.state = state

    def now(self) -> float:
        return self.state.at(time.time())
