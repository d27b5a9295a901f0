"""Cron schedules as Kubernetes reads them (robfig/cron v3, `ParseStandard`): five fields, `@hourly`, `@every`.

Errors carry the original's words, since they reach the learner through validation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from cluster.machinery.duration import parse_duration

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_YEARS_SEARCHED = 5


@dataclass(frozen=True)
class _Bounds:
    low: int
    high: int
    names: tuple[str, ...] = ()
    first: int = 0  # the number of the first name


_FIELDS = (
    _Bounds(0, 59),
    _Bounds(0, 23),
    _Bounds(1, 31),
    _Bounds(1, 12, _MONTHS, 1),
    _Bounds(0, 6, _DAYS, 0),
)


@dataclass(frozen=True)
class Schedule:
    """A parsed schedule. `every` is set for `@every`, otherwise the five sets are."""

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = False
    any_weekday: bool = False
    every: float = 0.0

    def next(self, after: float, zone: str = "") -> float | None:
        """Return the first moment after `after` (epoch seconds); None when there is none within five years."""
        if self.every:
            return float(int(after)) + self.every
        place: tzinfo = ZoneInfo(zone) if zone else timezone.utc
        moment = datetime.fromtimestamp(after, place).replace(second=0, microsecond=0, tzinfo=None)
        last_year = moment.year + _YEARS_SEARCHED
        moment += timedelta(minutes=1)
        while moment.year <= last_year:
            later = self._later(moment)
            if later is not None:
                moment = later
                continue
            found = moment.replace(tzinfo=place).timestamp()
            if found > after:
                return found
            moment += timedelta(minutes=1)
        return None

    def _later(self, moment: datetime) -> datetime | None:
        """Return the next candidate when `moment` does not match, None when it does."""
        if moment.month not in self.months:
            year, month = divmod(moment.month, 12)
            return moment.replace(year=moment.year + year, month=month + 1, day=1, hour=0, minute=0)
        if not self._has_day(moment):
            return moment.replace(hour=0, minute=0) + timedelta(days=1)
        if moment.hour not in self.hours:
            return moment.replace(minute=0) + timedelta(hours=1)
        return moment + timedelta(minutes=1) if moment.minute not in self.minutes else None

    def _has_day(self, moment: datetime) -> bool:
        by_date = moment.day in self.days
        by_weekday = (moment.weekday() + 1) % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_date and by_weekday
        return by_date or by_weekday


@lru_cache(maxsize=1024)
def parse(text: str) -> Schedule:
    """Return the schedule; ValueError with robfig/cron's message."""
    if not text:
        raise ValueError("empty spec string")
    if text.startswith("@"):
        return _macro(text)
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    sets = [_field(field, bounds) for field, bounds in zip(fields, _FIELDS, strict=True)]
    stars = [_is_star(field) for field in fields]
    return Schedule(sets[0], sets[1], sets[2], sets[3], sets[4], any_day=stars[2], any_weekday=stars[4])


def _is_star(field: str) -> bool:
    return any(
        part.partition("/")[0] in ("*", "?") and part.partition("/")[2] in ("", "1") for part in field.split(",")
    )


def _macro(text: str) -> Schedule:
    if text in _MACROS:
        return parse(_MACROS[text])
    if text.startswith("@every "):
        try:
            seconds = parse_duration(text.removeprefix("@every "))
        except ValueError as problem:
            raise ValueError(f"failed to parse duration {text}: {problem}") from problem
        return Schedule(every=max(1.0, float(int(seconds))))
    raise ValueError(f"unrecognized descriptor: {text}")


def _field(field: str, bounds: _Bounds) -> frozenset[int]:
    chosen: set[int] = set()
    for part in field.split(","):
        if part:
            chosen.update(_range(part, bounds))
    return frozenset(chosen)


def _range(expression: str, bounds: _Bounds) -> range:
    pieces = expression.split("/")
    ends = pieces[0].split("-")
    if ends[0] in ("*", "?"):
        start, end = bounds.low, bounds.high
    else:
        start = _number(ends[0], bounds)
        end = _number(ends[1], bounds) if len(ends) == 2 else start
        if len(ends) > 2:
            raise ValueError(f"too many hyphens: {expression}")
    if len(pieces) > 2:
        raise ValueError(f"too many slashes: {expression}")
    step = _whole(pieces[1]) if len(pieces) == 2 else 1
    if len(pieces) == 2 and len(ends) == 1 and ends[0] not in ("*", "?"):
        end = bounds.high
    return _checked(start, end, step, expression, bounds)


def _checked(start: int, end: int, step: int, expression: str, bounds: _Bounds) -> range:
    if start < bounds.low:
        raise ValueError(f"beginning of range ({start}) below minimum ({bounds.low}): {expression}")
    if end > bounds.high:
        raise ValueError(f"end of range ({end}) above maximum ({bounds.high}): {expression}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {expression}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {expression}")
    return range(start, end + 1, step)


def _number(text: str, bounds: _Bounds) -> int:
    lowered = text.lower()
    if lowered in bounds.names:
        return bounds.names.index(lowered) + bounds.first
    return _whole(text)


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        why = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise ValueError(f"failed to parse int from {text}: {why}") from None
    if number < 0:
        raise ValueError(f"negative number ({number}) not allowed: {text}")
    return number
