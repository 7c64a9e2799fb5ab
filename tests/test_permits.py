"""How many calls may be open, and what a slow host may not take from others."""

import math
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tfci import permits
from tfci.permits import SLOW, Full, Hosts, Limits, NoPermit, Permits

LIMITS = Limits(all=6, team=3, slow=2, slow_host=1, seconds=60)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hosts(clock):
    return Hosts(clock)


@pytest.fixture
def held(hosts):
    """held(team, host) opens a call that stays open until the test ends."""
    ours = Permits(LIMITS, hosts)
    with ExitStack() as stack:
        yield lambda team, host: stack.enter_context(ours.call(team, host))


def slow(hosts, clock, *names):
    for name in names:
        with hosts.exchange(name):
            clock.now += SLOW + 0.1


def refused(held, team, host):
    with pytest.raises(NoPermit) as error:
        held(team, host)
    return error.value.full, error.value.limit


def test_a_team_has_no_more_calls_open_than_its_limit_and_others_go_on(held):
    for number in range(3):
        held("ours", f"host{number}")
    assert refused(held, "ours", "another") == (Full.TEAM, 3)
    held("theirs", "another")


def test_all_teams_together_leave_some_threads(held):
    for number in range(6):
        held(f"team{number}", "host")
    assert refused(held, "one more", "host") == (Full.ALL, 6)


def test_a_slow_host_gets_few(held, hosts, clock):
    slow(hosts, clock, "slow")
    held("ours", "slow")
    assert refused(held, "theirs", "slow") == (Full.HOST, 1)
    held("theirs", "quick")


def test_all_slow_hosts_together_get_few(held, hosts, clock):
    slow(hosts, clock, "a", "b", "c")
    held("ours", "a")
    held("ours", "b")
    assert refused(held, "theirs", "c") == (Full.SLOW, 2)
    held("theirs", "quick")


def test_what_can_wait_leaves_one_permit_to_what_cannot(held, hosts, clock):
    slow(hosts, clock, "slow")
    with permits.leave_one():
        held("ours", "host"), held("ours", "host")
        assert refused(held, "ours", "host") == (Full.TEAM, 3)
        assert refused(held, "theirs", "slow") == (Full.HOST, 1)
    held("ours", "host"), held("theirs", "slow")


def test_a_host_is_slow_while_an_exchange_is_open_for_too_long(hosts, clock):
    with hosts.exchange("host"):
        clock.now += SLOW + 0.1
        assert hosts.is_slow("host")


def test_one_quick_answer_ends_it(hosts, clock):
    slow(hosts, clock, "host")
    with hosts.exchange("host"):
        pass
    assert not hosts.is_slow("host")


def test_a_call_that_fails_gives_its_permit_back_and_its_host_is_as_slow_as_it_was(hosts, clock):
    ours = Permits(replace(LIMITS, all=1), hosts)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), ours.call("ours", "host"), permits.exchange():
            clock.now += SLOW + 0.1
            raise ZeroDivisionError
    assert hosts.is_slow("host")


def test_not_every_host_that_ever_was_slow_is_remembered(hosts, clock):
    slow(hosts, clock, *map(str, range(permits.REMEMBERED + 1)))
    assert not hosts.is_slow("0") and hosts.is_slow("1")


def test_a_call_has_an_end_and_what_is_no_call_has_none(hosts):
    assert permits.deadline() == math.inf
    with Permits(LIMITS, hosts).call("ours", "host"):
        assert 59 < permits.deadline() - time.monotonic() <= 60
    assert permits.deadline() == math.inf
