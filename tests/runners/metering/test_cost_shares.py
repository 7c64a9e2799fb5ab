"""A VM's cost divided among its jobs: to the last digit."""

from hypothesis import given, strategies as st

from billing.uses import SHARED, Use
from runners.metering.cost_shares import divide
from tfci.core.tft import Tft

JOBS = [7, 8, 9]


def test_one_job_bears_all_that_its_vm_took():
    costs = {
        (Use.BOOT, None): Tft(5),
        (Use.JOB, 7): Tft(3),
        (Use.IDLE, None): Tft(2),
        (Use.TEARDOWN, None): Tft(1),
    }
    assert divide(costs, [7]) == {
        (Use.BOOT, 7): Tft(5),
        (Use.JOB, 7): Tft(3),
        (Use.IDLE, 7): Tft(2),
        (Use.TEARDOWN, 7): Tft(1),
    }


def test_jobs_of_one_vm_bear_what_it_took_besides_in_equal_parts():
    costs = {
        (Use.BOOT, None): Tft(10),
        (Use.JOB, 7): Tft(100),
        (Use.JOB, 8): Tft(1),
        (Use.REFRESH, None): Tft(4),
    }
    assert divide(costs, [7, 8, 9]) == {
        **{(Use.BOOT, 7): Tft(3), (Use.BOOT, 8): Tft(3), (Use.BOOT, 9): Tft(4)},
        **{(Use.JOB, 7): Tft(100), (Use.JOB, 8): Tft(1)},
        **{(Use.REFRESH, 7): Tft(1), (Use.REFRESH, 8): Tft(1), (Use.REFRESH, 9): Tft(2)},
    }


def test_a_vm_without_a_job_is_nobodys_and_debug_access_is_no_jobs_either():
    costs = {(Use.BOOT, None): Tft(10), (Use.DEBUG, None): Tft(3)}
    assert divide(costs, []) == costs
    assert divide(costs, [7]) == {(Use.BOOT, 7): Tft(10), (Use.DEBUG, None): Tft(3)}


amounts = st.integers(0, 10**15).map(Tft)
costs_of_a_vm = st.dictionaries(
    st.tuples(st.sampled_from([*SHARED, Use.DEBUG]), st.none())
    | st.tuples(st.just(Use.JOB), st.sampled_from(JOBS)),
    amounts,
)


@given(costs_of_a_vm, st.lists(st.integers(1, 99), unique=True, max_size=30))
def test_the_shares_sum_up_to_the_whole_use_by_use_and_differ_by_no_more_than_one_unit(costs, others):
    jobs = JOBS + [100 + other for other in others]
    made = divide(costs, jobs)
    for use in Use:
        parts = [cost for (each, _), cost in made.items() if each is use]
        assert sum(parts) == sum(cost for (each, _), cost in costs.items() if each is use)
        if use in SHARED and parts:
            assert len(parts) == len(jobs)
            assert 0 <= min(parts) <= max(parts) <= min(parts) + 1
