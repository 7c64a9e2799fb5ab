"""What to do about a job that failed."""

from datetime import timedelta

import pytest

from runners.jobs import failure_advice, timeline, wait_reason
from runners.models import VM, Event, Job
from runners.reasons.ends import EndCode, StepFailed
from tests.builders import NOON, a_job, a_pool, a_vm, an_ended_job
from tfci.core.reasons import Other, columns

AGENTS = (
    *(
        "out_of_memory",
        "disk_full",
        "too_many_processes",
        "agent_killed",
        "network_lost",
        "time_limit",
        "killed",
    ),
    *("engine_missing", "engine_failed", "stopped"),
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    return a_pool()


def failed(pool, labels=("small",), conclusion="failure", end=None, **facts):
    vm = a_vm("gone", pool, **facts)
    job = an_ended_job(pool, vm, labels=list(labels), conclusion=conclusion, end=end)
    return failure_advice.remedy(job)


@pytest.mark.parametrize("cause", AGENTS)
def test_each_end_that_an_agent_reports_has_a_title_and_something_to_do(pool, cause):
    found = failed(pool, end={"done_cause": cause}).reason
    assert found.code == cause
    assert found.title and found.advice


@pytest.mark.parametrize(
    "labels, asks",
    [
        (["small"], "runs-on: medium"),
        (["tfgrid", "small"], "runs-on: [tfgrid, medium]"),
        (["heavy"], "runs-on: [heavy, medium]"),
    ],
)
def test_too_little_memory_asks_for_the_next_size_and_keeps_the_other_labels(pool, labels, asks):
    assert failed(pool, labels, end={"done_cause": "out_of_memory"}).labels_text == asks


def test_a_full_disk_asks_for_a_size_with_more_disk(pool):
    assert (
        failed(pool, end={"done_cause": "disk_full"}, cpu=16, memory_gb=64, disk_gb=50).labels_text
        == "runs-on: medium"
    )


def test_no_size_is_offered_that_the_pool_does_not_serve(pool):
    pool.sizes = ["small"]
    assert failed(pool, end={"done_cause": "out_of_memory"}).labels_text == ""


def test_a_lost_node_and_a_vm_that_went_are_not_the_codes_fault(pool):
    assert failed(pool, end={}, died_at=NOON).reason.code == EndCode.VM_LOST
    vm = a_vm("gone", pool)
    Event.objects.create(vm=vm, now=VM.State.REMOVING, **columns(Other("shut down")), at=NOON)
    later = NOON + timedelta(minutes=10)  # when its forge noticed
    assert failure_advice.remedy(an_ended_job(pool, vm, end={}, read_at=later)).reason.code == EndCode.VM_LEFT


def test_a_vm_that_went_because_its_job_had_ended_did_not_end_it(pool):
    job = an_ended_job(pool, end={})
    Event.objects.create(
        vm=job.vm, now=VM.State.REMOVING, **columns(Other("its job ended: failure")), at=NOON
    )
    assert failure_advice.remedy(job).reason == StepFailed()
    cause = wait_reason.cause(job, timeline.Usual(), NOON)
    assert cause == wait_reason.Cause(StepFailed())


def test_one_whose_vm_left_it_after_the_pools_limit_ran_too_long_though_no_agent_said_so(pool):
    vm, limit = a_vm("gone", pool), timedelta(minutes=pool.max_job_minutes)
    Event.objects.create(vm=vm, now=VM.State.REMOVING, **columns(Other("the limit")), at=NOON + limit)
    job = an_ended_job(pool, vm, end={}, started_at=NOON, read_at=NOON + 2 * limit)
    assert failure_advice.remedy(job).reason.code == EndCode.TIME_LIMIT


@pytest.mark.parametrize(
    "end, found",
    [
        ({"done_cause": "agent_killed"}, EndCode.AGENT_KILLED),
        ({}, EndCode.VM_LEFT),
        (None, None),
    ],
)
def test_one_that_its_forge_calls_in_progress_has_failed_once_its_vm_is_gone(pool, end, found):
    vm = a_vm("gone", pool)
    job = an_ended_job(pool, vm, end=end)
    job.state, job.conclusion = Job.State.IN_PROGRESS, ""
    remedy = failure_advice.remedy(job)
    assert (remedy and remedy.reason.code) == found
    vm.state = VM.State.BUSY
    assert failure_advice.remedy(job) is None


def test_a_job_that_failed_by_itself_is_told_so(pool):
    assert failed(pool).reason == StepFailed()


def test_one_that_our_agent_ended_needs_a_remedy_though_its_forge_calls_it_cancelled(pool):
    found = failed(pool, conclusion="cancelled", end={"done_cause": "time_limit"})
    assert found.reason.code == EndCode.TIME_LIMIT
    assert failed(pool, conclusion="cancelled", end={"done_cause": "out_of_memory"}) is None


def test_what_did_not_fail_needs_no_remedy(pool):
    assert failed(pool, conclusion="success") is None
    assert failure_advice.remedy(a_job(pool.connections.get(), "completed", conclusion="failure")) is None
