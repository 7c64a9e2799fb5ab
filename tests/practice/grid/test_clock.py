import time

import pytest

from practice.grid.clock import Clock

HOUR = 3600


@pytest.fixture
def clock():
    return Clock()


def event(chain, speed, ago=0):
    return {"event": "clock", "chain": chain, "speed": speed, "wall": time.time() - ago}


def test_it_begins_with_the_hosts_time(clock):
    assert abs(clock.now() - time.time()) < 5


def test_frozen_it_stands_still(clock):
    clock.apply(event(1000, 0, ago=HOUR))
    assert clock.now() == 1000


def test_with_speed_it_runs_faster(clock):
    clock.apply(event(1000, 1_000_000))
    before = clock.now()
    time.sleep(0.01)
    assert clock.now() - before >= 10_000


def test_it_went_on_while_the_process_was_away(clock):
    clock.apply(event(1000, 2, ago=HOUR))
    assert clock.second() == pytest.approx(1000 + 2 * HOUR, abs=5)


def test_a_host_whose_time_was_set_back_does_not_take_it_along(clock):
    clock.apply(event(1000, 1, ago=-HOUR))
    assert clock.second() == pytest.approx(1000, abs=5)


def test_other_events_leave_it_alone(clock):
    clock.apply(event(1000, 0))
    clock.apply({"event": "funded", "at": 5})
    assert clock.second() == 1000
