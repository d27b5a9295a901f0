"""What `/debug/api_priority_and_fairness/dump_priority_levels` shows."""

from __future__ import annotations

from collections.abc import Mapping

from cluster.apiserver.flowcontrol.seats import Level

PATH = "/debug/api_priority_and_fairness/dump_priority_levels"
_COLUMNS = (
    *("PriorityLevelName", "ActiveQueues", "IsIdle", "IsQuiescing", "WaitingRequests", "ExecutingRequests"),
    *("DispatchedRequests", "RejectedRequests", "TimedoutRequests", "CancelledRequests"),
)


def levels_text(levels: Mapping[str, Level]) -> str:
    """Return the table, aligned as the real server aligns it."""
    rows = [_COLUMNS, *(_row(name, level) for name, level in sorted(levels.items()))]
    widths = [max(len(row[column]) for row in rows) + 2 for column in range(len(_COLUMNS))]
    return "".join(
        "".join(f"{cell},".ljust(width) for cell, width in zip(row, widths, strict=True)) + "\n" for row in rows
    )


def _row(name: str, level: Level) -> tuple[str, ...]:
    counts = (level.waiting, level.running, level.dispatched, level.refused, level.timed_out, 0)
    idle = "false" if level.running or level.waiting else "true"
    return (name, str(level.active_queues), idle, "false", *map(str, counts))
