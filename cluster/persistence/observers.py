"""Whoever wants to look at every lab after each slice (the lessons do) registers here when Django starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cluster.runtime.simulation import Simulation

Frame = dict[str, Any]
Observer = Callable[[int, Simulation], Sequence[Frame]]


class Observers:
    """The registered observers. Each is given the lab's number and its simulation inside the slice, on the
    worker's thread, and returns frames for the pages that show the lab, sent once the slice is committed."""

    def __init__(self) -> None:
        self._observers: list[Observer] = []

    def register(self, observer: Observer) -> None:
        if observer not in self._observers:
            self._observers.append(observer)

    def look(self, lab_id: int, simulation: Simulation) -> list[Frame]:
        return [frame for observer in self._observers for frame in observer(lab_id, simulation)]


OBSERVERS = Observers()
