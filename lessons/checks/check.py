"""The contract of a check type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cluster.runtime.view import LabView, Revision


class Check(Protocol):
    """Judges one condition on a lab.

    `lasting` ones are about something that happens (a deletion, a command): once true they stay ticked.
    The others are about how things are, and must hold when the step is judged.
    """

    lasting: bool

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        """Judge now; `news` are the revisions since the last time this was asked."""
        ...
