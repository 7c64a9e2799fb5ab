"""What forges say of jobs: readings in any order, doubled, lost and late. Facts: verified.md 1, forges.md 7."""

from dataclasses import replace
from datetime import timedelta

import pytest

from billing import ledger
from runners.jobs import ingest
from runners.metering import charges
from runners.models import VM, Job, Runner
from runners.reasons.jobs import ConnectionEnding, JobCode
from runners.reasons.labels import LabelCode, LabelUnknown, SizeTooLarge
from tests.builders import NOON, a_connection, a_job, a_pool, a_runner, a_vm
from tests.statements import before
from tfci.forges.facts import JobSeen, StepSeen

pytestmark = pytest.mark.django_db

QUEUED = JobSeen("9", "4", "acme/app", "build", ("small",), "queued", created_at=NOON)
RUNNING = replace(QUEUED, status="in_progress", runner_id="7", runner_name="somebody", started_at=NOON)
DONE = replace(RUNNING, status="completed", conclusion="success", completed_at=NOON)


def later(seconds):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def connection():
    connection = a_connection()
    a_pool(connection.team, [connection], name="first")
    return connection


def the_job():
    return Job.objects.filter(forge_job_id=QUEUED.job_id).order_by("-attempt").first()


class TestHearing:
    def test_a_queued_job_gets_its_pool_and_its_size(self, connection):
        effects = ingest.observe(connection, QUEUED, NOON)
        job = the_job()
        assert (job.state, job.size, job.pool.name) == ("queued", "2cpu8gbram50gbssd", "first")
        assert effects.pools == {job.pool_id}

    def test_the_first_pool_in_the_teams_order_gets_it(self, connection):
        a_pool(connection.team, [connection], name="before", position=0)
        connection.team.pool_set.filter(name="first").update(position=1)
        ingest.observe(connection, QUEUED, NOON)
        assert the_job().pool.name == "before"

    def test_a_pool_with_repositories_takes_only_theirs(self, connection):
        connection.team.pool_set.update(repositories=["acme/other"])
        ingest.observe(connection, QUEUED, NOON)
        assert the_job().state == "refused"
        assert the_job().reason == JobCode.NO_POOL

    @pytest.mark.parametrize("labels", [("ubuntu-latest",), ("self-hosted",), ("self-hosted", "linux"), ()])
    def test_one_that_no_label_of_ours_addresses_is_not_ours(self, connection, labels):
        ingest.observe(connection, replace(QUEUED, labels=labels), NOON)
        assert (the_job().state, the_job().ours, the_job().pool) == ("not_ours", False, None)

    def test_it_stays_so_while_another_runner_has_it_and_when_it_is_over(self, connection):
        theirs = {"labels": ("ubuntu-latest",)}
        for number, seen in enumerate((QUEUED, RUNNING, DONE)):
            ingest.observe(connection, replace(seen, **theirs), later(number))
        assert (the_job().state, the_job().ours) == ("completed", False)

    def test_what_addresses_us_is_ours_though_no_pool_takes_it(self, connection):
        connection.team.pool_set.update(repositories=["acme/other"])
        ingest.observe(connection, replace(QUEUED, labels=("ubuntu-latest", "tfgrid")), NOON)
        assert (the_job().state, the_job().ours) == ("refused", True)

    def test_a_pools_own_anchor_addresses_us(self, connection):
        a_pool(connection.team, [connection], anchors=["ubuntu-latest"])
        ingest.observe(connection, replace(QUEUED, labels=("ubuntu-latest",)), NOON)
        assert (the_job().state, the_job().ours) == ("queued", True)

    @pytest.mark.parametrize("label", ["2cpu", "8gb", "1tb"])
    def test_a_part_of_a_size_is_refused_with_what_it_lacks(self, connection, label):
        ingest.observe(connection, replace(QUEUED, labels=(label,)), NOON)
        assert the_job().state == "refused"
        assert (the_job().reason, the_job().reason_params["label"]) == (LabelCode.PART_OF_SIZE, label)

    def test_unknown_labels_are_refused_with_the_label_named(self, connection):
        ingest.observe(connection, replace(QUEUED, labels=("small", "gpu")), NOON)
        assert the_job().state == "refused"
        assert the_job().typed_reason == LabelUnknown("gpu")

    def test_a_size_above_the_pools_is_refused_and_does_not_fall_through(self, connection):
        a_pool(connection.team, [connection], name="huge", position=1, sizes=["64cpu256gbram2000gbssd"])
        ingest.observe(connection, replace(QUEUED, labels=("32cpu64gbram50gbssd",)), NOON)
        assert the_job().pool.name == "first"
        assert the_job().typed_reason == SizeTooLarge(32, 16, "processors")

    def test_a_label_that_one_pool_does_not_understand_may_be_anothers_anchor(self, connection):
        a_pool(connection.team, [connection], name="gpu", position=1, anchors=["gpu"])
        ingest.observe(connection, replace(QUEUED, labels=("small", "gpu")), NOON)
        assert (the_job().state, the_job().pool.name) == ("queued", "gpu")

    def test_accepted_labels_go_onto_the_signpost_and_refused_ones_do_not(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, replace(QUEUED, job_id="10", labels=("small", "gpu")), NOON)
        connection.refresh_from_db()
        assert connection.signpost_labels == ["small"]

    def test_a_new_label_is_news_and_a_known_one_is_not(self, connection):
        assert ingest.observe(connection, QUEUED, NOON).posts == {connection.pk}
        assert ingest.observe(connection, replace(QUEUED, job_id="10"), NOON).posts == set()

    def test_a_job_of_a_real_forge_is_refused_on_the_simulated_grid(self, connection, settings):
        settings.UNSAFE_LOCAL_JOBS = False
        ingest.observe(connection, QUEUED, NOON)
        assert the_job().reason == JobCode.UNSAFE_GRID

    def test_an_organisation_that_is_being_unlinked_takes_no_new_job(self, connection):
        connection.disconnecting_at = NOON
        connection.save()
        ingest.observe(connection, QUEUED, NOON)
        assert (the_job().state, the_job().typed_reason) == ("refused", ConnectionEnding("organization"))


class TestOrder:
    def test_the_same_reading_twice_is_one_job(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, QUEUED, later(1))
        assert Job.objects.count() == 1

    @pytest.mark.parametrize("late", [QUEUED, replace(QUEUED, status="waiting")])
    def test_a_late_queued_takes_nothing_back(self, connection, late):
        ingest.observe(connection, RUNNING, NOON)
        ingest.observe(connection, late, later(1))
        assert the_job().state == "in_progress"

    def test_completed_before_queued_is_completed(self, connection):
        ingest.observe(connection, DONE, NOON)
        effects = ingest.observe(connection, QUEUED, later(1))
        assert (the_job().state, Job.objects.count()) == ("completed", 1)
        assert effects.reread == {the_job().pk}

    def test_waiting_by_webhook_never_overrides_queued(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, replace(QUEUED, status="waiting"), later(1))
        assert the_job().state == "queued"

    def test_a_reading_may_show_that_its_forge_holds_it_back(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, replace(QUEUED, status="waiting"), later(1), asked_at=later(1))
        assert the_job().state == "waiting"
        assert the_job().reason == JobCode.HELD_BY_FORGE

    def test_a_second_queued_frees_a_job_that_waited(self, connection):
        ingest.observe(connection, replace(QUEUED, status="waiting"), NOON)
        assert the_job().state == "waiting"
        ingest.observe(connection, QUEUED, later(1))
        assert (the_job().state, the_job().queued_at) == ("queued", later(1))

    def test_a_reading_asked_for_before_a_newer_one_is_ignored(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, replace(QUEUED, status="waiting"), later(5), asked_at=later(4))
        ingest.observe(connection, QUEUED, later(6), asked_at=later(3))
        assert the_job().state == "waiting"

    def test_in_progress_twice_is_a_reason_to_read_again(self, connection):
        ingest.observe(connection, RUNNING, NOON)
        assert ingest.observe(connection, RUNNING, later(1)).reread == {the_job().pk}

    def test_cancelled_while_queued_ends_it(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, replace(QUEUED, status="completed", conclusion="cancelled"), later(1))
        assert (the_job().state, the_job().conclusion) == ("completed", "cancelled")


class TestRerun:
    def test_a_reading_after_the_end_that_shows_it_queued_opens_the_next_attempt(self, connection):
        ingest.observe(connection, DONE, NOON)
        ingest.observe(connection, replace(QUEUED, forge_attempt=1), later(9), asked_at=later(8))
        assert [job.attempt for job in Job.objects.order_by("attempt")] == [1, 2]
        assert the_job().state == "queued"

    def test_a_reading_asked_for_before_the_end_does_not(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, DONE, later(5))
        ingest.observe(connection, QUEUED, later(6), asked_at=later(4))
        assert Job.objects.count() == 1

    def test_a_webhook_after_the_end_only_makes_us_read_again(self, connection):
        ingest.observe(connection, DONE, NOON)
        assert ingest.observe(connection, QUEUED, later(1)).reread
        assert Job.objects.count() == 1

    @pytest.mark.parametrize("shown", [QUEUED, replace(RUNNING, runner_id="8", forge_attempt=2)])
    def test_one_whose_end_nobody_told_ends_when_a_reading_shows_the_next_attempt(self, connection, shown):
        ingest.observe(connection, replace(RUNNING, forge_attempt=1), NOON)
        ingest.observe(connection, shown, later(9), asked_at=later(8))
        first, second = Job.objects.order_by("attempt")
        assert (first.state, first.conclusion, first.vm) == ("completed", "rerun", None)
        assert (second.attempt, second.state) == (2, shown.status)

    def test_its_vm_is_due_and_the_pool_looks_again(self, connection):
        vm = a_vm("assigned", connection.team.pool_set.get())
        a_runner(vm, forge_runner_id="7", registered_at=NOON)
        ingest.observe(connection, RUNNING, NOON)
        VM.objects.update(next_step_at=later(60))
        effects = ingest.observe(connection, QUEUED, later(9), asked_at=later(8))
        vm.refresh_from_db()
        assert (effects.vms, effects.pools, vm.next_step_at) == ({vm.pk}, {vm.pool_id}, later(9))

    def test_a_late_queued_by_webhook_ends_nothing(self, connection):
        ingest.observe(connection, RUNNING, NOON)
        ingest.observe(connection, QUEUED, later(9))
        assert the_job().state == "in_progress"


class TestAttempts:
    """A late word of one attempt says nothing of the next one."""

    def so_far(self):
        told = Job.objects.filter(forge_job_id=QUEUED.job_id).order_by("attempt")
        return list(told.values_list("attempt", "state"))

    @pytest.mark.parametrize("numbered", [0, 1])
    @pytest.mark.parametrize("late", [RUNNING, DONE])
    def test_a_late_word_of_the_first_leaves_the_second_as_it_is(self, connection, numbered, late):
        for number, seen in enumerate((QUEUED, RUNNING, DONE)):
            told = seen if seen is QUEUED else replace(seen, forge_attempt=numbered)
            ingest.observe(connection, told, later(number))
        again = replace(QUEUED, forge_attempt=numbered)
        ingest.observe(connection, again, later(9), asked_at=later(9))
        ingest.observe(connection, replace(late, forge_attempt=numbered), later(10))
        ingest.observe(connection, again, later(11), asked_at=later(11))
        assert self.so_far() == [(1, "completed"), (2, "queued")]

    def test_a_vm_of_the_first_is_not_given_to_the_second(self, connection):
        runner = a_runner(
            a_vm("assigned", connection.team.pool_set.get()), forge_runner_id="7", registered_at=NOON
        )
        first = replace(RUNNING, forge_attempt=1)
        ingest.observe(connection, first, NOON)
        ingest.observe(connection, replace(QUEUED, forge_attempt=1), later(9), asked_at=later(9))
        ingest.observe(connection, replace(DONE, forge_attempt=1), later(10))
        assert self.so_far() == [(1, "completed"), (2, "queued")]
        assert (the_job().vm, runner.vm.jobs.get().attempt) == (None, 1)

    def test_an_end_that_is_told_late_is_noted_where_it_was_not_known(self, connection):
        ingest.observe(connection, replace(RUNNING, forge_attempt=1), NOON)
        ingest.observe(connection, replace(QUEUED, forge_attempt=1), later(9), asked_at=later(9))
        assert Job.objects.get(attempt=1).conclusion == ingest.RERUN
        ingest.observe(connection, replace(DONE, forge_attempt=1), later(10))
        assert Job.objects.get(attempt=1).conclusion == "success"

    def test_a_vm_whose_job_is_told_late_has_run_it(self, connection):
        runner = a_runner(
            a_vm("assigned", connection.team.pool_set.get()), forge_runner_id="7", registered_at=NOON
        )
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, replace(QUEUED, forge_attempt=1), later(9), asked_at=later(9))
        effects = ingest.observe(connection, replace(DONE, forge_attempt=1), later(10))
        assert (Job.objects.get(forge_job_id="9", attempt=1).vm, effects.vms) == (runner.vm, {runner.vm_id})
        assert (the_job().attempt, the_job().state, the_job().vm) == (2, "queued", None)

    def test_the_end_of_a_later_attempt_does_not_end_this_one(self, connection):
        ingest.observe(connection, replace(RUNNING, forge_attempt=1), NOON)
        newer = replace(DONE, forge_attempt=2, runner_id="8")
        assert ingest.observe(connection, newer, later(1)).reread == {the_job().pk}
        assert self.so_far() == [(1, "in_progress")]
        ingest.observe(connection, newer, later(2), asked_at=later(2))
        assert self.so_far() == [(1, "completed"), (2, "completed")]
        assert Job.objects.get(attempt=1).conclusion == ingest.RERUN

    def test_one_that_came_and_went_between_two_readings_is_a_job_of_its_own(self, connection):
        ingest.observe(connection, replace(DONE, forge_attempt=1, conclusion="failure"), NOON)
        ingest.observe(connection, replace(DONE, forge_attempt=2, runner_id="8"), later(1), asked_at=later(1))
        assert [job.conclusion for job in Job.objects.order_by("attempt")] == ["failure", "success"]

    def test_an_attempt_with_a_job_of_its_own_has_its_forges_number(self, connection):
        connection.version = "1.27.0"
        connection.save()
        ingest.observe(connection, replace(DONE, forge_attempt=1), NOON)
        ingest.observe(connection, replace(QUEUED, job_id="10", forge_attempt=2), later(1))
        assert [job.number for job in Job.objects.order_by("pk")] == [1, 2]


class TestBinding:
    def test_a_runner_of_ours_binds_job_runner_and_vm(self, connection):
        pool = connection.team.pool_set.get()
        vm = a_vm("assigned", pool)
        runner = a_runner(vm, forge_runner_id="7", registered_at=NOON)
        effects = ingest.observe(connection, RUNNING, later(1))
        runner.refresh_from_db()
        assert (the_job().vm, runner.job, runner.taken_at) == (vm, the_job(), later(1))
        assert vm.pk in effects.vms

    def test_one_that_was_made_with_the_jobs_handle_is_bound_though_its_forge_names_none(self, connection):
        ingest.observe(connection, replace(QUEUED, handle="h-1"), NOON)
        runner = a_runner(a_vm("assigned", connection.pools.get()), asked_for=the_job(), registered_at=NOON)
        ended = replace(DONE, runner_id=None, runner_name=None, handle="h-1", by_handle=True)
        ingest.observe(connection, ended, NOON, asked_at=NOON)
        runner.refresh_from_db()
        assert (runner.job, the_job().vm_id) == (the_job(), runner.vm_id)

    def test_one_that_was_never_registered_has_no_job_by_its_handle(self, connection):
        ingest.observe(connection, replace(QUEUED, handle="h-1"), NOON)
        runner = a_runner(a_vm("assigned", connection.pools.get()), asked_for=the_job())
        ended = replace(DONE, runner_id=None, runner_name=None, handle="h-1", by_handle=True)
        ingest.observe(connection, ended, NOON, asked_at=NOON)
        runner.refresh_from_db()
        assert (runner.job, the_job().vm) == (None, None)

    def test_a_foreign_runner_is_named_and_the_pool_looks_again(self, connection):
        ingest.observe(connection, QUEUED, NOON)
        effects = ingest.observe(connection, RUNNING, later(1))
        assert the_job().foreign_runner == "somebody"
        assert the_job().vm is None
        assert effects.pools == {the_job().pool_id}

    def test_a_foreign_runner_is_named_though_only_the_end_was_heard(self, connection):
        ingest.observe(connection, DONE, NOON)
        assert the_job().foreign_runner == "somebody"

    def test_a_runner_that_was_given_another_job_at_this_moment_is_not_bound(self, connection):
        runner = a_runner(
            a_vm("assigned", connection.team.pool_set.get()), forge_runner_id="7", registered_at=NOON
        )
        other, rows = a_job(connection, forge_job_id="8"), Runner.objects.filter(pk=runner.pk)
        with before('UPDATE "runners_runner"', lambda: rows.update(job=other)):
            effects = ingest.observe(connection, RUNNING, later(1))
        assert (the_job().vm, effects.vms) == (None, set())

    @pytest.mark.parametrize("state", ["assigned", "gone"])
    def test_an_attempt_that_is_told_late_costs_the_same_whether_its_vm_is_gone_or_not(
        self, connection, state
    ):
        vm = a_vm("assigned", connection.team.pool_set.get(), claimed_at=later(10))
        times = {
            "bound_at": later(20),
            "registered_at": later(20),
            "started_at": later(30),
            "done_at": later(90),
        }
        a_runner(vm, forge_runner_id="7", **times)
        ingest.observe(connection, QUEUED, NOON)
        ingest.observe(connection, replace(QUEUED, forge_attempt=1), later(95), asked_at=later(95))
        gone = {"state": "gone", "sent_at": NOON, "removed_at": later(100), "contract_ended_at": later(100)}
        if state == "gone":
            VM.objects.filter(pk=vm.pk).update(**gone)
            vm.refresh_from_db()
            charges.settle(vm, later(100))
        told = replace(DONE, forge_attempt=1, started_at=later(30), completed_at=later(90))
        ingest.observe(connection, told, later(120))
        if state == "assigned":
            VM.objects.filter(pk=vm.pk).update(**gone)
            charges.settle(vm, later(130))
        job = Job.objects.get(forge_job_id="9", attempt=1)
        hour = vm.quote.per_hour
        assert ledger.spent(vm_id=vm.pk) == ledger.spent(job_id=job.pk) == hour.share(100, 3600)
        own = ledger.spent(job_id=job.pk, use="job")
        assert own == hour.share(90, 3600) - hour.share(30, 3600)

    def test_completed_without_in_progress_still_binds(self, connection):
        vm = a_vm("assigned", connection.team.pool_set.get())
        a_runner(vm, forge_runner_id="7", registered_at=NOON)
        ingest.observe(connection, DONE, later(1))
        assert the_job().vm == vm


def test_alike_jobs_with_handles_of_their_own_are_demands_of_their_own(connection):
    for number, handle in (("1", "h-1"), ("2", "h-2"), ("3", "h-2")):
        ingest.observe(connection, replace(QUEUED, job_id=number, handle=handle), NOON)
    first, second, third = Job.objects.order_by("pk")
    assert (first.handle, second.handle) == ("h-1", "h-2")
    assert first.label_key != second.label_key == third.label_key


def test_steps_come_with_a_webhook_also_after_a_reading_has_seen_the_end(connection):
    ingest.observe(connection, DONE, NOON, asked_at=NOON)
    steps = (StepSeen("make", NOON, later(9)), StepSeen("upload"))
    ingest.observe(connection, replace(DONE, steps=steps), later(1))
    assert the_job().steps == [
        {"name": "make", "started_at": NOON.isoformat(), "completed_at": "2026-06-01T12:00:09+00:00"},
        {"name": "upload", "started_at": None, "completed_at": None},
    ]
