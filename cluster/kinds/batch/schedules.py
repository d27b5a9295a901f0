"""Checks of a CronJob's schedule and time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from cluster.kinds.validation.fields import Errors
from cluster.machinery.cron import parse
from cluster.machinery.fielderrors import invalid_value, required

_EXPLICIT = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"


def schedule(path: str, text: str, zone: str | None) -> Errors:
    if not text:
        return [required(path)]
    if "TZ" in text:
        words = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        if zone is not None:
            words = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        return [invalid_value(path, text, words)]
    try:
        parse(text)
    except ValueError as problem:
        return [invalid_value(path, text, str(problem))]
    return []


def time_zone(path: str, zone: str | None) -> Errors:
    if zone is None:
        return []
    if not zone:
        return [invalid_value(path, zone, "timeZone must be nil or non-empty string")]
    if zone.lower() == "local":
        return [invalid_value(path, zone, _EXPLICIT)]
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return [invalid_value(path, zone, f"unknown time zone {zone}")]
    return []
