"""The list of known differences is well formed: each has a reason, told in every language, and none is idle."""

from __future__ import annotations

from cluster.honesty.known import reasons, scenarios, steps, tables


def test_every_difference_has_a_reason_and_every_reason_a_difference() -> None:
    assert {one.reason for one in (*steps(), *scenarios(), *tables())} == set(reasons())


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(set(text) == {"en", "zh-hans"} and all(text.values()) for text in reasons().values())


def test_no_difference_is_listed_twice() -> None:
    listed = [(one.recording, one.step) for one in (*steps(), *scenarios())]
    assert len(listed) == len(set(listed))
