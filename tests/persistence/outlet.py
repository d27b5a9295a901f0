"""An outlet for worker loops to which nobody listens."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.persistence.replica import Work
from cluster.runtime.simulation import Simulation


class Silent:
    def harvest(self, lab_id: int, simulation: Simulation) -> None: ...

    def deliver(self, lab_id: int) -> None: ...

    def discard(self, lab_id: int) -> None: ...

    def forward(self, lab_id: int, work: Sequence[Work], holder: str) -> None: ...
