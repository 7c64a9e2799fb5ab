"""Metering: a VM's time in spans that fill it exactly."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from billing import pricing
from runners.metering.spans import DebugSpan, JobSpan, Rebooted, Span, milliseconds, serving, spans
from tfci.core.tft import Tft

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def of(until, claimed=None, *jobs):
    return spans(NOON, at(until), None if claimed is None else at(claimed), jobs)


def test_a_vm_that_never_came_up_was_booting_all_the_time():
    assert of(60) == [Span("boot", None, 0, 60_000)]


def test_after_its_claim_a_vm_without_a_job_is_idle():
    assert of(60, 20) == [Span("boot", None, 0, 20_000), Span("idle", None, 20_000, 60_000)]


def test_a_job_lies_between_idle_times():
    assert of(60, 20, JobSpan(7, at(30), at(50))) == [
        Span("boot", None, 0, 20_000),
        Span("idle", None, 20_000, 30_000),
        Span("job", 7, 30_000, 50_000),
        Span("idle", None, 50_000, 60_000),
    ]


def test_a_reboot_between_two_jobs_is_told_as_such():
    jobs = [JobSpan(7, at(20), at(30)), JobSpan(8, at(50), at(60))]
    assert spans(NOON, at(60), at(20), jobs, [Rebooted(at(32), at(40))])[1:] == [
        Span("job", 7, 20_000, 30_000),
        Span("idle", None, 30_000, 32_000),
        Span("refresh", None, 32_000, 40_000),
        Span("idle", None, 40_000, 50_000),
        Span("job", 8, 50_000, 60_000),
    ]


def test_a_vm_that_never_came_back_was_rebooting_to_its_end():
    assert spans(NOON, at(60), at(20), [JobSpan(7, at(20), at(30))], [Rebooted(at(30), None)])[2:] == [
        Span("refresh", None, 30_000, 60_000)
    ]


def test_what_it_was_kept_for_debugging_is_told_apart_from_its_job():
    jobs = [JobSpan(7, at(20), at(30))]
    assert spans(NOON, at(60), at(20), jobs, kept=[DebugSpan(at(31), at(50))])[1:] == [
        Span("job", 7, 20_000, 30_000),
        Span("idle", None, 30_000, 31_000),
        Span("debug", None, 31_000, 50_000),
        Span("idle", None, 50_000, 60_000),
    ]


def test_from_the_moment_it_goes_all_time_is_teardown():
    made = spans(NOON, at(60), at(20), [JobSpan(7, at(20), at(30))], removing_at=at(35))
    assert made[2:] == [Span("idle", None, 30_000, 35_000), Span("teardown", None, 35_000, 60_000)]


def test_a_job_that_nobody_saw_the_end_of_ends_with_its_vm():
    made = spans(NOON, at(60), at(20), [JobSpan(7, at(20), None)], removing_at=at(35))
    assert made[1:] == [Span("job", 7, 20_000, 35_000), Span("teardown", None, 35_000, 60_000)]


def test_a_job_that_ended_while_it_went_keeps_its_time():
    made = spans(NOON, at(60), at(20), [JobSpan(7, at(20), at(40))], removing_at=at(35))
    assert made[1:] == [Span("job", 7, 20_000, 40_000), Span("teardown", None, 40_000, 60_000)]


def test_one_that_never_came_up_boots_until_it_goes():
    made = spans(NOON, at(60), None, [], removing_at=at(50))
    assert made == [Span("boot", None, 0, 50_000), Span("teardown", None, 50_000, 60_000)]


def test_a_server_serves_until_it_goes():
    assert serving(NOON, at(60), at(10), at(50)) == [
        Span("boot", None, 0, 10_000),
        Span("server", None, 10_000, 50_000),
        Span("teardown", None, 50_000, 60_000),
    ]


def test_a_running_job_takes_all_time_until_now():
    assert of(60, 20, JobSpan(7, at(20), None))[1:] == [Span("job", 7, 20_000, 60_000)]


def test_jobs_are_taken_in_the_order_of_their_starts():
    jobs = JobSpan(8, at(40), at(50)), JobSpan(7, at(20), at(40))
    assert [span.job_id for span in of(50, 20, *jobs)] == [None, 7, 8]


def test_of_jobs_that_overlap_the_first_keeps_its_time():
    jobs = JobSpan(7, at(10), at(30)), JobSpan(8, at(20), at(40))
    assert of(40, 10, *jobs)[1:] == [Span("job", 7, 10_000, 30_000), Span("job", 8, 30_000, 40_000)]


def test_jobs_that_start_together_are_told_apart_by_their_number():
    jobs = [JobSpan(8, at(10), at(30)), JobSpan(7, at(10), at(20))]
    assert of(30, 10, *jobs) == of(30, 10, *jobs[::-1])


def test_a_job_never_reaches_into_the_boot_nor_beyond_the_end():
    assert of(60, 20, JobSpan(7, at(-5), at(99))) == [
        Span("boot", None, 0, 20_000),
        Span("job", 7, 20_000, 60_000),
    ]


def test_a_claim_before_the_contract_leaves_no_boot():
    assert of(60, -1) == [Span("idle", None, 0, 60_000)]


def test_no_time_has_no_spans():
    assert of(0, 0) == of(-5, 0) == []


def test_milliseconds_are_whole_and_never_below_zero():
    assert milliseconds(NOON, NOON + timedelta(microseconds=1999)) == 1
    assert milliseconds(at(1), NOON) == 0


moments = st.integers(-10_000_000, 100_000_000).map(lambda n: NOON + timedelta(microseconds=n))
jobs = st.lists(st.builds(JobSpan, st.integers(1, 9), moments, st.none() | moments), max_size=6)


reboots = st.lists(st.builds(Rebooted, moments, st.none() | moments), max_size=4)


@given(moments, st.none() | moments, jobs, reboots, st.none() | moments)
def test_spans_fill_the_time_exactly(until, claimed_at, jobs, reboots, removing_at):
    made = spans(NOON, until, claimed_at, jobs, reboots, removing_at=removing_at)
    edges = [0, *(span.stop for span in made)]
    assert [span.start for span in made] == edges[:-1]
    assert edges[-1] == milliseconds(NOON, until)
    assert all(span.start < span.stop for span in made)
    assert all((span.use == "job") == (span.job_id is not None) for span in made)


@given(moments, st.none() | moments, jobs, st.integers(0, 10**12).map(Tft))
def test_the_costs_of_the_spans_sum_up_to_the_cost_of_the_whole(until, claimed_at, jobs, per_hour):
    made = spans(NOON, until, claimed_at, jobs)
    parts = [pricing.cost(per_hour, span.stop) - pricing.cost(per_hour, span.start) for span in made]
    assert all(part >= 0 for part in parts)
    assert sum(parts) == pricing.cost(per_hour, milliseconds(NOON, until))


@given(moments, moments, st.none() | moments, jobs)
def test_time_that_was_told_is_not_told_otherwise_later(one, other, claimed_at, jobs):
    """As long as all that is known of the VM stays the same."""
    claimed_at = claimed_at or NOON
    early, late = sorted((one, other))
    known = [ran for ran in jobs if ran.until]
    later = spans(NOON, late, claimed_at, known)
    end = milliseconds(NOON, early)
    cut = [Span(s.use, s.job_id, s.start, min(s.stop, end)) for s in later if s.start < end]
    assert spans(NOON, early, claimed_at, known) == cut
