"""Lengths of time: as kubectl shortens them (`HumanDuration`), and Go's own spelling (`1h30m0s`)."""

from __future__ import annotations

import re

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")


def _two(amount: int, unit: str, rest: int, smaller: str) -> str:
    return f"{amount}{unit}{rest}{smaller}" if rest else f"{amount}{unit}"


def human_duration(seconds: float) -> str:
    """Return an age as `kubectl get` prints it: 45s, 5m30s, 15m, 3h20m, 2d4h, 100d, 3y20d."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 2 * MINUTE:
        return f"{whole}s"
    return _minutes(whole) if whole < 3 * HOUR else _hours(whole)


def _minutes(whole: int) -> str:
    minutes = whole // MINUTE
    return _two(minutes, "m", whole % MINUTE, "s") if minutes < 10 else f"{minutes}m"


def _hours(whole: int) -> str:
    hours = whole // HOUR
    if hours < 8:
        return _two(hours, "h", whole // MINUTE % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 8 * 24:
        return _two(hours // 24, "d", hours % 24, "h")
    if hours < 2 * 365 * 24:
        return f"{hours // 24}d"
    if hours < 8 * 365 * 24:
        return _two(hours // 24 // 365, "y", hours // 24 % 365, "d")
    return f"{hours // 24 // 365}y"


def parse_duration(text: str) -> float:
    """Return the seconds of a Go duration (`1h30m`, `-5s`, `0`); ValueError in Go's words."""
    sign, rest = (-1.0, text[1:]) if text[:1] == "-" else (1.0, text.removeprefix("+"))
    if rest == "0":
        return 0.0
    parts = list(_PART.finditer(rest))
    if not parts or "".join(part.group(0) for part in parts) != rest:
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * sum(float(part.group(1)) * _UNITS[part.group(2)] for part in parts)


def go_duration(seconds: float) -> str:
    """Return the duration as Go prints it: 1h30m0s, 2m0s, 1.5s, 250ms, 0s."""
    nanos = round(abs(seconds) * 1e9)
    sign = "-" if seconds < 0 and nanos else ""
    if nanos == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 10**3), ("ms", 10**6)):
        if nanos < size * 1000 and nanos < 10**9:
            return f"{sign}{_decimal(nanos, size)}{unit}"
    minutes, rest = divmod(nanos, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest, 10**9)}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else sign + text


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    digits = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)
