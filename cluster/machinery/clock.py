"""Virtual time: seconds since the epoch, given and never taken, and its Kubernetes spellings."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """Whatever knows the lab's present moment."""

    def now(self) -> float:
        """Return virtual seconds since the Unix epoch."""
        ...


class ManualClock:
    """A clock that stands still until it is moved; the simulation and every test use it."""

    def __init__(self, start: float = 1_767_225_600.0):
        self._now = start

    def now(self) -> float:
        return self._now

    def move_to(self, moment: float) -> None:
        """Move forward to `moment`; moving back is a bug of the caller."""
        if moment < self._now:
            raise ValueError(f"virtual time cannot run backwards: {moment} < {self._now}")
        self._now = moment


def timestamp(moment: float) -> str:
    """Return `metav1.Time` (whole seconds): 2026-01-01T00:00:00Z."""
    return _spelled(int(moment))


@lru_cache(maxsize=1024)
def _spelled(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_timestamp(moment: float) -> str:
    """Return `metav1.MicroTime`: 2026-01-01T00:00:00.000000Z."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(text: str) -> float:
    """Return the moment of an RFC 3339 text; ValueError when it is none."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
