"""Jobs whose VM failed run again by themselves: only those, at most twice, and never asked for twice at once."""

from datetime import timedelta

import pytest

from runners import engine
from runners.jobs import auto_rerun, ingest
from runners.models import VM, Event, Job, Rerun
from runners.reasons.reruns import RerunCode, RerunGivenUp, RerunRefused
from runners.vms import lifecycle
from tests.builders import NOON, a_connection, a_job, a_pool, a_runner, a_vm, an_ended_job
from tests.worlds import Crash, a_world
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import AuditEntry
from tfci.core.reasons import Other, columns
from tfci.forges.errors import ForgeRefused, Limited, Unreachable
from tfci.forges.facts import JobSeen
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db

LOST = {"end": {}, "died_at": NOON}


@pytest.fixture
def pool():
    team_connection = a_connection(version="1.26.0")
    return a_pool(team_connection.team, [team_connection], rerun_lost=True)


@pytest.fixture
def outside():
    return a_world()


def a_lost_job(pool, outside, end=None, attempt=1, **vm):
    """Ended as its forge tells it, on a VM that is gone; and what its forge has of it."""
    _, forge, _, _ = outside
    facts = {"run_id": "7", "attempt": attempt, "forge_attempt": attempt, "forge_job_id": "70"}
    job = an_ended_job(
        pool, a_vm(**{"state": "gone", "pool": pool, "died_at": NOON} | vm), end=end or {}, **facts
    )
    ended = {"status": "completed", "conclusion": "failure", "runner_id": "1"}
    forge.queue("70", **ended, run_id="7", forge_attempt=attempt)
    Rerun.objects.create(job=job, made_at=NOON, next_at=NOON)
    return job


def turn(outside, seconds=0):
    """One turn of the schedule; what its forge was asked for."""
    world, forge, _, clock = outside
    now = clock.tick(seconds)
    for rerun_id in auto_rerun.due(now):
        auto_rerun.advance(rerun_id, world, now)
    return forge.asked


def test_a_job_that_lost_its_vm_is_run_again_and_that_is_written_down(pool, outside):
    job = a_lost_job(pool, outside)
    assert turn(outside) == [("rerun", job.repository, "7", "70")]
    rerun = Rerun.objects.get()
    assert (rerun.reason, rerun.asked_at, rerun.ended_at) == (RerunCode.ASKED, NOON, NOON)
    assert Event.objects.get(job=job).reason == RerunCode.ASKED
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.action) == ("Farmhand", Action.JOB_RERUN_AUTOMATICALLY)
    assert turn(outside, 3600) == [("rerun", job.repository, "7", "70")]


@pytest.mark.parametrize("cause", ["killed", "engine_failed", "network_lost"])
def test_a_vm_that_was_shut_down_and_an_engine_that_failed_are_not_the_codes_fault(pool, outside, cause):
    a_lost_job(pool, outside, end={"done_at": NOON, "done_cause": cause}, died_at=None)
    assert len(turn(outside)) == 1


@pytest.mark.parametrize(
    "cause",
    [
        "exited",
        "out_of_memory",
        "disk_full",
        "time_limit",
        "too_many_processes",
        "agent_killed",
        "engine_missing",
    ],
)
def test_what_another_vm_would_not_do_either_is_never_run_again(pool, outside, cause):
    a_lost_job(pool, outside, end={"done_at": NOON, "done_cause": cause}, died_at=None)
    assert turn(outside) == turn(outside, 3600) == []
    assert not Rerun.objects.exists() and not Event.objects.exists()


def test_one_that_ran_into_its_pools_limit_is_not_run_again_though_its_vm_said_nothing(pool, outside):
    job = a_lost_job(pool, outside, died_at=None)
    limit = timedelta(minutes=pool.max_job_minutes)
    Job.objects.filter(pk=job.pk).update(started_at=NOON - limit, read_at=NOON + limit)
    Event.objects.create(
        team=job.team, vm=job.vm, now=VM.State.REMOVING, **columns(Other("the limit")), at=NOON
    )
    assert turn(outside) == []


def test_it_is_run_again_twice_and_not_once_more(pool, outside):
    for attempt in (1, 2, 3):
        a_lost_job(pool, outside, attempt=attempt)
        turn(outside, 60)
    assert len(turn(outside)) == auto_rerun.MAX_RERUNS == 2
    assert [rerun.reason for rerun in Rerun.objects.order_by("pk")] == [
        RerunCode.ASKED,
        RerunCode.ASKED,
        RerunCode.ENOUGH,
    ]


def test_twice_holds_where_each_attempt_has_a_number_of_its_own(pool, outside):
    for attempt in (1, 2, 3):
        job = a_lost_job(pool, outside, attempt=attempt)
        Job.objects.filter(pk=job.pk).update(forge_job_id=f"7{attempt}")
        ended = {"status": "completed", "runner_id": "1", "forge_attempt": attempt}
        outside[1].queue(f"7{attempt}", **ended, run_id="7")
        turn(outside, 60)
    assert len(turn(outside)) == 2


def test_twice_holds_where_each_attempt_is_a_run_of_its_own(pool, outside):
    for attempt in (1, 2, 3):
        job = a_lost_job(pool, outside)
        number = f"7{attempt}"
        Job.objects.filter(pk=job.pk).update(forge_job_id=number, run_id=number, sha="c0ffee")
        outside[1].queue(number, status="completed", runner_id="1", run_id=number)
        turn(outside, 60)
    assert len(turn(outside)) == 2


def test_a_worker_that_dies_right_after_a_run_of_its_own_was_made_asks_for_no_second(pool, outside):
    job = a_lost_job(pool, outside)
    Job.objects.filter(pk=job.pk).update(sha="c0ffee")
    Rerun.objects.update(tried_at=NOON)
    a_job(
        job.connection, run_id="8", forge_job_id="80", sha="c0ffee", repository=job.repository, name=job.name
    )
    assert turn(outside) == []
    assert Rerun.objects.get().reason == RerunCode.ASKED


def test_nothing_is_asked_before_its_vm_goes(pool, outside):
    job = a_lost_job(pool, outside, state="busy")
    assert turn(outside) == turn(outside, 6) == []
    VM.objects.filter(pk=job.vm_id).update(state="removing")
    assert len(turn(outside, 6)) == 1


def test_one_that_somebody_had_run_again_meanwhile_is_left_alone(pool, outside):
    job = a_lost_job(pool, outside)
    outside[1].change("70", status="queued", conclusion=None)
    assert turn(outside, 1) == []
    assert Rerun.objects.get().reason == RerunCode.ALREADY
    assert Job.objects.filter(forge_job_id=job.forge_job_id).count() == 2


def test_a_worker_that_dies_before_its_forge_was_asked_costs_one_turn(pool, outside, monkeypatch):
    a_lost_job(pool, outside)
    forge, ask = outside[1], outside[1].rerun
    monkeypatch.setattr(forge, "rerun", lambda *_: (_ for _ in ()).throw(Crash))
    with pytest.raises(Crash):
        turn(outside)
    monkeypatch.setattr(forge, "rerun", ask)
    assert turn(outside, 5) == []  # another may still be at it
    assert len(turn(outside, 30)) == 1


def test_a_worker_that_dies_right_after_asks_for_nothing_twice_and_it_is_written_down(
    pool, outside, monkeypatch
):
    a_lost_job(pool, outside)
    forge, ask = outside[1], outside[1].rerun

    def dies_after(*asked):
        ask(*asked)
        forge.change("70", status="queued", conclusion=None)
        raise Crash

    monkeypatch.setattr(forge, "rerun", dies_after)
    with pytest.raises(Crash):
        turn(outside)
    assert not AuditEntry.objects.exists()
    assert len(turn(outside, 30)) == len(turn(outside, 30)) == 1
    assert (Rerun.objects.get().reason, AuditEntry.objects.count()) == (RerunCode.ASKED, 1)


def test_its_second_attempt_may_be_over_before_anybody_could_say_so(pool, outside):
    job = a_lost_job(pool, outside)
    Rerun.objects.update(tried_at=NOON)
    a_job(job.connection, "completed", forge_job_id="70", attempt=2, run_id="7")
    assert turn(outside) == []
    assert Rerun.objects.get().reason == RerunCode.ASKED


def test_a_forge_that_lets_no_token_do_it_is_not_asked_and_that_is_said(pool, outside):
    job = a_lost_job(pool, outside)
    job.connection.version = "1.25.4"
    job.connection.save()
    assert turn(outside) == []
    rerun = Rerun.objects.get()
    assert rerun.reason == RerunCode.REFUSED
    assert "Gitea 1.25.4 lets nobody do that by a token" in rerun.reason_params["answer"]


def test_what_its_forge_refuses_is_said_and_not_tried_again(pool, outside):
    a_lost_job(pool, outside)
    outside[1].broken = ForgeRefused("The token lacks the scope write:repository.")
    turn(outside)
    assert Rerun.objects.get().typed_reason == RerunRefused("The token lacks the scope write:repository.")
    outside[1].broken = None
    assert turn(outside, 3600) == []


def test_a_forge_that_is_down_is_asked_again_for_an_hour(pool, outside):
    a_lost_job(pool, outside)
    outside[1].broken = Unreachable("nobody answers")
    turn(outside)
    assert Rerun.objects.get().ended_at is None
    outside[1].broken = None
    assert len(turn(outside, 60)) == 1


def test_a_forge_that_stays_down_is_given_up(pool, outside):
    a_lost_job(pool, outside)
    outside[1].broken = Unreachable("nobody answers")
    turn(outside, 3700)
    assert Rerun.objects.get().typed_reason == RerunGivenUp("nobody answers")
    assert auto_rerun.due(NOON + timedelta(days=1)) == []


def test_a_forge_that_wants_fewer_calls_is_left_alone_until_then(pool, outside):
    a_lost_job(pool, outside)
    outside[1].broken = Limited("too many", NOON + timedelta(minutes=10))
    turn(outside)
    outside[1].broken = None
    assert turn(outside, 300) == []
    assert len(turn(outside, 301)) == 1


def test_a_pool_that_was_told_to_stop_it_stops(pool, outside):
    a_lost_job(pool, outside)
    pool.rerun_lost = False
    pool.save()
    assert turn(outside) == []


@pytest.mark.parametrize(
    ("opted", "conclusion", "noted"),
    [(True, "failure", 1), (False, "failure", 0), (True, "success", 0), (True, "cancelled", 0)],
)
def test_a_failure_is_noted_with_the_jobs_end_where_its_pool_wishes_it(pool, opted, conclusion, noted):
    pool.rerun_lost = opted
    pool.save()
    vm, job = a_vm("busy", pool), a_job(pool.connections.get(), "in_progress", pool=pool)
    a_runner(vm, job, job=job)
    Job.objects.filter(pk=job.pk).update(vm=vm)
    seen = JobSeen(job.forge_job_id, "7", job.repository, job.name, ("small",), "completed", conclusion)
    ingest.observe(job.connection, seen, NOON)
    ingest.observe(job.connection, seen, NOON, asked_at=NOON)
    assert Rerun.objects.filter(job=job).count() == noted


def test_a_vm_that_dies_under_its_job_leads_to_one_question(pool, outside):
    """From the busy VM to its forge's word and on, by the modules that do it."""
    world, forge, grid, clock = outside
    vm, job = (
        a_vm("busy", pool),
        a_job(pool.connections.get(), "in_progress", pool=pool, forge_job_id="70", run_id="7"),
    )
    a_runner(vm, job, job=job, forge_runner_id="5", registered_at=NOON, taken_at=NOON)
    Job.objects.filter(pk=job.pk).update(vm=vm, started_at=NOON)
    forge.queue("70", status="in_progress", run_id="7", repository=job.repository, runner_id="5")
    VM.objects.filter(pk=vm.pk).update(died_at=clock.tick(5))
    engine.run(engine.lease_due(vm.pk, clock()), lifecycle.STATES, world, clock())
    forge.change("70", status="completed", conclusion="failure")
    ingest.observe(job.connection, forge.jobs["70"], clock(), asked_at=clock())
    assert turn(outside, 1) == [("rerun", job.repository, "7", "70")]


def test_where_all_of_a_run_would_start_anew_nothing_does_by_itself(pool, outside):
    """Each would be a run of its own, so nobody could count how often."""
    job = a_lost_job(pool, outside)
    Connection.objects.update(forge="woodpecker")
    assert turn(outside) == []
    assert Rerun.objects.get(job=job).reason == RerunCode.WHOLE_RUN
