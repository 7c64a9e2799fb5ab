"""The planner as a model, on real rows: teams with pools, nodes that fill, fail, get dearer and come back, wallets that
run dry, jobs that come and go. Decisions are made as the doors make them, and after two of them

- no job waits while a node, a place and TFT for it are there;
- what each waiting job is told is true, by a check of this file's own that shares no code with the planner;
- nothing that can't be placed holds a place or TFT, and no limit is passed;
- where nodes are short no team starves: one with nothing gets the next place before one that has more.
"""

from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing.models import Price, Quote, Twin, Wallet
from runners.models import VM, Event, Job, Pool, Runner
from runners.pools import planner as pool_planner, reconcile
from tests.append_only import empty_ledger
from tests.builders import NOON, a_connection, a_job, a_node, a_pool, a_price, a_team, a_twin, a_wallet
from tests.runners.pools.planner_check import GB, SIZES, Check
from tfci.core.reasons import columns
from tfci.core.tft import Tft
from tfci.forges.models import Connection
from tfci.grid.models import Node
from tfci.grid.reasons import GridFailed

TEAMS, NODES = 3, 4
pick = st.integers(0, 99)


class Planner(RuleBasedStateMachine):
    @initialize(pools=st.lists(st.tuples(pick, pick, pick), min_size=TEAMS, max_size=5))
    def begin(self, pools):
        self.now, self.decisions = NOON, 0
        a_price()
        twin = a_twin()
        self.nodes = [
            a_node(
                certified=n == 3,
                country="Germany" if n < 2 else "Belgium",
                total_mru=64 * GB,
                free_mru=64 * GB,
            )
            for n in range(NODES)
        ]
        self.teams = [a_team() for _ in range(TEAMS)]
        self.connections = [a_connection(team) for team in self.teams]
        for team in self.teams:
            a_wallet(team, "60", twin=twin)
        self.pools = [self._pool(n, *drawn) for n, drawn in enumerate(pools)]

    def _pool(self, n, limit, where, kept):
        team = self.teams[n % TEAMS]
        nodes = [
            {},
            {"countries": ["Germany"]},
            {"ids": [self.nodes[3].node_id]},
            {"rule": {"certified": True}},
        ]
        chosen = dict(nodes[where % 4])
        if where % 3 == 0:
            chosen["rule"] = {**chosen.get("rule", {}), "max_price": "3"}
        minimum = {"small": kept % 3} if kept % 3 else {}
        fields = {"max_vms": 1 + limit % 4, "nodes": chosen, "min_vms": minimum, "position": n}
        return a_pool(team, [self.connections[n % TEAMS]], **fields)

    # Jobs.

    @rule(which=pick, sizes=st.lists(st.sampled_from(sorted(SIZES)), min_size=1, max_size=3))
    def jobs_are_queued(self, which, sizes):
        pool = self.pools[which % len(self.pools)]
        for size in sizes:
            a_job(pool.connections.get(), pool=pool, size=size, labels=[size], queued_at=self.now)

    @precondition(lambda self: Job.objects.filter(state="queued").exists())
    @rule(which=pick)
    def a_queued_job_is_cancelled(self, which):
        jobs = list(Job.objects.filter(state="queued").order_by("pk"))
        Job.objects.filter(pk=jobs[which % len(jobs)].pk).update(state="completed", awaits=None)

    # VMs live and die.

    @rule(first=pick)
    def a_while_passes(self, first):
        self.two_decisions(first)
        self.vms_come_up_and_jobs_start()

    def vms_come_up_and_jobs_start(self):
        VM.objects.filter(state="wanted").exclude(node=None).update(
            state="standby", state_changed_at=self.now
        )
        for runner in Runner.objects.filter(job=None, vm__state="standby").select_related("asked_for"):
            if runner.asked_for.state == "queued":
                Runner.objects.filter(pk=runner.pk).update(job=runner.asked_for)
                VM.objects.filter(pk=runner.vm_id).update(state="busy")
                Job.objects.filter(pk=runner.asked_for_id).update(state="in_progress", awaits=None)
            else:
                self._end(VM.objects.filter(pk=runner.vm_id))

    @rule(which=pick)
    def a_job_ends(self, which):
        busy = list(VM.objects.filter(state="busy").order_by("pk"))
        if busy:
            vm = busy[which % len(busy)]
            Job.objects.filter(pk__in=vm.runners.values("job")).update(state="completed")
            self._end(VM.objects.filter(pk=vm.pk))

    def what_leaves_is_gone(self):
        self._end(VM.objects.exclude(retire_reason="").exclude(state__in=["busy", "gone"]))

    def _end(self, vms):
        ids = list(vms.values_list("pk", flat=True))
        Runner.objects.filter(vm__in=ids, deregistered_at=None).update(deregistered_at=self.now)
        VM.objects.filter(pk__in=ids).update(state="gone")

    # The grid.

    @rule(which=pick, refused=st.booleans())
    def a_node_refuses_what_was_ordered(self, which, refused):
        """As lifecycle.py and vms/deploy_batches.py leave it: node at fault, or none."""
        ordered = list(VM.objects.filter(state="wanted").exclude(node=None).order_by("pk"))
        if ordered:
            vm = ordered[which % len(ordered)]
            if refused:
                Node.objects.filter(pk=vm.node_id).update(blocked_until=self.now + timedelta(minutes=2))
            later = None if refused else self.now + timedelta(seconds=30)
            VM.objects.filter(pk=vm.pk).update(
                node=None, quote=None, retry_at=later, **columns(GridFailed("it said no"), "refusal")
            )

    @rule(which=pick, up=st.booleans())
    def a_node_goes_down_or_comes_back(self, which, up):
        Node.objects.filter(pk=self.nodes[which % NODES].pk).update(up=up, healthy=up)

    @rule(which=pick, free=st.sampled_from([0, 8, 16, 32, 64]))
    def others_fill_a_node_or_leave_it(self, which, free):
        Node.objects.filter(pk=self.nodes[which % NODES].pk).update(free_mru=free * GB)

    @rule(musd=st.sampled_from([10, 20, 40]))
    def the_price_of_tft_moves(self, musd):
        Price.objects.update(tft_musd=musd)

    # Money, rules, time.

    @rule(which=pick, tft=st.sampled_from(["0", "3", "9", "30", "90"]))
    def a_wallet_runs_dry_or_is_filled(self, which, tft):
        Wallet.objects.filter(team=self.teams[which % TEAMS]).update(balance=Tft.parse(tft))

    @rule(which=pick, most=st.integers(1, 4))
    def a_pool_is_edited(self, which, most):
        Pool.objects.filter(pk=self.pools[which % len(self.pools)].pk).update(max_vms=most)

    @rule(seconds=st.sampled_from([5, 40, 130, 400]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    # Decisions, and what holds after two of them.

    @rule(first=pick)
    def two_decisions(self, first):
        for _ in range(2):
            self._decide(first)
            self.what_leaves_is_gone()
        self._decide(first)
        Check(self.now).all()
        before = list(VM.objects.order_by("pk").values())
        self._decide(first)
        assert list(VM.objects.order_by("pk").values()) == before, "it flaps"

    def _decide(self, first):
        """Each team, in any order."""
        for n in range(TEAMS):
            pool = next(
                (pool for pool in self.pools if pool.team_id == self.teams[(first + n) % TEAMS].pk), None
            )
            if pool:
                reconcile.run(pool.pk, self.now)

    def teardown(self):
        """All comes back, wallets are full, jobs end: then none is left."""
        if not hasattr(self, "pools"):
            return
        Node.objects.update(up=True, healthy=True, free_mru=64 * GB, blocked_until=None)
        Wallet.objects.update(balance=Tft.parse("900"))
        Price.objects.update(tft_musd=10)
        Pool.objects.update(nodes={}, min_vms={})
        for _ in range(4 + 2 * Job.objects.count()):
            if not Job.objects.exclude(state="completed").exists():
                break
            self.now += timedelta(minutes=10)
            for _ in range(2):
                self._decide(0)
                self.what_leaves_is_gone()
                self.vms_come_up_and_jobs_start()
            for _ in range(VM.objects.filter(state="busy").count()):
                self.a_job_ends(0)
        assert not Job.objects.exclude(state="completed").exists()


class FreshPlanner(Planner):
    """Each example starts with empty tables."""

    def __init__(self):
        Job.objects.update(vm=None, awaits=None)
        empty_ledger()
        for model in (
            Runner,
            Event,
            VM,
            Quote,
            Job,
            Pool,
            Connection,
            Wallet,
            Twin,
            Node,
            Price,
        ):
            model.objects.all().delete()
        super().__init__()


def plan(examples, steps):
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        FreshPlanner,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks
        ),
    )


@pytest.mark.django_db
def test_the_check_notices_a_planner_that_lets_idle_vms_keep_a_job_waiting(monkeypatch):
    planner = Planner()
    planner.begin([(0, 0, 1)] * TEAMS)  # each with a maximum of one VM, and one kept ready
    planner.a_while_passes(0)
    Pool.objects.update(nodes={})
    planner.jobs_are_queued(0, ["8cpu32gbram200gbssd"])
    monkeypatch.setattr(pool_planner._Team, "_vms_to_retire", lambda *_: None)
    with pytest.raises(AssertionError):
        planner.two_decisions(0)


@pytest.mark.django_db
def test_the_check_notices_a_planner_that_lets_idle_vms_fill_the_node_of_a_job(monkeypatch):
    planner = Planner()
    planner.begin([(3, 1, 2)] * TEAMS)  # each with two VMs kept ready
    first, node = planner.pools[0], planner.nodes[0]
    Pool.objects.exclude(pk=first.pk).update(min_vms={})
    Pool.objects.update(nodes={"ids": [node.node_id]})
    Node.objects.filter(pk=node.pk).update(free_mru=40 * GB)
    planner.a_while_passes(0)
    planner.jobs_are_queued(0, ["8cpu32gbram200gbssd"])
    with monkeypatch.context() as patch, pytest.raises(AssertionError):
        patch.setattr(pool_planner._Team, "_clear_a_node", lambda team, line, demand, reason: reason)
        planner.two_decisions(0)
    planner.two_decisions(0)
    assert Job.objects.get().reason_params["clearing_node"] == node.node_id


@pytest.mark.django_db
def test_whatever_happens_each_job_starts_when_it_can_and_is_told_the_truth():
    plan(examples=30, steps=12)


@pytest.mark.proof
@pytest.mark.django_db
def test_the_same_in_thousands_of_runs():
    plan(examples=5000, steps=30)
