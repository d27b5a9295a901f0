"""Completion indexes of Indexed Jobs and their short form: `0,2-5`."""

from __future__ import annotations

from collections.abc import Iterable

from cluster.machinery.meta import Object, annotations_of

INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES = "batch.kubernetes.io/job-index-failure-count"


def parse(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def shown(indexes: Iterable[int]) -> str:
    """Return the ranges; two neighbours are written `0,1`, three or more `0-2`."""
    parts: list[str] = []
    ordered = sorted(indexes)
    start = 0
    while start < len(ordered):
        end = start
        while end + 1 < len(ordered) and ordered[end + 1] == ordered[end] + 1:
            end += 1
        first, last = ordered[start], ordered[end]
        joint = "-" if end - start > 1 else ","
        parts.append(str(first) if first == last else f"{first}{joint}{last}")
        start = end + 1
    return ",".join(parts)


def index_of(pod: Object) -> int | None:
    value = annotations_of(pod).get(INDEX)
    return int(value) if value is not None and value.isdigit() else None


def failures_of(pod: Object) -> int:
    return int(annotations_of(pod).get(FAILURES, "0"))
