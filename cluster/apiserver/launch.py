"""How the API server's process was started: its flags, and the files they name as they stood at that moment.

A real kube-apiserver reads its token file, policy files and certificates at start, and needs a
restart to see another version; so does this one. `STATE_KEY` names where the state book keeps the
running process, which all API servers of a lab obey, in whichever system process they live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STATE_KEY = "apiserver/running"


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of the process. `serving` is False while no API server of the lab answers at all."""

    values: Mapping[str, str] = field(default_factory=dict)  # flag without dashes -> the last value given
    files: Mapping[str, str] = field(default_factory=dict)  # path -> text as read at start
    since: float = 0.0
    serving: bool = True

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Launch:
        """Return the start a state book's entry tells of; without one, a server with no flags at all."""
        if not kept:
            return cls()
        values = values_of(kept.get("argv") or ())
        return cls(values, kept.get("files") or {}, float(kept.get("since") or 0.0), bool(kept.get("serving", True)))

    def value(self, flag: str, default: str = "") -> str:
        return self.values.get(flag, default)

    def words(self, flag: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Return a comma-separated flag's words."""
        text = self.values.get(flag)
        return tuple(default) if text is None else tuple(word.strip() for word in text.split(",") if word.strip())

    def is_on(self, flag: str, default: bool = False) -> bool:
        text = self.values.get(flag)
        return default if text is None else text.lower() in ("true", "1", "t", "")

    def file(self, flag: str) -> str | None:
        """Return the text of the file a flag names; None without the flag, or where there was no such file."""
        return self.files.get(self.values.get(flag, ""))


def values_of(argv: Sequence[str]) -> dict[str, str]:
    """Return flag -> value of `--flag=value` and `--flag` words."""
    found = {}
    for word in argv:
        if word.startswith("--"):
            flag, _, value = word[2:].partition("=")
            found[flag] = value
    return found
