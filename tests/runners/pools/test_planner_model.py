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

from billing.models import LedgerEntry, Price, Quote, Twin, Wallet
from runners.models import VM, Event, Job, Pool, Runner
from runners.pools import planner as pool_planner, reconcile
from tests.builders import NOON, a_connection, a_job, a_node, a_pool, a_price, a_team, a_twin, a_wallet
from tfci.core.reasons import columns
from tfci.core.tft import Tft
from tfci.forges.models import Connection
from tfci.grid.models import Node
from tfci.grid.reasons import GridFailed

SIZES = {"2cpu8gbram50gbssd": (2, 8, 50), "8cpu32gbram200gbssd": (8, 32, 200)}
TEAMS, NODES = 3, 4
GB = 1024
pick = st.integers(0, 99)


def price_of(size, price, certified):
    """By the grid's formulas, on its worked table: CU and SU of a size, in TFT an hour (1e-7)."""
    cpu, memory, disk = size
    cu = min(max(memory / 4, cpu / 2), max(memory / 8, cpu), max(memory / 2, cpu / 4))
    usd = (cu * price.cu + disk / 200 * price.su) * (1.25 if certified else 1)
    return round(usd * 1000 / price.tft_musd)


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


class Check:
    """What is true of each job that waits, from rows alone."""

    def __init__(self, now):
        self.now, self.price = now, Price.objects.get()
        self.nodes = list(Node.objects.all())
        alive = VM.objects.exclude(state="gone").select_related("quote", "node")
        self.placed = [vm for vm in alive if vm.node_id]
        self.unplaced = [vm for vm in alive if not vm.node_id]

    def all(self):
        for pool in Pool.objects.all():
            assert len(self._of(pool)) <= max(pool.max_vms, self._kept_from_before(pool)), "above the maximum"
        for wallet in Wallet.objects.all():
            assert self._left(wallet) >= 0 or not self._idle(wallet.team_id), "idle VMs beyond the balance"
        for vm in self.unplaced:
            assert vm.retry_at and vm.retry_at > self.now, "a VM without a node that waits for nothing"
        for job in Job.objects.filter(state__in=["queued", "refused"]).select_related("pool", "awaits"):
            if job.awaits_id is None:
                self._is_true(job)
            else:
                assert job.state == "queued" and job.awaits.node_id and job.awaits.state != "gone"

    def _of(self, pool):
        return [vm for vm in self.placed if vm.pool_id == pool.pk]

    def _kept_from_before(self, pool):
        return len([vm for vm in self._of(pool) if vm.created_at < self.now or vm.state != "wanted"])

    def _left(self, wallet):
        return wallet.balance - sum(vm.quote.per_hour for vm in self.placed if vm.wallet_id == wallet.pk)

    def _idle(self, team_id, pool=None):
        """Stand by with no job meant for them, and do not leave."""
        bound = set(Runner.objects.filter(deregistered_at=None).values_list("vm", flat=True))
        return [
            vm
            for vm in self.placed
            if vm.team_id == team_id
            and vm.state == "standby"
            and not vm.retire_reason
            and vm.pk not in bound
            and (pool is None or vm.pool_id == pool.pk)
        ]

    def _cost(self, job, node):
        return price_of(SIZES[job.size], self.price, node.certified)

    def _ever(self, job, node):
        rule = job.pool.nodes.get("rule") or {}
        countries, ids = job.pool.nodes.get("countries"), job.pool.nodes.get("ids")
        named = not (countries or ids) or node.country in (countries or ()) or node.node_id in (ids or ())
        dear = rule.get("max_price") and self._cost(job, node) > Tft.parse(rule["max_price"])
        cpu, memory, disk = SIZES[job.size]
        large = node.total_cru >= cpu and node.total_mru >= memory * GB and node.total_sru >= disk
        return named and large and not dear and (node.certified or not rule.get("certified"))

    def _now(self, job, node):
        return self._ever(job, node) and node.up and not self._paused(node) and self._has_room(job, node)

    def _paused(self, node):
        return node.blocked_until and node.blocked_until > self.now

    def _has_room(self, job, node, without=()):
        _, memory, disk = SIZES[job.size]
        here = [vm for vm in self.placed if vm.node_id == node.pk and vm not in without]
        return (
            node.free_mru - GB * sum(vm.memory_gb for vm in here) >= memory * GB
            and node.free_sru - sum(vm.disk_gb for vm in here) >= disk
        )

    def _is_true(self, job):
        ever = [node for node in self.nodes if self._ever(job, node)]
        places = [node for node in self.nodes if self._now(job, node)]
        wallet, told = Wallet.objects.get(team=job.team_id), (job.reason, job.reason_params)
        assert (job.state == "refused") == (not ever), told
        match job.reason:
            case "no_node_fits" | "no_node_chosen":
                assert not ever, told
            case "too_dear":
                cheapest = min(self._cost(job, node) for node in self.nodes if self._fits_but_dear(job, node))
                limit = Tft.parse(job.pool.nodes["rule"]["max_price"])
                assert job.reason_params == {"cheapest": cheapest, "limit": limit} and cheapest > limit, told
            case "no_node_now":
                assert ever and not places or self._claimed(job), told
                assert job.reason_params.get("clearing_node") or not self._clearing_would_do(job, wallet), (
                    told
                )
            case "pool_maximum":
                assert len(self._of(job.pool)) >= job.pool.max_vms and places, told
                assert not self._idle_would_do(job, wallet, places), told
            case "balance":
                cost = min(self._cost(job, node) for node in places)
                assert (
                    self._left(wallet) < job.reason_params["per_hour"]
                    and job.reason_params["per_hour"] >= cost
                ), told
                assert not self._idle_would_do(job, wallet, places), told
            case "grid_refused":
                mine = [vm for vm in self.unplaced if vm.pool_id == job.pool_id and vm.size == job.size]
                assert any(vm.retry_at > self.now for vm in mine), told
            case _:
                raise AssertionError(told)

    def _fits_but_dear(self, job, node):
        rule = job.pool.nodes.get("rule") or {}
        free = Job(size=job.size, pool=Pool(nodes={**job.pool.nodes, "rule": {**rule, "max_price": None}}))
        return self._ever(free, node)

    def _idle_would_do(self, job, wallet, places):
        """Whether ending idle VMs would let it start: a place in its pool, and TFT of the whole team."""
        own, whole = self._idle(job.team_id, job.pool), self._idle(job.team_id)
        frees = sum(vm.quote.per_hour for vm in whole)
        place = len(self._of(job.pool)) - len(own) < job.pool.max_vms
        return (
            place
            and self._left(wallet) + frees >= max(self._cost(job, node) for node in places)
            and bool(whole)
        )

    def _clearing_would_do(self, job, wallet):
        """Whether idle VMs of its team fill a node that would take it; asked of a team's only job of that kind, which
        has a place and TFT, and where no other team waits."""
        waiting = Job.objects.filter(state="queued", reason="no_node_now")
        nodes = [node for node in self.nodes if self._ever(job, node) and node.up]
        if waiting.exclude(pk=job.pk).exists() or len(self._of(job.pool)) >= job.pool.max_vms:
            return False
        if self._left(wallet) < max(self._cost(job, node) for node in nodes or self.nodes):
            return False
        idle = self._idle(job.team_id)
        return any(self._has_room(job, node, without=idle) for node in nodes if not self._paused(node))

    def _claimed(self, job):
        """Whether room is left to a team that has fewer VMs, and waits for it too."""
        has = {team: len([vm for vm in self.placed if vm.team_id == team]) for team in (job.team_id,)}
        others = Job.objects.filter(state="queued", reason="no_node_now").exclude(team=job.team_id)
        return any(
            len([vm for vm in self.placed if vm.team_id == other.team_id]) < has[job.team_id]
            for other in others
        )


class FreshPlanner(Planner):
    """Each example starts with empty tables."""

    def __init__(self):
        Job.objects.update(vm=None, awaits=None)
        for model in (
            LedgerEntry,
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
    monkeypatch.setattr(pool_planner._Team, "_giving_way", lambda *_: None)
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


@pytest.mark.parametrize("part", range(2))  # which the processes of a run share
@pytest.mark.django_db
def test_whatever_happens_each_job_starts_when_it_can_and_is_told_the_truth(part):
    plan(examples=25, steps=12)


@pytest.mark.proof
@pytest.mark.django_db
def test_the_same_in_thousands_of_runs():
    plan(examples=5000, steps=30)
