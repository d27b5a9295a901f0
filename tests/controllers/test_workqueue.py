from __future__ import annotations

from cluster.controllers.workqueue import WorkQueue
from cluster.machinery.clock import ManualClock


def queue() -> tuple[WorkQueue, ManualClock]:
    clock = ManualClock(1000.0)
    return WorkQueue(clock), clock


def test_a_key_that_waits_is_not_queued_twice() -> None:
    keys, _ = queue()
    keys.add("a")
    keys.add("b")
    keys.add("a")
    assert [keys.pop(), keys.pop(), keys.pop()] == ["a", "b", None]


def test_of_two_delays_the_earlier_counts() -> None:
    keys, clock = queue()
    keys.add_after("a", 30)
    keys.add_after("a", 10)
    keys.add_after("a", 20)
    assert keys.next_due() == 1010
    clock.move_to(1010)
    assert keys.pop() == "a"
    clock.move_to(1040)
    assert keys.pop() is None and keys.next_due() is None


def test_failures_wait_twice_as_long_each_time_until_the_key_succeeds() -> None:
    keys, clock = queue()
    waits = []
    for _ in range(3):
        keys.add_rate_limited("a")
        waits.append(round((keys.next_due() or 0) - clock.now(), 6))
        clock.move_to(keys.next_due() or 0)
        keys.pop()
    keys.forget("a")
    keys.add_rate_limited("a")
    assert waits == [0.005, 0.01, 0.02]
    assert round((keys.next_due() or 0) - clock.now(), 6) == 0.005


def test_back_off_ends_at_a_thousand_seconds() -> None:
    keys, clock = queue()
    for _ in range(40):
        keys.add_rate_limited("a")
        clock.move_to(keys.next_due() or 0)
        keys.pop()
    keys.add_rate_limited("a")
    assert (keys.next_due() or 0) - clock.now() == 1000
