"""Why a job waits, until when, and what ended it."""

from datetime import timedelta

import pytest

from runners.jobs import timeline, wait_reason
from runners.models import Event, Job
from runners.reasons import catalogue
from runners.reasons.waits import PoolMaximum, WaitCode
from tests.builders import NOON, a_job, a_pool, a_runner, a_vm, an_ended_job

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
USUAL = timeline.Usual(
    dict.fromkeys(["decided", "ordered", "sent", "deployed", "booted", "registered", "started"], MINUTE)
)


@pytest.fixture
def pool():
    return a_pool()


def cause_of(pool, now=NOON, **fields):
    job = a_job(pool.orgs.get(), pool=fields.pop("in_pool", pool), **fields)
    [read] = timeline.read(timeline.joined(Job.objects.filter(pk=job.pk)))
    return wait_reason.cause(read, USUAL, now)


@pytest.mark.parametrize(
    "state, fields, owner, sentence",
    [
        ("wanted", {"why": "for a node"}, "farmhand", "it waits for a node"),
        ("refreshing", {}, "machine", "starts anew after another job"),
        (
            "wanted",
            {"why": "no node of the 3 chosen can take it: 3 down"},
            "farmhand",
            "no node of the 3 chosen",
        ),
        ("deploying", {"sent_at": None}, "farmhand", "waits for our turn on the chain"),
        ("deploying", {"sent_at": NOON}, "grid", "is taking the machine"),
        ("booting", {}, "machine", "is starting"),
        ("standby", {}, "farmhand", "stands by"),
        ("assigned", {"why": "bound to acme/app: build"}, "farmhand", "runner is being registered"),
        (
            "assigned",
            {"why": "for acme to hand over the job"},
            "forge",
            "it waits for acme to hand over the job",
        ),
        ("removing", {}, "farmhand", "another is being found"),
    ],
)
def test_the_state_of_its_machine_says_why_a_job_waits(pool, state, fields, owner, sentence):
    found = cause_of(pool, awaits=a_vm(state, pool, **fields))
    assert found.owner == owner
    assert sentence in found.sentence


def test_a_job_with_a_machine_on_its_way_is_expected_at_the_end_of_what_is_left(pool):
    vm = a_vm("booting", pool, deployed_at=NOON + MINUTE)
    found = cause_of(pool, now=NOON + MINUTE, decided_at=NOON, awaits=vm)
    assert (found.expected_at, found.late) == (NOON + 4 * MINUTE, False)


def test_a_leg_that_lasts_too_long_makes_it_late_and_moves_the_expected_time_on(pool):
    vm = a_vm("booting", pool, deployed_at=NOON + MINUTE)
    found = cause_of(pool, now=NOON + 9 * MINUTE, decided_at=NOON, awaits=vm)
    assert (found.expected_at, found.late) == (NOON + 11 * MINUTE, True)


@pytest.mark.parametrize(
    "fields, owner",
    [
        ({"state": "queued", "why": "the pool has its maximum of 2 machines"}, "farmhand"),
        ({"state": "queued", "why": "its forge holds it back", "offers": 1}, "forge"),
        ({"state": "waiting", "why": "its forge holds it back"}, "forge"),
        ({"state": "refused", "why": "the label “x” is not understood", "size": ""}, "code"),
        ({"state": "refused", "why": "no pool of the team asks for it", "in_pool": None}, "farmhand"),
    ],
)
def test_without_a_machine_the_jobs_own_reason_counts_and_promises_nothing(pool, fields, owner):
    found = cause_of(pool, **fields)
    assert (found.owner, found.sentence, found.expected_at) == (owner, fields["why"], None)


def test_what_a_job_lacks_is_told_as_a_code_with_its_numbers_too(pool):
    reason = PoolMaximum(2)
    found = cause_of(pool, why=str(reason), reason=reason.code, reason_params=reason.params)
    assert (found.code, catalogue.read(found.code, found.params)) == (WaitCode.POOL_MAXIMUM, reason)


def test_nothing_is_expected_of_a_machine_that_has_no_node(pool):
    found = cause_of(pool, awaits=a_vm("wanted", pool, why="for a node"), decided_at=NOON)
    assert (found.sentence, found.expected_at, found.late) == ("it waits for a node", None, False)


def over(pool, conclusion="failure", end=None, **facts):
    [job] = timeline.read([an_ended_job(pool, a_vm("gone", pool, **facts), conclusion=conclusion, end=end)])
    return wait_reason.cause(job, timeline.Usual(), NOON)


def test_a_failure_of_the_job_itself_is_its_codes(pool):
    assert over(pool, why="its job ended: failure").owner == "code"


def test_a_machine_that_ran_out_of_memory_says_so(pool):
    found = over(pool, end={"done_cause": "out_of_memory", "done_said": "the kernel ended cc1plus"})
    assert (found.owner, found.sentence) == ("machine", "the kernel ended cc1plus")


def test_a_node_that_lost_the_machine_is_the_grids(pool):
    found = over(pool, end={}, died_at=NOON)
    assert found.owner == "grid"
    assert "lost the machine" in found.sentence


def test_a_machine_that_fell_silent_is_the_cause(pool):
    vm = a_vm("gone", pool, why="for the grid to cancel its contract")
    why = "its agent has been silent for 2 minutes"
    Event.objects.create(vm=vm, was="busy", now="removing", why=why, at=NOON)
    noticed = NOON + timedelta(minutes=10)
    found = cause_of(pool, state="completed", conclusion="failure", vm=vm, read_at=noticed)
    assert (found.owner, found.sentence) == ("machine", "its agent has been silent for 2 minutes")


@pytest.mark.parametrize(
    "end, facts, owner",
    [
        ({"done_at": NOON, "done_cause": "agent_killed"}, {}, "code"),
        ({}, {"died_at": NOON}, "grid"),
        ({}, {}, "machine"),
    ],
)
def test_a_job_that_its_forge_still_calls_in_progress_says_what_took_its_machine(pool, end, facts, owner):
    vm = a_vm("gone", pool, why="what took it", **facts)
    job = a_job(pool.orgs.get(), "in_progress", pool=pool, vm=vm)
    a_runner(vm, job, job=job, **end)
    [job] = timeline.read([job])
    found = wait_reason.cause(job, timeline.Usual(), NOON)
    assert (found.owner, found.sentence) == (owner, "what took it")


def test_a_job_that_ended_well_needs_no_cause(pool):
    assert over(pool, conclusion="success") is None


def test_a_cancelled_job_was_cancelled_at_its_forge(pool):
    assert over(pool, conclusion="cancelled").owner == "forge"


@pytest.mark.parametrize(
    "by, owner", [("time_limit", "farmhand"), ("killed", "machine"), ("exited", "forge")]
)
def test_what_a_forge_calls_cancelled_may_have_been_ended_by_our_agent(pool, by, owner):
    found = over(
        pool, conclusion="cancelled", end={"done_cause": by, "done_said": "The time limit was over."}
    )
    assert (found.owner, "time limit" in found.sentence) == (owner, by != "exited")


def test_an_attempt_whose_end_was_never_told_says_so(pool):
    assert "run again" in over(pool, conclusion="rerun").sentence


def test_a_job_that_runs_on_our_machine_needs_no_cause(pool):
    vm = a_vm("busy", pool)
    a_runner(vm)
    assert cause_of(pool, state="in_progress", vm=vm) is None


def test_a_foreign_runner_is_named(pool):
    found = cause_of(pool, state="in_progress", foreign_runner="old-faithful")
    assert (found.owner, "old-faithful" in found.sentence) == ("forge", True)
