"""One measured figure beside its budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """`value` and `budget` are in `unit`; smaller is better."""

    name: str
    value: float
    budget: float
    unit: str

    @property
    def ratio(self) -> float:
        return self.value / self.budget

    def data(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "budget": self.budget,
            "unit": self.unit,
            "ratio": round(self.ratio, 3),
        }


@dataclass(frozen=True)
class Bench:
    """What a measurement is given: a folder of its own to work in."""

    folder: Path


Measure = Callable[[Bench], Sequence[Figure]]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
