"""When one VM more is held ready, and when one fewer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from runners.pools.load_steps import follow

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEN = 10 * MINUTE


def run(readings, target=80, room=5, every=MINUTE):
    """The VMs held ready after each reading, which come a minute apart."""
    state, held = None, []
    for n, used in enumerate(readings):
        state = follow(state, used, target, TEN, room - (state.extra if state else 0), NOON + n * every)
        held.append(state.extra)
    return held


def test_one_more_after_the_stated_time_and_another_after_as_long_again():
    assert run([900] * 22) == [0] * 10 + [1] * 10 + [2] * 2


def test_exactly_the_target_is_high_and_one_below_is_not():
    assert run([800] * 11)[-1] == 1
    assert run([799] * 11)[-1] == 0


def test_a_break_begins_the_time_anew():
    assert run([900] * 9 + [700] + [900] * 10) == [0] * 20
    assert run([900] * 9 + [700] + [900] * 11)[-1] == 1


def test_it_comes_back_down_one_at_a_time():
    high, low = [900] * 21, [100] * 22
    assert run(high + low)[20:] == [2] * 11 + [1] * 10 + [0] * 2


def test_no_job_at_all_is_not_high():
    assert run([900] * 11 + [None] * 11)[-1] == 0


def test_at_the_maximum_it_stays():
    assert max(run([1000] * 60, room=2)) == 2


def test_what_was_before_a_gap_says_nothing():
    assert run([900] * 5, every=4 * MINUTE) == [0] * 5


@given(st.lists(st.sampled_from([None, 100, 799, 800, 1000]), max_size=80), st.integers(0, 4))
def test_it_never_goes_below_none_above_the_room_or_by_more_than_one(readings, room):
    held = [0, *run(readings, room=room)]
    assert all(0 <= count <= room for count in held)
    assert all(abs(after - before) <= 1 for before, after in zip(held, held[1:], strict=False))


@pytest.mark.parametrize("used", [900, 100])
def test_reading_the_same_moment_twice_changes_nothing(used):
    once = follow(None, used, 80, TEN, 5, NOON)
    assert follow(once, used, 80, TEN, 5, NOON) == once
