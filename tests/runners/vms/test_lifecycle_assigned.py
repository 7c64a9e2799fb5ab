"""An assigned VM: registered, handed over, or given up."""

from datetime import timedelta

import pytest

from runners.models import VM
from runners.reasons import vm_ends
from runners.reasons.jobs import RunnerRefused
from tests.builders import NOON, a_job, a_runner, a_vm
from tests.runners.vms.test_lifecycle import an_assigned, events, later, outside, taken, walk_at
from tests.walks import walk
from tfci.core.permits import Full
from tfci.forges.errors import Busy, ForgeRefused, Unreachable
from tfci.forges.facts import RunnerSeen
from tfci.forges.models import Connection

__all__ = ["outside"]

pytestmark = pytest.mark.django_db


class TestAssigned:
    def test_its_runner_is_registered_with_exactly_the_jobs_labels(self, outside):
        world, forge, _, clock = outside
        vm = a_vm("assigned")
        job = a_job(vm.pool.connections.first(), pool=vm.pool, labels=["small", "Linux"])
        runner = a_runner(vm, job)
        walk(vm, world, clock)
        runner.refresh_from_db()
        assert forge.have[runner.forge_runner_id].labels == ("small", "Linux")
        assert runner.credential.reveal() == f"credential {runner.name}"

    def test_its_runner_is_made_with_the_handle_of_the_job(self, outside):
        world, forge, _, clock = outside
        vm = a_vm("assigned")
        a_runner(vm, asked_for=a_job(vm.pool.connections.get(), pool=vm.pool, handle="h-1"))
        walk(vm, world, clock)
        assert forge.handles == ["h-1"]

    def test_a_registration_whose_record_was_lost_is_forgotten_before_the_next(self, outside):
        world, forge, _, clock = outside
        vm = a_vm("assigned")
        runner = a_runner(vm, tried_at=NOON)
        forge.register(runner.name, ["small"])
        walk(vm, world, clock)
        assert [seen.name for seen in forge.have.values()] == [runner.name]
        runner.refresh_from_db()
        assert runner.forge_runner_id == "2"

    def test_a_forge_that_is_down_is_asked_again_and_given_up_in_the_end(self, outside):
        world, forge, _, clock = outside
        forge.broken = Unreachable("no answer")
        vm = a_vm("assigned")
        a_runner(vm)
        assert walk(vm, world, clock).reason == "forge_away"
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=6))
        assert walk_at(vm, world, clock, 360).state == "removing"

    def test_where_no_call_is_left_for_its_forge_it_waits_without_a_thread(self, outside):
        world, forge, _, clock = outside
        forge.broken = Busy("2 of 2 calls are open.", clock() + timedelta(seconds=5), Full.HOST)
        vm = a_vm("assigned")
        a_runner(vm)
        assert "2 of 2" in walk(vm, world, clock).typed_reason.answer
        vm.refresh_from_db()
        assert (vm.next_step_at, vm.leased_until) == (clock() + timedelta(seconds=5), clock())

    def test_a_forge_that_refuses_ends_it_with_its_words(self, outside):
        world, forge, _, clock = outside
        vm = a_vm("assigned")
        a_runner(vm)
        forge.broken = ForgeRefused("the token lacks write:organization")
        assert "write:organization" in events(walk(vm, world, clock))[0].answer

    def test_a_forge_that_refuses_gets_no_vm_after_vm(self, outside):
        world, forge, _, clock = outside
        vm = a_vm("assigned")
        asked = a_runner(vm).asked_for
        other = a_job(asked.connection)
        forge.broken = ForgeRefused("the token was revoked")
        walk(vm, world, clock)
        for job in (asked, other):
            job.refresh_from_db()
            assert (job.offers, job.next_offer_at) == (1, clock() + timedelta(minutes=2))
            assert job.typed_reason == RunnerRefused(str(job.connection), "the token was revoked")
        asked.connection.refresh_from_db()
        assert asked.connection.problem_text == "the token was revoked"

    @pytest.mark.parametrize(
        ("url", "state"), [("https://github.com", "removing"), ("https://git.acme.example", "assigned")]
    )
    def test_a_forge_that_wants_its_runner_fresh_is_offered_no_old_one(self, outside, url, state):
        """github.com gives it no job; a server of one's own takes any."""
        world, forge, _, clock = outside
        old = {"engine": "github", "version": "2.330.0", "released": "2026-01-01"}
        image = {
            "built_at": "2026-05-31T00:00:00Z",
            "distribution": "debian",
            "release": "trixie",
            "engines": [old],
        }
        vm = a_vm("assigned", image=image)
        runner = a_runner(vm)
        Connection.objects.filter(pk=runner.connection_id).update(forge="github", url=url)
        assert walk(vm, world, clock).state == state
        runner.asked_for.refresh_from_db()
        assert forge.registered == int(state == "assigned")
        assert (runner.asked_for.reason == "runner_refused") == (state == "removing")

    def test_without_a_job_for_five_minutes_it_goes_and_the_job_backs_off(self, outside):
        world, forge, _, clock = outside
        vm, runner = an_assigned(forge)
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=6))
        walk_at(vm, world, clock, 301)
        runner.asked_for.refresh_from_db()
        assert vm.state == "removing"
        assert runner.asked_for.offers == 1
        assert runner.asked_for.next_offer_at == clock() + timedelta(minutes=2)

    def test_it_is_not_let_go_while_the_forge_says_that_a_job_runs_on_it(self, outside):
        world, forge, _, clock = outside
        vm, runner = an_assigned(forge)
        forge.start(runner.asked_for.forge_job_id, runner.forge_runner_id)
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=6))
        assert walk_at(vm, world, clock, 301).state == "busy"

    def test_it_is_not_let_go_while_the_forge_calls_its_runner_busy(self, outside):
        """GitHub lists no jobs over an organisation: the runner may have one that nobody told us of."""
        world, forge, _, clock = outside
        vm, runner = an_assigned(forge)
        forge.have[runner.forge_runner_id] = RunnerSeen(runner.forge_runner_id, runner.name, True, True, True)
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=6))
        assert walk_at(vm, world, clock, 301).state == "assigned"
        forge.have.clear()
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=7))
        assert walk_at(vm, world, clock, 400).state == "removing"

    def test_a_job_that_ended_before_it_got_it_ends_it(self, outside):
        world, forge, _, clock = outside
        vm, runner = an_assigned(forge)
        forge.finish(runner.asked_for.forge_job_id, "cancelled")
        runner.asked_for.state = "completed"
        runner.asked_for.save()
        assert walk(vm, world, clock).state == "removing"

    def test_a_job_that_a_foreign_runner_took_ends_it(self, outside):
        world, forge, _, clock = outside
        vm, runner = an_assigned(forge)
        taken(forge, runner.asked_for)
        assert events(walk(vm, world, clock)) == [vm_ends.JobTaken(str(runner.asked_for))]

    def test_it_stays_for_another_job_of_the_same_labels(self, outside):
        world, forge, _, clock = outside
        vm, runner = an_assigned(forge)
        taken(forge, runner.asked_for)
        a_job(runner.connection)
        assert walk(vm, world, clock).state == "assigned"

    def test_a_job_that_was_taken_before_the_registration_makes_none(self, outside):
        world, forge, _, clock = outside
        vm = a_vm("assigned")
        taken(forge, a_runner(vm).asked_for)
        assert (walk(vm, world, clock).state, forge.registered) == ("removing", 0)
