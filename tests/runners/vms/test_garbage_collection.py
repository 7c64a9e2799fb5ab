"""Nothing is left running that no row knows."""

from datetime import timedelta

import pytest

from runners.models import VM, Job, Runner
from runners.reasons.retirements import ConnectionEnded
from runners.vms import deploy_batches, garbage_collection
from tests.builders import NOON, a_connection, a_job, a_pool, a_runner, a_vm
from tests.worlds import a_world
from tfci.core.secret import Secret
from tfci.forges.errors import ForgeRefused
from tfci.forges.problems import LeftAtForge

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def outside():
    return a_world()


class TestRunners:
    def test_a_runner_of_ours_without_a_vm_is_forgotten(self, outside):
        _, forge, _, _ = outside
        vm = a_vm("gone")
        runner = a_runner(vm)
        forge.register(runner.name, ["small"])
        assert garbage_collection.runners(runner.connection, forge, LATER) == [runner.name]
        assert forge.have == {}

    def test_one_whose_vm_lives_is_kept(self, outside):
        _, forge, _, _ = outside
        runner = a_runner(a_vm("assigned"))
        forge.register(runner.name, ["small"])
        assert garbage_collection.runners(runner.connection, forge, LATER) == []

    def test_one_that_may_be_in_the_making_is_kept(self, outside):
        _, forge, _, _ = outside
        runner = a_runner(a_vm("gone"))
        forge.register(runner.name, ["small"])
        assert garbage_collection.runners(runner.connection, forge, NOON) == []

    def test_other_peoples_runners_are_left_alone(self, outside):
        _, forge, _, _ = outside
        runner = a_runner(a_vm("gone"))
        for name in ("somebody", "fh-zzzzzz-1-1", f"{Runner.prefix()}x"):
            forge.register(name, ["small"])
        assert garbage_collection.runners(runner.connection, forge, LATER) == []
        assert len(forge.have) == 3


class TestMachines:
    def test_a_vm_that_no_row_knows_is_removed(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        VM.objects.update(state="gone")
        assert garbage_collection.vms(vm.wallet.twin_id, world, clock()) == [vm.name]
        assert grid.vms == {}

    def test_a_dead_vm_is_noted_and_due(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        grid.kill(vm.name)
        garbage_collection.vms(vm.wallet.twin_id, world, clock.tick(9))
        vm.refresh_from_db()
        assert (vm.died_at, vm.next_step_at) == (clock(), clock())

    @pytest.mark.parametrize("there, silent, lost", [(False, 6, True), (False, 4, False), (True, 6, False)])
    def test_one_that_grid_and_agent_both_miss_is_lost(self, outside, there, silent, lost):
        """Of a server that is the only way to be: silence alone is excused, for its data would go."""
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        VM.objects.update(state="serving", claimed_at=clock(), last_heartbeat_at=clock())
        if not there:
            grid.remove([vm.name])
        garbage_collection.vms(vm.wallet.twin_id, world, clock.tick(silent * 60))
        vm.refresh_from_db()
        assert (vm.died_at is not None, vm.next_step_at == clock()) == (lost, lost)

    def test_one_that_is_being_removed_is_not_lost(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        VM.objects.update(state="removing", claimed_at=clock(), last_heartbeat_at=clock())
        grid.remove([vm.name])
        garbage_collection.vms(vm.wallet.twin_id, world, clock.tick(600))
        vm.refresh_from_db()
        assert vm.died_at is None

    def test_a_living_vm_is_left_alone(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        assert garbage_collection.vms(vm.wallet.twin_id, world, clock()) == []
        assert vm.name in grid.vms


class TestUnlinking:
    def test_it_leaves_no_hook_no_signpost_and_no_runner(self, outside):
        _, forge, _, _ = outside
        connection = a_runner(a_vm("gone"), deregistered_at=NOON).connection
        connection.disconnecting_at, connection.hook_id = NOON, forge.hook("https://here", Secret("s"))
        connection.signpost_id = forge.signpost("post", ["small"]).runner_id
        connection.save()
        assert garbage_collection.disconnecting(connection, forge, LATER)
        connection.refresh_from_db()
        assert (forge.hooks, forge.have, connection.disconnected_at) == ({}, {}, LATER)
        assert connection.token == Secret("")

    def test_a_token_that_was_taken_away_does_not_keep_the_link(self, outside):
        _, forge, _, _ = outside
        connection = a_connection(disconnecting_at=NOON, hook_id="1")
        forge.broken = ForgeRefused("rejected the token")
        assert garbage_collection.disconnecting(connection, forge, LATER)
        connection.refresh_from_db()
        assert connection.disconnected_at == LATER
        assert connection.typed_problems == [LeftAtForge("rejected the token")]

    def test_a_running_job_may_end_first(self, outside):
        _, forge, _, _ = outside
        vm = a_vm("busy")
        job = a_job(vm.pool.connections.first(), "in_progress", pool=vm.pool)
        runner = a_runner(vm, job, job=job)
        assert not garbage_collection.disconnecting(runner.connection, forge, LATER)
        vm.refresh_from_db()
        assert vm.retire_reason == ""

    def test_a_runner_that_has_no_job_is_withdrawn(self, outside):
        _, forge, _, _ = outside
        vm = a_vm("assigned")
        runner = a_runner(vm)
        assert not garbage_collection.disconnecting(runner.connection, forge, LATER)
        vm.refresh_from_db()
        assert vm.typed_retire_reason == ConnectionEnded("organization")

    def test_jobs_that_wait_are_told(self, outside):
        _, forge, _, _ = outside
        job = a_job()
        garbage_collection.disconnecting(job.connection, forge, LATER)
        assert Job.objects.get().reason == "connection_ending"


class TestClosing:
    def test_a_pool_closes_when_its_last_vm_is_gone(self):
        pool = a_pool(closing_at=NOON)
        vm = a_vm("standby", pool)
        assert not garbage_collection.closing(pool, LATER)
        vm.refresh_from_db()
        assert vm.retire_reason == "pool_deleted"
        VM.objects.update(state="gone")
        assert garbage_collection.closing(pool, LATER)

    def test_a_busy_vm_ends_its_job_first(self):
        pool = a_pool(closing_at=NOON)
        vm = a_vm("busy", pool)
        garbage_collection.closing(pool, LATER)
        vm.refresh_from_db()
        assert vm.retire_reason == ""


class TestDue:
    """One organisation at a time, so that none waits for another."""

    @pytest.mark.parametrize(
        ("fields", "is_due"),
        [
            ({}, True),
            ({"last_swept_at": NOON - garbage_collection.EVERY}, True),
            ({"last_swept_at": NOON}, False),
            ({"last_swept_at": NOON, "disconnecting_at": NOON}, True),
            ({"disconnected_at": NOON}, False),
            ({"silent_since": NOON, "retry_at": LATER}, False),
            ({"silent_since": NOON, "retry_at": NOON}, True),
        ],
    )
    def test_it_is_swept_every_half_minute_while_its_forge_is_not_left_alone(self, fields, is_due):
        connection = a_connection(**fields)
        assert (connection.pk in garbage_collection.due(NOON)) is is_due
