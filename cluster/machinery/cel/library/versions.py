"""Semantic versions. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from cluster.machinery.cel.library.network import passes
from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import CelError, Opaque

_NUMBER = r"(0|[1-9]\d*)"
_SHAPE = re.compile(rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$")
_LOOSE = re.compile(r"^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$")


@dataclass(frozen=True, slots=True)
class Semver(Opaque):
    TYPE: ClassVar[str] = "kubernetes.Semver"
    numbers: tuple[int, int, int]
    before: tuple[str, ...] = ()
    build: str = ""


def _semver(text: str) -> Semver:
    match = _SHAPE.match(text)
    if match is None:
        why = "No Major.Minor.Patch elements found" if text.count(".") < 2 else "Invalid character(s) found"
        raise CelError(f"Semver parse error during conversion from string: {why}")
    numbers = (int(match[1]), int(match[2]), int(match[3]))
    return Semver(numbers, tuple((match[4] or "").split(".")) if match[4] else (), match[5] or "")


def _normalised(text: str, normalise: bool) -> Semver:
    match = _LOOSE.match(text) if normalise else None
    if match is None:
        return _semver(text)
    numbers = ".".join(str(int(part or 0)) for part in match.groups()[:3])
    return _semver(numbers + (match[4] or ""))


def _rank(part: str) -> tuple[int, int, str]:
    """Numbers come before words, and by their size."""
    return (0, int(part), "") if part.isdigit() else (1, 0, part)


def _key(one: Semver) -> tuple[tuple[int, int, int], bool, list[tuple[int, int, str]]]:
    return one.numbers, not one.before, [_rank(part) for part in one.before]


def _compare(one: Semver, other: Semver) -> int:
    left, right = _key(one), _key(other)
    return (left > right) - (left < right)


SEMVER = library(
    [
        ("semver(string) Semver", _semver),
        ("semver(string, bool) Semver", _normalised),
        ("isSemver(string) bool", passes(_semver)),
        ("isSemver(string, bool) bool", lambda text, normalise: passes(lambda one: _normalised(one, normalise))(text)),
        ("Semver.major() int", lambda one: one.numbers[0]),
        ("Semver.minor() int", lambda one: one.numbers[1]),
        ("Semver.patch() int", lambda one: one.numbers[2]),
        ("Semver.isLessThan(Semver) bool", lambda one, other: _compare(one, other) < 0),
        ("Semver.isGreaterThan(Semver) bool", lambda one, other: _compare(one, other) > 0),
        ("Semver.compareTo(Semver) int", _compare),
    ]
)
