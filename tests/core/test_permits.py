"""How many calls may be open, and what a slow host may not take from others."""

import math
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tfci.core import permits
from tfci.core.permits import LONG, SLOW, SLOW_FOR, CallLimits, Full, Hosts, NoPermit, Permits, Places, Shares

LIMITS = CallLimits(all=6, team=3, slow=2, slow_host=1, seconds=60)


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


class TestPlaces:
    """Of tasks that hold a thread, whatever they do in it."""

    @pytest.fixture
    def places(self, clock):
        return Places(Shares(all=8, team=2, slow=4), clock)

    @pytest.fixture
    def hold(self, places):
        """hold(team) takes a place until the test ends."""
        with ExitStack() as stack:
            yield lambda team: stack.enter_context(places.hold(team))

    def full(self, hold, team):
        with pytest.raises(NoPermit) as error:
            hold(team)
        return error.value.full

    def long_task(self, places, clock, team):
        with places.hold(team):
            clock.now += LONG + 0.1

    def test_one_team_has_two(self, hold):
        hold("a"), hold("a")
        assert self.full(hold, "a") == Full.TEAM
        hold("b")

    def test_all_together_have_eight(self, hold):
        for number in range(8):
            hold(str(number))
        assert self.full(hold, "another") == Full.ALL

    def test_five_slow_teams_leave_half_to_others(self, places, hold, clock):
        for team in "abcde":
            self.long_task(places, clock, team)
        for team in "aabb":
            hold(team)
        assert self.full(hold, "c") == Full.SLOW
        for team in "vwxy":
            hold(team)

    def test_those_that_hold_theirs_for_long_are_slow_before_they_end(self, hold, clock):
        for team in "aabb":
            hold(team)
        clock.now += LONG + 0.1
        hold("c")
        clock.now += LONG + 0.1
        assert self.full(hold, "c") == Full.SLOW
        hold("d")

    def test_a_quick_task_makes_no_team_quick_but_time_does(self, places, hold, clock):
        for team in "abc":
            self.long_task(places, clock, team)
        with places.hold("c"):
            pass
        hold("a"), hold("a"), hold("b"), hold("b")
        assert self.full(hold, "c") == Full.SLOW
        clock.now += SLOW_FOR
        hold("c")

    def test_a_place_is_given_back_whatever_comes_of_it(self, places):
        for _ in range(9):
            with pytest.raises(ZeroDivisionError), places.hold("a"):
                raise ZeroDivisionError


def test_all_calls_of_a_task_together_end_within_its_time():
    with permits.within(30), Permits(LIMITS).call("team", "host"):
        assert permits.deadline() - time.monotonic() <= 30
    with Permits(LIMITS).call("team", "host"):
        assert permits.deadline() - time.monotonic() > 30
