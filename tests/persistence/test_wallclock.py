"""The virtual clock told from the wall."""

from __future__ import annotations

from cluster.persistence.wallclock import ClockState

RUNNING = ClockState(virtual_base=1000, wall_base=50, speed=1, paused=False, reached=1000)


def test_it_runs_with_the_wall() -> None:
    assert RUNNING.at(60) == 1010
    assert RUNNING.wall_of(1010, 55) == 60


def test_it_never_runs_behind_the_simulation() -> None:
    assert ClockState(1000, 50, 1, False, reached=2000).at(60) == 2000


def test_a_paused_clock_stands_and_waits_for_nothing() -> None:
    paused = RUNNING.with_pause(True, 60)
    assert paused.at(99) == 1010
    assert paused.wall_of(1011, 99) is None
    assert paused.with_pause(False, 100).at(105) == 1015


def test_a_change_of_speed_keeps_the_present() -> None:
    fast = RUNNING.with_speed(100, 60)
    assert (fast.at(60), fast.at(61)) == (1010, 1110)
    assert fast.wall_of(1110, 60) == 61
    assert RUNNING.with_speed(1e9, 60).speed == 1000


def test_a_jump_aims_ahead_and_lands_where_the_simulation_is() -> None:
    jumping = RUNNING.jumping(5000, 60)
    assert (jumping.at(61), jumping.target(61)) == (1010, 5000)
    arrived = ClockState(jumping.virtual_base, jumping.wall_base, 1, False, 5000, jumping.jump_to).landed(70)
    assert (arrived.at(70), arrived.at(71)) == (5000, 5001)
    assert RUNNING.jumping(3, 60).target(60) == 1010


def test_stopping_or_changing_speed_ends_a_jump_where_it_has_got_to() -> None:
    jumping = RUNNING.jumping(9000, 60)
    for stopped in (jumping.with_pause(True, 61), jumping.with_speed(10, 61)):
        assert stopped.jump_to is None
        assert stopped.at(61) == 1010
