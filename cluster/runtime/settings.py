"""What a lab is made of, chosen once when it is created."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

WORKERS = 3


@dataclass(frozen=True)
class LabSettings:
    """`workers` may be -1: no node at all, not even the control plane's (`labs create --nodes 0`).

    `profile` names a preset of `cluster.runtime.presets`; `start` is the virtual second the lab begins at.
    `keyring` is mixed into the keys of the lab's authority, which without it follow from the seed alone;
    `sealed` says that nobody outside knows it, so that its certificates count for clients from outside.
    """

    seed: int = 1
    workers: int = WORKERS
    profile: str = "default"
    instant: bool = False
    start: float = 1_767_225_600.0
    keyring: str = ""
    sealed: bool = False

    def data(self) -> dict[str, Any]:
        """Return the JSON form that is stored with the lab."""
        return asdict(self)
