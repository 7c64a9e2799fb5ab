"""Which size would do: by the highest that any job used, and never for too few of them."""

import pytest
from hypothesis import given, strategies as st

from runners.jobs.labels import NAMED, Size, SizeLimits
from runners.jobs.size_advice import ENOUGH, RESERVE, WORTH, JobUsage, advise, name

SMALL, MEDIUM = NAMED["small"], NAMED["medium"]
LARGEST = SizeLimits.over(NAMED.values())
GB = 1024


def price(size):
    return 10 * size.cpu + 3 * size.memory_gb + size.disk_gb


def used(peak_cpu=500, mean_cpu=200, memory=2 * GB, disk=5 * GB):
    return JobUsage(peak_cpu, mean_cpu, memory, disk)


def found(uses, size=MEDIUM, largest=LARGEST):
    return advise(uses, size, largest, price)


def test_fewer_than_the_stated_number_say_nothing():
    assert found([used()] * (ENOUGH - 1)) is None
    assert found([used()] * ENOUGH).jobs == ENOUGH


def test_just_what_is_needed_with_a_quarter_more_memory_and_disk():
    assert found([used(peak_cpu=500, memory=2 * GB, disk=16 * GB)] * 10).size == Size(2, 3, 20)


def test_a_named_size_is_taken_where_it_costs_hardly_more():
    assert found([used(peak_cpu=500, memory=6.4 * GB, disk=40 * GB)] * 10).size == SMALL


def test_one_job_that_needed_more_is_enough_to_keep_the_size():
    most = used(peak_cpu=1000, memory=12.8 * GB, disk=79 * GB)
    advice = found([used()] * 30 + [most])
    assert (advice.size, advice.short_of) == (None, "")
    assert (advice.highest, advice.usual) == (most, used())


def test_the_median_is_between_the_two_in_the_middle():
    uses = [used(memory=GB)] * 5 + [used(memory=3 * GB)] * 5
    assert found(uses).usual.memory == 2 * GB


def test_who_comes_close_to_all_memory_needs_more_and_is_told_no_smaller_one():
    advice = found([used(peak_cpu=100, memory=15.5 * GB)] + [used()] * 9)
    assert (advice.size, advice.short_of) == (None, "memory")


def test_who_keeps_all_processors_busy_most_of_the_time_is_told():
    uses = [used(peak_cpu=1000, mean_cpu=950, memory=12.8 * GB, disk=79 * GB)] * 6 + [used()] * 4
    assert found(uses).short_of == "processors"


def test_a_size_has_its_name():
    assert (name(SMALL), name(Size(1, 2, 15))) == ("small", "1cpu2gbram15gbssd")


NUMBERS = st.integers(0, 1000)


@given(
    st.lists(
        st.builds(JobUsage, NUMBERS, NUMBERS, st.integers(0, 17 * GB), st.integers(0, 110 * GB)), min_size=10
    ),
    st.sampled_from([*NAMED.values(), Size(1, 2, 15)]),
)
def test_what_is_advised_would_have_done_for_all_of_them_costs_less_and_is_offered(uses, size):
    largest = SizeLimits.over([MEDIUM])
    better = found(uses, size, largest).size
    if better:
        assert price(better) <= WORTH * price(size)
        assert all(
            getattr(better, part) <= getattr(largest, part) for part in ("cpu", "memory_gb", "disk_gb")
        )
        for use in uses:
            assert use.peak_cpu * size.cpu <= 1000 * better.cpu
            assert RESERVE * use.memory <= better.memory_gb * GB
            assert RESERVE * use.disk <= better.disk_gb * GB


@pytest.mark.parametrize("size", NAMED.values())
def test_what_used_nothing_is_told_the_least_vm(size):
    assert found([used(0, 0, 0, 0)] * 10, size).size == Size(1, 2, 15)
