"""Why a job waits, until when, and what ended it."""

from datetime import timedelta

import pytest

from runners.jobs import timeline, wait_reason
from runners.models import Event, Job
from runners.reasons.ends import EndCode, OutOfMemory, StepFailed, VmLeft
from runners.reasons.jobs import (
    HeldByForge,
    JobCode,
    NoPool,
    RerunBeforeEnd,
    RunnerRefused,
    RunnerUnused,
    VmWaits,
)
from runners.reasons.labels import LabelUnknown
from runners.reasons.waits import GridRefused, PoolMaximum, WaitCode
from tests.builders import NOON, a_job, a_pool, a_runner, a_vm, an_ended_job
from tfci.core.reasons import Other, columns

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
USUAL = timeline.Usual(
    dict.fromkeys(["decided", "ordered", "sent", "deployed", "booted", "registered", "started"], MINUTE)
)


@pytest.fixture
def pool():
    return a_pool()


def cause_of(pool, now=NOON, **fields):
    job = a_job(pool.connections.get(), pool=fields.pop("in_pool", pool), **fields)
    [read] = timeline.read(timeline.joined(Job.objects.filter(pk=job.pk)))
    return wait_reason.cause(read, USUAL, now)


@pytest.mark.parametrize(
    "state, fields, code",
    [
        ("wanted", {}, JobCode.VM_WAITS),
        ("wanted", {"reason": GridRefused("full", "2026-06-01"), "failed_nodes": [7]}, WaitCode.GRID_REFUSED),
        ("refreshing", {}, JobCode.VM_RESTARTS),
        ("deploying", {"sent_at": None}, JobCode.CHAIN_TURN),
        ("deploying", {"sent_at": NOON}, JobCode.NODE_DEPLOYS),
        ("booting", {}, JobCode.VM_BOOTS),
        ("standby", {}, JobCode.VM_READY),
        ("assigned", {}, JobCode.RUNNER_REGISTERS),
        ("removing", {}, JobCode.VM_REPLACED),
    ],
)
def test_the_state_of_its_vm_says_why_a_job_waits(pool, state, fields, code):
    assert cause_of(pool, awaits=a_vm(state, pool, **fields)).reason.code == code


@pytest.mark.parametrize(
    "registered_at, fields, code",
    [
        (None, {"reason": RunnerRefused("acme", "no")}, JobCode.RUNNER_REFUSED),
        (NOON, {}, JobCode.HANDED_OVER),
    ],
)
def test_a_registration_waits_for_its_forge(pool, registered_at, fields, code):
    vm = a_vm("assigned", pool, **fields)
    a_runner(vm, registered_at=registered_at)
    found = cause_of(pool, awaits=vm)
    assert (found.reason.code, found.owner) == (code, "forge")


def test_a_job_with_a_vm_on_its_way_is_expected_at_the_end_of_what_is_left(pool):
    vm = a_vm("booting", pool, deployed_at=NOON + MINUTE)
    found = cause_of(pool, now=NOON + MINUTE, decided_at=NOON, awaits=vm)
    assert (found.expected_at, found.late) == (NOON + 4 * MINUTE, False)


def test_a_leg_that_lasts_too_long_makes_it_late_and_moves_the_expected_time_on(pool):
    vm = a_vm("booting", pool, deployed_at=NOON + MINUTE)
    found = cause_of(pool, now=NOON + 9 * MINUTE, decided_at=NOON, awaits=vm)
    assert (found.expected_at, found.late) == (NOON + 11 * MINUTE, True)


@pytest.mark.parametrize(
    "state, reason, owner",
    [
        ("queued", PoolMaximum(2), "team"),
        ("queued", RunnerUnused(), "forge"),
        ("waiting", HeldByForge(), "forge"),
        ("refused", LabelUnknown("x"), "code"),
        ("refused", NoPool(), "team"),
        ("refused", Other("as an earlier version said it"), "farmhand"),
    ],
)
def test_without_a_vm_the_jobs_own_reason_counts_and_promises_nothing(pool, state, reason, owner):
    found = cause_of(pool, state=state, reason=reason)
    assert (found.reason, found.owner, found.expected_at) == (reason, owner, None)


def test_nothing_is_expected_of_a_vm_that_has_no_node(pool):
    found = cause_of(pool, awaits=a_vm("wanted", pool), decided_at=NOON)
    assert (found.reason, found.expected_at, found.late) == (VmWaits(), None, False)


def over(pool, conclusion="failure", end=None, **facts):
    [job] = timeline.read([an_ended_job(pool, a_vm("gone", pool, **facts), conclusion=conclusion, end=end)])
    return wait_reason.cause(job, timeline.Usual(), NOON)


def test_a_failure_of_the_job_itself_is_its_codes(pool):
    assert over(pool).reason == StepFailed()


def test_a_vm_that_ran_out_of_memory_says_so(pool):
    found = over(pool, end={"done_cause": "out_of_memory", "done_said": "the kernel ended cc1plus"})
    assert found.reason == OutOfMemory("the kernel ended cc1plus")


def test_a_node_that_lost_the_vm_is_the_grids(pool):
    found = over(pool, end={}, died_at=NOON)
    assert (found.reason.code, found.owner) == (EndCode.VM_LOST, "grid")


def test_a_vm_that_fell_silent_is_the_cause(pool):
    vm = a_vm("gone", pool)
    why = "its agent has been silent for 2 minutes"
    Event.objects.create(vm=vm, was="busy", now="removing", **columns(Other(why)), at=NOON)
    noticed = NOON + timedelta(minutes=10)
    found = cause_of(pool, state="completed", conclusion="failure", vm=vm, read_at=noticed)
    assert found.reason == VmLeft("its agent has been silent for 2 minutes")


@pytest.mark.parametrize(
    "end, facts, owner",
    [
        ({"done_at": NOON, "done_cause": "agent_killed"}, {}, "code"),
        ({}, {"died_at": NOON}, "grid"),
        ({}, {}, "vm"),
    ],
)
def test_a_job_that_its_forge_still_calls_in_progress_says_what_took_its_vm(pool, end, facts, owner):
    vm = a_vm("gone", pool, reason=Other("what took it"), **facts)
    job = a_job(pool.connections.get(), "in_progress", pool=pool, vm=vm)
    a_runner(vm, job, job=job, **end)
    [job] = timeline.read([job])
    found = wait_reason.cause(job, timeline.Usual(), NOON)
    assert (found.owner, found.sentence) == (owner, "what took it")


def test_a_job_that_ended_well_needs_no_cause(pool):
    assert over(pool, conclusion="success") is None


def test_a_cancelled_job_was_cancelled_at_its_forge(pool):
    assert over(pool, conclusion="cancelled").owner == "forge"


@pytest.mark.parametrize("by, owner", [("time_limit", "team"), ("killed", "vm"), ("exited", "forge")])
def test_what_a_forge_calls_cancelled_may_have_been_ended_by_our_agent(pool, by, owner):
    found = over(
        pool, conclusion="cancelled", end={"done_cause": by, "done_said": "The time limit was over."}
    )
    assert (found.owner, "time limit" in found.sentence) == (owner, by != "exited")


def test_an_attempt_whose_end_was_never_told_says_so(pool):
    assert over(pool, conclusion="rerun").reason == RerunBeforeEnd()


def test_a_job_that_runs_on_our_vm_needs_no_cause(pool):
    vm = a_vm("busy", pool)
    a_runner(vm)
    assert cause_of(pool, state="in_progress", vm=vm) is None


def test_a_foreign_runner_is_named(pool):
    found = cause_of(pool, state="in_progress", foreign_runner="old-faithful")
    assert (found.owner, "old-faithful" in found.sentence) == ("forge", True)
