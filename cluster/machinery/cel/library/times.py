"""Timestamps and durations: their texts and their parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import CelError, Duration, Timestamp

SECOND = 10**9
_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
_PART = re.compile(r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_WHOLE = re.compile(r"^[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$")
_RFC3339 = re.compile(r"^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$")
_OFFSET = re.compile(r"^([+-]?)(\d\d):(\d\d)$")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY = 86400


def duration(text: str) -> Duration:
    if not _WHOLE.match(text):
        raise CelError(f'time: invalid duration "{text}"')
    total = 0
    for number, unit in _PART.findall(text):
        units, _, rest = number.partition(".")
        total += int(units or 0) * _UNITS[unit] + int(rest or 0) * _UNITS[unit] // 10 ** len(rest)
    return Duration(-total if text.startswith("-") else total)


def is_duration(text: str) -> bool:
    return _WHOLE.match(text) is not None


def duration_text(value: Duration) -> str:
    """Return seconds, as CEL writes durations: `90s`, `0.5s`."""
    seconds, rest = divmod(abs(value.nanos), SECOND)
    part = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{'-' if value.nanos < 0 else ''}{seconds}{part}s"


def timestamp(text: str) -> Timestamp:
    match = _RFC3339.match(text)
    if match is None:
        raise CelError(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text}" as "2006"')
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_fixed(match[8]))
    except ValueError:
        raise CelError(f'parsing time "{text}": day out of range') from None
    since = moment - _EPOCH
    rest = int((match[7] or ".0")[1:10].ljust(9, "0"))
    return Timestamp((since.days * _DAY + since.seconds) * SECOND + rest)


def _fixed(offset: str) -> tzinfo:
    if offset in "Zz":
        return timezone.utc
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))


def is_timestamp(text: str) -> bool:
    try:
        timestamp(text)
    except CelError:
        return False
    return True


def timestamp_text(value: Timestamp) -> str:
    seconds, rest = divmod(value.nanos, SECOND)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{rest:09d}".rstrip("0") if rest else "") + "Z"


def _zone(name: str) -> tzinfo:
    match = _OFFSET.match(name)
    if match is not None:
        sign = -1 if match[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise CelError(f"unknown time zone {name}") from None


def _part(read: Callable[[datetime], int]) -> Callable[..., int]:
    def part(value: Timestamp, zone: str = "UTC") -> int:
        where = timezone.utc if zone in ("UTC", "") else _zone(zone)
        return read((_EPOCH + timedelta(seconds=value.nanos // SECOND)).astimezone(where))

    return part


def _of_span(unit: int) -> Callable[[Duration], int]:
    def part(value: Duration) -> int:
        found = abs(value.nanos) // unit
        return found if value.nanos >= 0 else -found

    return part


def _milliseconds(value: Timestamp, zone: str = "UTC") -> int:
    return value.nanos % SECOND // 10**6


def _timed(name: str) -> str:
    return f"timestamp.{name}() int; timestamp.{name}(string) int"


_PARTS: dict[str, Callable[..., Any]] = {
    "getFullYear": _part(lambda moment: moment.year),
    "getMonth": _part(lambda moment: moment.month - 1),
    "getDate": _part(lambda moment: moment.day),
    "getDayOfMonth": _part(lambda moment: moment.day - 1),
    "getDayOfWeek": _part(lambda moment: moment.isoweekday() % 7),
    "getDayOfYear": _part(lambda moment: moment.timetuple().tm_yday - 1),
    "getHours": _part(lambda moment: moment.hour),
    "getMinutes": _part(lambda moment: moment.minute),
    "getSeconds": _part(lambda moment: moment.second),
    "getMilliseconds": _milliseconds,
}

STANDARD = library(
    [
        *((_timed(name), does) for name, does in _PARTS.items()),
        ("duration.getHours() int", _of_span(3600 * SECOND)),
        ("duration.getMinutes() int", _of_span(60 * SECOND)),
        ("duration.getSeconds() int", _of_span(SECOND)),
        ("duration.getMilliseconds() int", _of_span(10**6)),
    ],
    declared=False,
)
