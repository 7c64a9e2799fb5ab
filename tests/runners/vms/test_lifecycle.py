"""A VM's life: each state, what ends it, and each way it can fail."""

from datetime import timedelta

import pytest

from billing import ledger, limits
from runners.agents import reports
from runners.agents.schemas import Claim
from runners.engine import To, Wait
from runners.models import VM, Job, Pool, Runner
from runners.reasons import vm_ends, vms
from runners.reasons.retirements import Idle, Unplaced
from runners.reasons.vm_notes import RunnerLeft
from runners.vms import lifecycle
from tests.builders import NOON, a_job, a_node, a_pool, a_quote, a_runner, a_vm
from tests.walks import walk
from tests.worlds import a_world
from tfci.core.reasons import columns
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.grid.models import Node
from tfci.grid.reasons import DeploymentFailed

pytestmark = pytest.mark.django_db


def later(**span):
    return NOON + timedelta(**span)


@pytest.fixture
def outside():
    return a_world()


class TestWanted:
    def test_it_waits_until_it_has_a_node_and_a_quote(self):
        assert isinstance(lifecycle.wanted(a_vm("wanted"), None, NOON), Wait)

    def test_it_is_ordered_once_it_has_both(self):
        node = a_node()
        vm = a_vm("wanted", node=node, quote=a_quote(node))
        ordered = {"ordered_at": NOON, "refusal": "", "refusal_params": None, "retry_at": None}
        assert lifecycle.wanted(vm, None, NOON) == To("deploying", vms.Ordered(str(node)), ordered)

    def test_it_goes_when_nobody_wants_it_any_more(self):
        assert lifecycle.wanted(a_vm("wanted", retire_reason="unplaced"), None, NOON) == To(
            "removing", Unplaced()
        )


class TestDeploying:
    def test_it_boots_once_the_grid_has_it(self):
        vm = a_vm("deploying", deployed_at=NOON)
        assert lifecycle.deploying(vm, None, NOON).state == "booting"

    def test_a_refusal_sends_it_to_another_node_and_remembers_the_first(self):
        vm = a_vm("deploying", **columns(DeploymentFailed("disk full"), "refusal"), sent_at=NOON)
        to = lifecycle.deploying(vm, None, NOON)
        assert to.state == "wanted"
        assert to.columns["failed_nodes"] == [vm.node.node_id]
        assert to.columns["node"] is None and to.columns["sent_at"] is None
        assert to.reason == vms.NodeRefused(str(vm.node), "disk full")

    def test_one_that_was_sent_is_not_dropped_before_the_grid_has_answered(self):
        vm = a_vm("deploying", sent_at=NOON, retire_reason="unplaced")
        assert isinstance(lifecycle.deploying(vm, None, NOON), Wait)

    def test_one_that_was_not_sent_is_dropped_at_once(self):
        assert lifecycle.deploying(a_vm("deploying", retire_reason="unplaced"), None, NOON) == To(
            "removing", Unplaced()
        )

    def test_a_silent_node_costs_ten_minutes_at_the_most(self):
        vm = a_vm("deploying", sent_at=NOON)
        assert lifecycle.deploying(vm, None, later(minutes=11)).state == "removing"

    def test_however_long_its_turn_on_the_chain_takes_to_come_it_keeps_its_place(self):
        unsent, sent = a_vm("deploying"), a_vm("deploying", sent_at=later(minutes=20))
        assert lifecycle.deploying(unsent, None, later(minutes=21)).reason == vms.VmChainTurn()
        assert isinstance(lifecycle.deploying(sent, None, later(minutes=21)), Wait)


class TestBooting:
    def test_a_grid_that_answers_after_the_claim_says_nothing_of_the_boot(self):
        vm = a_vm("booting", claimed_at=NOON, deployed_at=later(seconds=90))
        assert lifecycle.booting(vm, None, later(seconds=91)).state == "standby"
        vm.node.refresh_from_db()
        assert vm.node.boot_ms == []

    def test_it_ends_when_its_agent_has_claimed_it(self):
        vm = a_vm("booting", claimed_at=later(seconds=2))
        assert lifecycle.booting(vm, None, later(seconds=2)) == To("standby", vms.Claimed())
        vm.node.refresh_from_db()
        assert vm.node.boot_ms == [2000]

    def test_one_that_never_comes_up_marks_its_node(self):
        vm = a_vm("booting")
        to = lifecycle.booting(vm, None, later(minutes=4))
        assert to == To("removing", vm_ends.NeverStarted(3))
        vm.node.refresh_from_db()
        assert vm.node.failures == 1
        assert vm.node.blocked_until == later(minutes=6)


class TestStandby:
    def test_it_is_assigned_once_a_runner_is_bound_to_it(self):
        vm = a_vm("standby")
        runner = a_runner(vm)
        assert lifecycle.standby(vm, None, NOON) == To("assigned", vms.Bound(str(runner.asked_for)))

    def test_a_silent_agent_ends_it(self):
        node = a_node(seen_at=later(minutes=3))
        vm = a_vm("standby", node=node)
        assert lifecycle.standby(vm, None, later(minutes=3)).state == "removing"
        node.refresh_from_db()
        assert node.blocked_until == later(minutes=5)

    def test_a_dead_vm_ends_it_at_once(self):
        vm = a_vm("standby", died_at=NOON)
        assert lifecycle.standby(vm, None, NOON) == To("removing", vm_ends.NodeLostVm(str(vm.node)))


class TestBusy:
    def test_it_goes_when_its_job_is_over_and_its_engine_has_ended(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_busy(forge, ended={"done_at": NOON})
        complete(runner.job, "success")
        assert events(walk(vm, world, clock))[0] == vm_ends.JobEnded("success")

    @pytest.mark.parametrize("conclusion, seconds", [("success", 5), ("failure", 30)])
    def test_its_engine_gets_a_moment_for_its_last_lines_a_longer_one_for_why_it_failed(
        self, outside, conclusion, seconds
    ):
        world, forge, _, clock = outside
        vm, runner = a_busy(forge)
        complete(runner.job, conclusion)
        assert walk_at(vm, world, clock, seconds - 1).state == "busy"
        assert walk_at(vm, world, clock, seconds + 1).state == "removing"

    def test_a_cancelled_job_ends_it_at_once_though_nobody_told_us(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_busy(forge)
        forge.finish(runner.job.forge_job_id, "cancelled")
        assert walk_at(vm, world, clock, 16).state == "removing"

    def test_one_whose_time_is_up_may_still_say_so_though_its_forge_calls_it_cancelled(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_busy(forge, ended={"handed_over_at": NOON, "started_at": later(seconds=2)})
        Pool.objects.filter(pk=vm.pool_id).update(max_job_minutes=1)
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(seconds=61))
        complete(runner.job, "cancelled")
        Job.objects.filter(pk=runner.job_id).update(read_at=later(seconds=61))
        assert walk_at(vm, world, clock, 62).state == "busy"
        assert walk_at(vm, world, clock, 92).state == "removing"

    def test_an_engine_that_ended_is_asked_about_soon_though_nobody_told_us(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_busy(forge, ended={"done_at": NOON})
        forge.finish(runner.job.forge_job_id, "success")
        assert walk(vm, world, clock).state == "busy"
        assert walk_at(vm, world, clock, 3).state == "removing"

    def test_one_whose_agent_was_killed_goes_within_seconds_and_its_node_is_not_blamed(self, outside):
        world, forge, _, clock = outside
        ended = {"done_at": NOON, "done_cause": "agent_killed", "done_said": "Signal 9 ended the agent."}
        vm, _ = a_busy(forge, ended=ended)
        assert walk(vm, world, clock).state == "busy"
        assert events(walk_at(vm, world, clock, 3))[0] == vm_ends.EngineEnded(
            "agent_killed", "Signal 9 ended the agent."
        )
        vm.node.refresh_from_db()
        assert vm.node.failures == 0

    def test_the_time_limit_ends_it(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_busy(forge)
        vm.pool.max_job_minutes = 10
        vm.pool.save()
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=12))
        assert events(walk_at(vm, world, clock, 661))[0] == vm_ends.JobTooLong(10)

    def test_the_operators_time_limit_ends_it_though_its_pool_gives_it_longer(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_busy(forge)
        limits.change(vm.team, limits.TeamCaps(max_job_minutes=10), "operator", NOON)
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=12))
        assert events(walk_at(vm, world, clock, 661))[0] == vm_ends.JobTooLong(10)

    def test_a_silent_vm_is_given_up_and_its_node_marked(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_busy(forge)
        Node.objects.update(seen_at=later(minutes=6))
        assert walk_at(vm, world, clock, 290).state == "busy"
        assert events(walk_at(vm, world, clock, 310))[0] == vm_ends.AgentSilent(5)
        vm.node.refresh_from_db()
        assert vm.node.failures == 1

    def test_a_forge_that_is_down_does_not_end_a_job(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_busy(forge)
        forge.broken = Unreachable("no answer")
        VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=later(minutes=5))
        assert walk_at(vm, world, clock, 300).state == "busy"

    def test_a_job_that_its_forge_no_longer_knows_ends_it(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_busy(forge)
        forge.jobs.clear()
        assert walk_at(vm, world, clock, 16).state in ("busy", "removing")
        runner.job.refresh_from_db()
        assert (runner.job.state, runner.job.conclusion) == ("completed", "deleted")


class TestRemoving:
    def test_one_that_is_gone_still_says_why_it_went(self, outside):
        world, _, _, clock = outside
        vm = walk(
            a_vm("standby", retire_reason="idle", retire_params={"minutes": 5}, sent_at=None), world, clock
        )
        assert (vm.state, vm.typed_reason) == ("gone", Idle(5))

    def test_the_forge_forgets_first_then_the_grid_and_the_ledger_has_the_end(self, outside):
        world, forge, _, clock = outside
        vm, runner = a_busy(forge, state="removing")
        assert walk(vm, world, clock).state == "removing"
        assert forge.have == {}
        VM.objects.filter(pk=vm.pk).update(removed_at=NOON, contract_ended_at=later(hours=1))
        assert walk_at(vm, world, clock, 11).state == "gone"
        assert str(ledger.spent(vm_id=vm.pk)) == "2.1250000"

    def test_one_that_was_never_sent_is_gone_at_once(self, outside):
        world, _, _, clock = outside
        assert walk(a_vm("removing", sent_at=None, contract_created_at=None), world, clock).state == "gone"

    def test_one_that_was_sent_and_never_heard_of_waits_for_the_grid_to_look(self, outside):
        world, _, _, clock = outside
        vm = walk(a_vm("removing", deployed_at=None, contract_created_at=None), world, clock)
        assert (vm.state, vm.reason) == ("removing", "canceling_contract")

    def test_a_forge_that_is_down_holds_up_neither_the_grid_nor_the_end_for_ever(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_busy(forge, state="removing", removed_at=NOON, contract_ended_at=NOON)
        forge.broken = Unreachable("no answer")
        assert walk(vm, world, clock).state == "removing"
        forge.broken = None
        assert walk_at(vm, world, clock, 6).state == "gone"

    def test_where_our_rights_have_ended_it_goes_all_the_same(self, outside):
        world, forge, _, clock = outside
        vm, _ = a_busy(forge, state="removing", removed_at=NOON, contract_ended_at=NOON)
        forge.broken = ForgeRefused("the token was revoked")
        assert walk(vm, world, clock).state == "gone"
        assert RunnerLeft(str(vm.runners.get().connection), "the token was revoked") in events(vm)


def an_assigned(forge, **fields):
    """A VM whose runner the forge has, with a job queued for it."""
    vm = a_vm("assigned", **fields)
    runner = a_runner(vm)
    made = forge.register(runner.name, runner.labels)
    known = {"forge_runner_id": made.runner_id, "registered_at": NOON, "tried_at": NOON}
    Runner.objects.filter(pk=runner.pk).update(credential=made.credential, **known)
    runner.refresh_from_db()
    forge.queue(runner.asked_for.forge_job_id)
    return vm, runner


def taken(forge, job):
    """By a runner that is not ours."""
    forge.queue(job.forge_job_id)
    forge.start(job.forge_job_id, "foreign")
    job.state, job.foreign_runner = "in_progress", "foreign"
    job.save()


def a_busy(forge, state="busy", ended=None, **fields):
    """A VM whose runner has its job; `ended`: what its agent said of the end of its engine."""
    vm, runner = an_assigned(forge, **fields)
    job = runner.asked_for
    forge.start(job.forge_job_id, runner.forge_runner_id)
    job.state, job.vm, job.started_at = "in_progress", vm, NOON
    job.save()
    Runner.objects.filter(pk=runner.pk).update(job=job, taken_at=NOON, **ended or {})
    VM.objects.filter(pk=vm.pk).update(state=state, sent_at=NOON)
    vm.refresh_from_db()
    runner.refresh_from_db()
    return vm, runner


def a_reusable(forge, end=None):
    """A VM whose job has just ended well, in a pool that lets the organisation's jobs follow one another."""
    said = {"done_at": NOON, "done_cause": "exited"} | (end or {})
    vm, runner = a_busy(forge, ended=said, protection="encrypted", pool=a_pool(reuse="organisation"))
    Job.objects.filter(pk=runner.job_id).update(event="push")
    complete(Job.objects.get(pk=runner.job_id), "success")
    return vm, runner


def come_back(vm, key, now):
    reports.claim(Claim(vm.pk, vm.bootstrap_token.reveal(), key), None, now)


def complete(job, conclusion):
    job.state, job.conclusion, job.completed_at, job.read_at = "completed", conclusion, NOON, NOON
    job.save()


def walk_at(vm, world, clock, seconds):
    clock.now = later(seconds=seconds)
    return walk(vm, world, clock)


def events(vm):
    """The newest first."""
    return [event.typed_reason for event in vm.events.order_by("-pk")]


class TestGivingUp:
    """What a VM ran that goes is to be ended at its forge."""

    @pytest.mark.parametrize(("state", "wanted"), [("in_progress", NOON), ("completed", None)])
    def test_only_a_job_that_still_runs_as_far_as_we_know_is_to_be_ended(self, outside, state, wanted):
        world, _, _, clock = outside
        vm = a_vm("removing", sent_at=NOON, removed_at=NOON)
        job = a_job(
            vm.pool.connections.get(), state, vm=vm, run_id="4", forge_job_id="9", repository="org/app"
        )
        a_runner(vm, asked_for=job, job=job, tried_at=NOON, registered_at=NOON, forge_runner_id="7")
        assert walk(vm, world, clock).state == "gone"
        job.refresh_from_db()
        assert job.next_end_attempt_at == wanted
