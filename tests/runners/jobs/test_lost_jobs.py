"""Jobs whose VM is gone are ended at their forge: once, this attempt alone, and whoever dies in between."""

from datetime import timedelta

import pytest

from runners.jobs import ingest, lost_jobs
from runners.models import Job, Rerun
from tests.builders import NOON, a_connection, a_job, a_pool, a_runner, a_vm
from tests.worlds import a_world
from tfci.forges.errors import ForgeRefused, Unreachable

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside():
    return a_world()


@pytest.fixture
def connection():
    return a_connection(version="1.28.0", may_write=True)


def a_lost_job(connection, forge, **fields):
    """It runs as its forge has it, and its VM is gone."""
    pool = a_pool(connection.team, [connection], rerun_lost=True)
    facts = {"run_id": "7", "forge_job_id": "70", "forge_attempt": 1, "pool": pool, "started_at": NOON}
    job = a_job(
        connection,
        "in_progress",
        vm=a_vm("gone", pool, died_at=NOON),
        next_end_attempt_at=NOON,
        **facts | fields,
    )
    a_runner(job.vm, asked_for=job, job=job, deregistered_at=NOON)
    shown = {"status": "in_progress", "run_id": "7", "runner_id": "1", "forge_attempt": 1}
    forge.queue("70", repository=job.repository, **shown)
    return job


def turn(outside, seconds=0):
    """One turn of the schedule; what the forge was asked for."""
    world, forge, _, clock = outside
    now = clock.tick(seconds)
    for job_id in lost_jobs.due(now):
        lost_jobs.advance(job_id, world, now)
    return forge.asked


def test_it_is_ended_at_once_and_runs_again_where_its_pool_says_so(connection, outside):
    job = a_lost_job(connection, outside[1])
    assert turn(outside, 1) == [("cancel", job.repository, "7")]
    outside[1].change("70", status="completed", conclusion="cancelled")
    turn(outside, 3)
    job.refresh_from_db()
    assert (job.state, job.conclusion, job.next_end_attempt_at) == ("completed", "cancelled", None)
    assert Rerun.objects.get().job == job


def test_it_is_asked_once_while_its_forge_takes_its_time_and_then_once_more(connection, outside):
    a_lost_job(connection, outside[1])
    for _ in range(5):
        turn(outside, 5)
    assert len(outside[1].asked) == 1
    turn(outside, 30)
    assert len(turn(outside, 3)) == 2


def test_whoever_died_after_the_question_and_before_its_answer_has_it_written_down(connection, outside):
    job = a_lost_job(connection, outside[1])
    outside[1].cancel = lambda *of: (_ for _ in ()).throw(Unreachable("the answer was lost"))
    turn(outside, 1)
    outside[1].change("70", status="completed", conclusion="cancelled")
    turn(outside, 40)
    job.refresh_from_db()
    assert (job.conclusion, Rerun.objects.count()) == ("cancelled", 1)


def test_a_newer_attempt_is_left_alone(connection, outside):
    job = a_lost_job(connection, outside[1])
    outside[1].change("70", forge_attempt=2, runner_id="2")
    assert turn(outside, 1) == []
    first, second = Job.objects.filter(forge_job_id="70").order_by("attempt")
    assert (first.pk, first.conclusion, second.state) == (job.pk, ingest.RERUN, "in_progress")
    assert turn(outside, 60) == []


def test_what_somebody_cancelled_meanwhile_is_not_run_again(connection, outside):
    a_lost_job(connection, outside[1])
    outside[1].change("70", status="completed", conclusion="cancelled")
    assert turn(outside, 1) == []
    assert not Rerun.objects.exists()


@pytest.mark.parametrize(
    ("state", "asked"), [("in_progress", 0), ("queued", 0), ("completed", 1), ("waiting", 1)]
)
def test_its_run_goes_on_while_another_job_of_it_runs(connection, outside, state, asked):
    job = a_lost_job(connection, outside[1])
    a_job(connection, state, run_id="7", repository=job.repository)
    assert len(turn(outside, 1)) == asked


def test_others_of_its_run_that_are_lost_too_do_not_hold_it_up(connection, outside):
    job = a_lost_job(connection, outside[1])
    a_job(connection, "in_progress", run_id="7", repository=job.repository, vm=job.vm)
    assert len(turn(outside, 1)) == 1


def test_its_runner_goes_first(connection, outside):
    job = a_lost_job(connection, outside[1])
    job.vm.runners.update(deregistered_at=None)
    type(job.vm).objects.update(state="removing", state_changed_at=NOON)
    assert turn(outside, 1) == []
    assert len(turn(outside, 10)) == 1


@pytest.mark.parametrize("version", ["1.25.4", "1.27.0"])
def test_where_nobody_can_end_it_the_time_is_told_at_which_its_forge_notices(connection, outside, version):
    type(connection).objects.update(version=version)
    job = a_lost_job(type(connection).objects.get(), outside[1])
    assert turn(outside, 1) == []
    job.refresh_from_db()
    assert job.state == "in_progress"
    told = lost_jobs.ending(job)
    assert (told.step, told.notices_at) == (
        lost_jobs.RerunStep.UNABLE,
        job.vm.last_heartbeat_at + timedelta(minutes=10),
    )


def test_a_refusal_is_no_end_of_ours(connection, outside):
    job = a_lost_job(connection, outside[1])
    outside[1].cancel = lambda *of: (_ for _ in ()).throw(ForgeRefused("The run is already done."))
    turn(outside, 1)
    job.refresh_from_db()
    assert (job.end_requested_at, job.next_end_attempt_at > NOON) == (None, True)


def test_a_job_whose_vm_is_there_is_none_of_these(connection):
    assert lost_jobs.ending(a_job(connection, "in_progress", vm=a_vm("busy"))) is None
