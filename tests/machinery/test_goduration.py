"""Go durations and ages."""

from __future__ import annotations

import pytest

from cluster.machinery import goduration


@pytest.mark.parametrize(("text", "seconds"), [("1h2m3s", 3723), ("500ms", 0.5), ("0", 0), ("-1s", -1), ("1.5h", 5400)])
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert goduration.parse(text) == seconds


@pytest.mark.parametrize(("text", "problem"), [
    ("5", 'time: missing unit in duration "5"'), ("x", 'time: invalid duration "x"'),
    ("5y", 'time: unknown unit "y" in duration "5y"')])
def test_what_is_none_is_refused_in_gos_words(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="time: ") as caught:
        goduration.parse(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize(("seconds", "text"), [
    (5, "5s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (3600, "60m"), (4 * 3600 + 60, "4h1m"), (2 * 86400, "2d"),
    (800 * 86400, "2y70d")])
def test_an_age_shows_at_most_two_units(seconds: int, text: str) -> None:
    assert goduration.human(seconds) == text
