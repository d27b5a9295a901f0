"""Durations, cron schedules, percentages, addresses and names."""

from __future__ import annotations

import pytest

from cluster.machinery import cidr, cron, duration, intstr, names

NEW_YEAR = 1_767_225_600.0  # Thursday 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (0, "0s"),
        (119, "119s"),
        (130, "2m10s"),
        (600, "10m"),
        (3 * 3600 + 60, "3h1m"),
        (9 * 3600, "9h"),
        (49 * 3600, "2d1h"),
        (100 * 86400, "100d"),
        (3 * 365 * 86400 + 86400, "3y1d"),
    ],
)
def test_ages_are_short(seconds: float, text: str) -> None:
    assert duration.human_duration(seconds) == text


@pytest.mark.parametrize("text", ["1h30m0s", "1.5s", "250ms", "2m0s", "0s"])
def test_durations_are_read_and_written_as_go_does(text: str) -> None:
    assert duration.go_duration(duration.parse_duration(text)) == text


@pytest.mark.parametrize(
    ("schedule", "minutes"),
    [("* * * * *", 1), ("*/15 * * * *", 15), ("@hourly", 60), ("30 1 * * *", 90), ("0 0 * * fri", 24 * 60)],
)
def test_schedules_find_their_next_minute(schedule: str, minutes: int) -> None:
    assert cron.parse(schedule).next(NEW_YEAR) == NEW_YEAR + 60 * minutes


def test_day_and_weekday_are_alternatives() -> None:
    assert cron.parse("0 0 15 * sat").next(NEW_YEAR) == NEW_YEAR + 2 * 86400


def test_a_time_zone_moves_the_day() -> None:
    assert cron.parse("0 0 * * *").next(NEW_YEAR, "Europe/Berlin") == NEW_YEAR + 23 * 3600


def test_a_day_that_never_comes_has_no_next() -> None:
    assert cron.parse("0 0 30 2 *").next(NEW_YEAR) is None


def test_a_broken_schedule_is_told_in_the_originals_words() -> None:
    with pytest.raises(ValueError, match=r"expected exactly 5 fields, found 2: \[every minute\]"):
        cron.parse("every minute")


def test_shares_round_up_or_down() -> None:
    assert intstr.scaled("25%", 10, round_up=True) == 3
    assert intstr.scaled("25%", 10, round_up=False) == 2
    assert intstr.scaled(4, 10, round_up=True) == 4


def test_a_pod_range_is_shared_out_among_nodes() -> None:
    assert cidr.nth_subnet("10.244.0.0/16", 24, 2) == "10.244.2.0/24"
    assert cidr.nth_address("10.96.0.0/12", 10) == "10.96.0.10"
    assert cidr.contains("10.244.2.0/24", "10.244.2.7")


@pytest.mark.parametrize("text", ["Web", "-a", "a" * 64, "a_b", ""])
def test_labels_are_lower_case_letters_digits_and_dashes(text: str) -> None:
    assert names.dns_label(text)
    assert not names.dns_label("web-1")
