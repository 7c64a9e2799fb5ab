"""GitHub's limits of calls, and what goes first when they are short."""

import pytest

from tfci.forges.errors import Limited
from tfci.forges.github.budget import POINTS, CallBudget, CallBudgetSpent
from tfci.forges.memory.process import ProcessMemory

# The budget


class Ticks:
    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


def spent(budget, method, use):
    """How many such calls go through at once."""
    calls = 0
    try:
        while calls < 10_000:
            budget.check(method, use)
            calls += 1
    except CallBudgetSpent:
        return calls


def test_in_a_minute_idle_reading_stops_first_then_looking_then_making_then_removing():
    budget = CallBudget(ProcessMemory(), Ticks())
    assert spent(budget, "GET", "idle") == 585
    assert spent(budget, "GET", "look") == 720 - 585
    assert spent(budget, "GET", "read") == 783 - 720
    assert spent(budget, "POST", "make") == (837 - 783) // 5
    assert spent(budget, "GET", "remove") > 30
    assert 870 < POINTS * 0.98 <= 882


def test_no_sliding_minute_has_more_points_than_github_gives():
    clock, memory, calls = Ticks(), ProcessMemory(), []
    budget = CallBudget(memory, clock)
    for _ in range(400):
        calls += [clock.now] * spent(budget, "GET", "look")
        clock.now += 7
    assert max(sum(at - 60 < other <= at for other in calls) for at in set(calls)) <= POINTS


def an_hour(clock, left, seconds):
    """What an answer says so many seconds before the end of its hour."""
    reset = str(int(clock.now + seconds))
    return {
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-limit": "5000",
        "x-ratelimit-reset": reset,
    }


@pytest.mark.parametrize(
    ("left", "seconds", "may"),
    [(5000, 3600, True), (4500, 3600, True), (4499, 3600, False), (2760, 1800, True), (2740, 1800, False)],
)
def test_what_can_wait_takes_no_call_that_the_rest_of_the_hour_may_need(left, seconds, may):
    """A tenth at once, then in step with the hour."""
    clock = Ticks()
    budget = CallBudget(ProcessMemory(), clock)
    budget.update(an_hour(clock, left, seconds))
    budget.check("GET", "look")
    if may:
        return budget.check("GET", "idle")
    with pytest.raises(CallBudgetSpent, match="rest of this hour") as later:
        budget.check("GET", "idle")
    assert later.value.until.timestamp() == clock.now + 10


def test_the_last_of_an_hour_is_kept_for_what_matters_more():
    clock = Ticks()
    budget = CallBudget(ProcessMemory(), clock)
    left = an_hour(clock, 290, 600)
    budget.update(left)
    with pytest.raises(CallBudgetSpent):
        budget.check("GET", "look")
    budget.check("POST", "make")
    budget.update(left | {"x-ratelimit-remaining": "100"})
    with pytest.raises(CallBudgetSpent) as spent_out:
        budget.check("POST", "make")
    assert spent_out.value.until.timestamp() == int(clock.now + 600)
    budget.check("DELETE", "remove")
    clock.now += 601
    budget.check("GET", "look")


def test_after_a_refusal_nothing_is_called_before_its_time():
    clock, memory = Ticks(), ProcessMemory()
    CallBudget(memory, clock).refused({"retry-after": "30"})
    with pytest.raises(Limited) as held:
        CallBudget(memory, clock).check("DELETE", "remove")
    assert held.value.until.timestamp() == clock.now + 30
    clock.now += 31
    CallBudget(memory, clock).check("GET", "look")


@pytest.mark.parametrize("said", [{}, {"retry-after": "soon"}, {"retry-after": "-5"}])
def test_a_refusal_that_names_no_time_is_a_minute(said):
    clock = Ticks()
    assert CallBudget(ProcessMemory(), clock).refused(said).timestamp() == clock.now + 60
