"""What the grid refused, and what money or nodes do not cover."""

from datetime import timedelta

import pytest

from billing import limits
from billing.limits import TeamCaps
from runners.models import VM, Pool
from runners.reasons import waits
from tests.builders import NOON, a_node, a_pool, a_quote, a_vm
from tests.runners.pools.test_reconcile import XLARGE, a_large, a_queued, alive, decided, pool
from tests.walks import settle
from tests.worlds import a_world
from tfci.core.tft import Tft
from tfci.grid.models import Node
from tfci.grid.ports import OutOfFunds
from tfci.grid.reasons import AccountLacksFee

__all__ = ["pool"]

pytestmark = pytest.mark.django_db


class TestRefusals:
    @pytest.fixture(params=["a job", "kept ready"])
    def refused(self, request, pool):
        """The pool's VM, refused once by the one node that the pool may use, for a job or as one kept ready."""
        if request.param == "a job":
            a_queued(pool)
        else:
            Pool.objects.update(min_vms={"small": 1})
        world, _, grid, clock = a_world()
        node = Node.objects.get()
        Pool.objects.update(nodes={"ids": [node.node_id]})
        grid.refuse[node.node_id] = "no room"
        settle(world, clock)
        grid.refuse.clear()
        return world, grid, clock

    def test_a_node_that_refused_once_is_tried_again_when_its_pause_is_over(self, pool, refused):
        world, grid, clock = refused
        assert grid.vms == {} and alive() == 0
        clock.tick(119)
        settle(world, clock)
        assert grid.vms == {}
        clock.tick(1)
        settle(world, clock)
        assert len(grid.vms) == 1 and alive() == 1

    def test_until_then_it_says_when_that_is(self, pool, refused):
        decided(pool)
        [(code, params)] = Pool.objects.get().typed_reason.reasons
        assert (code, params["out"]) == (waits.WaitCode.NO_NODE_NOW, [["set_aside", 0, 1]])
        assert params["retry_at"] == "2026-06-01T12:02:00+00:00"

    def test_another_node_takes_it_at_once(self, pool):
        job = a_queued(pool)
        world, _, grid, clock = a_world()
        grid.refuse[Node.objects.get().node_id] = "no room"
        other = a_node(certified=True)
        settle(world, clock)
        job.refresh_from_db()
        assert job.awaits.node == other and len(grid.vms) == 1
        assert job.awaits.failed_nodes == [Node.objects.exclude(pk=other.pk).get().node_id]

    def test_a_refusal_without_a_fault_of_the_node_waits_and_is_tried_there_again(self, pool):
        job = a_queued(pool)
        world, _, grid, clock = a_world()
        deploy, grid.deploy = grid.deploy, lambda orders: _raise(OutOfFunds(AccountLacksFee()))
        settle(world, clock)
        job.refresh_from_db()
        assert (job.reason, job.reason_params["said"]) == (
            waits.WaitCode.GRID_REFUSED,
            str(AccountLacksFee()),
        )
        grid.deploy = deploy
        clock.tick(30)
        settle(world, clock)
        assert len(grid.vms) == 1


class TestMoney:
    def test_idle_vms_give_the_money_to_jobs(self, pool):
        """Six idle xlarge held the next hour's money while small jobs waited with 97 TFT on the wallet."""
        Pool.objects.update(max_vms=10, min_vms={"xlarge": 6})
        pool.team.wallet_set.update(balance=Tft.parse("97"))
        idle = [a_vm("standby", pool, **XLARGE, quote=a_quote(tft_per_hour="16")) for _ in range(6)]
        jobs = [a_queued(pool), a_queued(pool)]
        decided(pool, *jobs)
        assert VM.objects.exclude(retire_reason="").count() == 1
        assert {job.reason for job in jobs} == {"balance"}
        VM.objects.exclude(retire_reason="").update(state="gone")
        decided(pool, *jobs)
        assert all(job.awaits for job in jobs) and idle[0]
        before = list(VM.objects.order_by("pk").values())
        decided(pool, *jobs)
        assert list(VM.objects.order_by("pk").values()) == before

    def test_what_another_pool_of_the_team_keeps_ready_gives_way_too(self, pool):
        other = a_pool(pool.team, min_vms={"small": 1})
        idle = a_vm("standby", other, quote=a_quote(tft_per_hour="99"))
        job = a_queued(pool)
        decided(pool, job)
        idle.refresh_from_db()
        assert idle.retire_reason == "makes_way"

    def test_no_pool_of_the_team_orders_more_while_a_job_waits_for_tft(self, pool):
        pool.team.wallet_set.update(balance=Tft.parse("3"))
        a_pool(pool.team, min_vms={"small": 1})
        job = a_large(pool)
        decided(pool, job)
        assert not VM.objects.exists()

    def test_over_the_operators_limit_of_vms_a_job_waits_and_names_the_limit(self, pool):
        limits.change(pool.team, TeamCaps(max_vms=1), "operator", NOON)
        first, second = a_queued(pool), a_queued(pool)
        decided(pool, first, second)
        assert first.awaits and second.typed_reason == waits.TeamVms(1)

    def test_over_the_operators_limit_of_tft_an_hour_a_job_waits_and_says_the_numbers(self, pool):
        limits.change(pool.team, TeamCaps(max_per_hour=Tft.parse("4")), "operator", NOON)
        first, second = a_queued(pool), a_queued(pool)
        decided(pool, first, second)
        assert (second.reason, second.reason_params["running"]) == (waits.WaitCode.TEAM_PRICE, 21_250_000)

    def test_jobs_of_the_first_pool_come_first(self, pool):
        pool.team.wallet_set.update(balance=Tft.parse("3"))
        second = a_pool(pool.team, [pool.connections.get()], position=1)
        young, old = a_queued(pool), a_queued(second, queued_at=NOON - timedelta(hours=1))
        decided(second, young, old)
        assert (young.awaits is not None, old.reason) == (True, "balance")


def _raise(error):
    raise error
