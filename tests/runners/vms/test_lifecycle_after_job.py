"""A VM after its job: kept open for a person, or refreshed for the next job."""

from datetime import timedelta

import pytest

from runners.models import VM, Job, Pool, Runner
from runners.reasons import vm_ends, vms
from runners.reasons.retirements import Unplaced
from runners.reasons.reuse import ManyJobs, WasDebugged
from runners.vms import debug_access, reuse
from tests.builders import NOON, a_debug_access, a_job, a_runner
from tests.runners.vms.test_lifecycle import (
    a_busy,
    a_reusable,
    come_back,
    complete,
    events,
    later,
    outside,
    walk_at,
)
from tests.walks import walk
from tfci.forges.errors import Unreachable
from tfci.forges.models import Connection

__all__ = ["outside"]

pytestmark = pytest.mark.django_db


class TestKept:
    """Somebody is in it by debug access when its job ends."""

    @pytest.fixture
    def visited(self, outside):
        """(walk to that many seconds, the VM, its runner, the access)"""
        world, forge, _, clock = outside
        vm, runner = a_busy(forge, ended={"done_at": NOON, "done_cause": "exited"})
        there = a_debug_access(vm, minutes=15)
        complete(runner.job, "failure")
        return lambda seconds: walk_at(vm, world, clock, seconds), vm, runner, there

    def test_it_stays_until_that_has_ended_and_then_goes(self, visited):
        go, vm, runner, there = visited
        assert go(1).state == "kept"
        VM.objects.update(last_heartbeat_at=later(seconds=890))
        assert go(899).state == "kept"
        assert vm.typed_reason == vms.Debugged(there.who)
        assert go(900).state == "removing"
        assert events(vm)[:2] == [
            vm_ends.DebugOver(),
            vms.KeptOpen(there.who, vms.part(vm_ends.JobEnded("failure"))),
        ]

    def test_its_forge_forgets_the_runner_meanwhile(self, outside, visited):
        go, vm, runner, _ = visited
        go(1)
        assert outside[1].have == {}
        runner.refresh_from_db()
        assert runner.deregistered_at == later(seconds=1)

    def test_the_time_that_it_is_kept_is_noted_from_the_jobs_end_to_its_own(self, visited):
        go, vm, _, there = visited
        go(1)
        debug_access.close(vm, there.user, later(seconds=60))
        assert go(60).state == "removing"
        there.refresh_from_db()
        assert (there.kept_at, there.closed_at) == (later(seconds=1), later(seconds=60))

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"retire_reason": "unplaced"}, "unplaced"), ({"died_at": NOON}, "node_lost_vm")],
    )
    def test_it_goes_at_once_where_somebody_retires_it_or_it_is_lost(self, visited, change, code):
        go, vm, _, there = visited
        go(1)
        VM.objects.filter(pk=vm.pk).update(**change, next_step_at=NOON)
        assert go(2).state == "removing"
        assert events(vm)[0].code == code
        there.refresh_from_db()
        assert there.closed_at == later(seconds=2)

    def test_it_does_not_stay_for_who_came_in_by_an_agent_that_was_killed(self, visited):
        go, vm, runner, _ = visited
        Runner.objects.filter(pk=runner.pk).update(done_cause="agent_killed")
        assert go(1).state == "removing"

    def test_it_stays_too_where_its_forge_never_says_how_the_job_ended(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_busy(forge, ended={"done_at": NOON, "done_cause": "exited"})
        a_debug_access(vm)
        VM.objects.update(last_heartbeat_at=later(seconds=100))
        assert walk_at(vm, world, clock, 121).state == "kept"

    def test_one_that_somebody_was_in_takes_no_other_job(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_reusable(forge)
        a_debug_access(vm, closed_at=NOON)
        assert walk(vm, world, clock).state == "removing"
        assert events(vm)[0] == vm_ends.JobEndedLast("success", vms.part(WasDebugged()))


class TestRefreshing:
    def test_a_job_that_may_be_followed_leads_to_a_reboot_for_its_scope_alone(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_reusable(forge)
        assert walk(vm, world, clock).state == "refreshing"
        assert vm.scope == f"organisation:{runner.connection_id}"
        assert events(vm)[0] == vms.JobFollows("success")

    @pytest.mark.parametrize(
        ("level", "handle", "state"),
        [
            ("org", "", "removing"),
            ("instance", "", "removing"),
            ("repo", "", "refreshing"),
            ("org", "h", "refreshing"),
        ],
    )
    def test_a_repository_keeps_a_vm_only_where_its_forge_hands_it_to_no_other(
        self, outside, level, handle, state
    ):
        world, forge, _, clock = outside
        vm, runner = a_reusable(forge)
        Pool.objects.update(reuse="repository")
        Connection.objects.update(level=level)
        Job.objects.update(handle=handle)
        walk(vm, world, clock)
        assert vm.state == state
        assert vm.scope == (
            f"repository:{runner.connection_id}:{runner.job.repository}" if state == "refreshing" else ""
        )

    def test_its_forge_forgets_the_runner_before_the_window_opens(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_reusable(forge)
        forge.broken = Unreachable("no answer")
        walk(vm, world, clock)
        assert not reuse.is_reboot_due(vm.pk)
        assert vm.typed_reason == vms.Deregistering(str(runner.connection))
        forge.broken = None
        walk_at(vm, world, clock, 6)
        assert forge.have == {}
        assert reuse.is_reboot_due(vm.pk)

    def test_it_stands_by_again_once_a_new_agent_has_claimed_it(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_reusable(forge)
        walk(vm, world, clock)
        come_back(vm, "another key", clock.tick(4))
        assert walk(vm, world, clock).state == "standby"
        assert events(vm)[0] == vms.CameBack(4.0)

    def test_one_that_never_comes_back_goes(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_reusable(forge)
        walk(vm, world, clock)
        assert walk_at(vm, world, clock, 181).state == "removing"
        assert events(vm)[0] == vm_ends.NeverCameBack(3)

    def test_a_forge_that_never_forgets_the_runner_costs_no_more_than_the_window(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_reusable(forge)
        forge.broken = Unreachable("no answer")
        walk(vm, world, clock)
        assert walk_at(vm, world, clock, 181).state == "removing"

    def test_one_that_nobody_wants_any_more_goes_without_coming_back(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_reusable(forge)
        walk(vm, world, clock)
        VM.objects.filter(pk=vm.pk).update(retire_reason="unplaced", next_step_at=clock())
        assert events(walk(vm, world, clock))[0] == Unplaced()

    @pytest.mark.parametrize(
        "change",
        [
            {"pool": {"reuse": "never"}},
            {"pool": {"closing_at": NOON}},
            {"pool": {"protection": "ram"}},
            {"vm": {"protection": "none"}, "pool": {"protection": "none"}},
            {"vm": {"deployed_at": NOON - timedelta(hours=25)}},
            {"vm": {"retire_reason": "unplaced"}},
            {"job": {"event": "pull_request"}},
            {"job": {"event": ""}},
            {"end": {"done_cause": "killed"}},
            {"end": {"done_at": None, "done_cause": ""}},
        ],
        ids=str,
    )
    def test_whatever_speaks_against_it_makes_it_go_as_ever(self, outside, change):
        world, forge, _, clock = outside
        vm, runner = a_reusable(forge, change.get("end"))
        Pool.objects.update(**change.get("pool", {}))
        VM.objects.update(**change.get("vm", {}))
        Job.objects.update(**change.get("job", {}))
        assert walk_at(vm, world, clock, 6).state == "removing"

    def test_the_twentieth_job_is_its_last(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_reusable(forge)
        for _ in range(19):
            a_runner(vm, job=a_job(runner.connection, "completed"), deregistered_at=NOON)
        assert walk(vm, world, clock).state == "removing"
        assert events(vm)[0] == vm_ends.JobEndedLast("success", vms.part(ManyJobs(20)))
