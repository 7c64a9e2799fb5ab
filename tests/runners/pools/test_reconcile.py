"""The pools of a team: from rows to wishes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection as database, transaction

from billing import wallets
from billing.models import Price, Wallet
from runners.jobs import ingest, timeline, wait_reason
from runners.models import VM, Event, Job, Pool, Runner
from runners.pools import reconcile
from runners.reasons import waits
from runners.reasons.retirements import HourUncovered, Idle
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_quote, a_runner, a_twin, a_vm, a_wallet
from tfci.core.tft import Tft
from tfci.forges.facts import JobSeen
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db

LARGE = "8cpu32gbram200gbssd"
XLARGE = {"cpu": 16, "memory_gb": 64, "disk_gb": 300}


@pytest.fixture
def pool():
    a_price()
    a_node()
    pool = a_pool(max_vms=2)
    a_wallet(pool.team)
    return pool


def a_queued(pool, **fields):
    return a_job(pool.connections.first(), pool=pool, **fields)


def a_large(pool, **fields):
    return a_queued(pool, labels=["large"], size=LARGE, **fields)


def decided(pool, *jobs, at=NOON):
    """The jobs as they are once the pool is reconciled."""
    carried = reconcile.run(pool.pk, at)
    for job in jobs:
        job.refresh_from_db()
    return carried


def alive():
    return VM.objects.exclude(state="gone").filter(retire_reason="").count()


def test_a_queued_job_is_given_a_wanted_vm_of_its_size(pool):
    job = a_queued(pool, labels=["2cpu4gbram20gbssd"], size="2cpu4gbram20gbssd")
    reconcile.run(pool.pk, NOON)
    vm = VM.objects.get()
    job.refresh_from_db()
    assert (vm.size, vm.state, vm.team, job.awaits, job.decided_at) == (
        "2cpu4gbram20gbssd",
        "wanted",
        pool.team,
        vm,
        NOON,
    )


def test_the_decision_is_an_event_with_its_numbers(pool):
    for _ in range(3):
        a_queued(pool)
    reconcile.run(pool.pk, NOON)
    planned = Event.objects.get(pool=pool).typed_reason
    assert planned.counts == {"wanted": 2, "held_back": 1}
    assert planned.reasons == (("pool_maximum", {"max_vms": 2, "promised": 0}),)
    assert (planned.queued, planned.vms, planned.max_vms) == (3, 0, 2)


def test_reconciling_again_changes_nothing(pool):
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    reconcile.run(pool.pk, NOON)
    assert (VM.objects.count(), Event.objects.count()) == (1, 1)


def test_a_job_beyond_the_maximum_is_told_so(pool):
    jobs = [a_queued(pool, queued_at=NOON + timedelta(seconds=n)) for n in range(3)]
    reconcile.run(pool.pk, NOON)
    jobs[2].refresh_from_db()
    assert jobs[2].typed_reason == waits.PoolMaximum(2)


def test_a_vm_on_standby_is_bound_and_due(pool):
    vm = a_vm("standby", pool, next_step_at=NOON + timedelta(hours=1))
    job = a_queued(pool, labels=["small", "Linux"])
    carried = reconcile.run(pool.pk, NOON)
    runner = Runner.objects.get()
    vm.refresh_from_db()
    assert (runner.vm, runner.asked_for, runner.labels) == (vm, job, ["small", "Linux"])
    assert (vm.next_step_at, carried.vms) == (NOON, {vm.pk})


def test_a_bound_vm_is_not_bound_twice(pool):
    a_vm("standby", pool)
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    assert (Runner.objects.count(), VM.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_taken_while_its_pool_looks_is_given_no_second_vm(pool):
    runner = a_registered(pool)
    a_vm("standby", pool)
    with between_reading("runners_job", "runners_runner", then=lambda: is_taken(runner.asked_for)):
        reconcile.run(pool.pk, NOON)
    assert (Runner.objects.get().job, VM.objects.count()) == (runner.asked_for, 2)


@pytest.mark.django_db(transaction=True)
def test_a_job_behind_one_that_is_taken_meanwhile_is_given_a_vm_of_its_own(pool):
    runner, free = a_registered(pool), a_vm("standby", pool)
    job = a_queued(pool, queued_at=NOON + timedelta(seconds=1))
    with between_reading("runners_job", "runners_runner", then=lambda: is_taken(runner.asked_for)):
        reconcile.run(pool.pk, NOON)
    reconcile.run(pool.pk, NOON)
    its_own = Runner.objects.exclude(pk=runner.pk).get()
    assert (its_own.vm, its_own.asked_for) == (free, job)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_a_foreign_runner_takes_meanwhile_awaits_no_vm(pool):
    job = a_queued(pool)
    with between_reading("runners_job", "grid_node", then=lambda: is_taken(job)):
        reconcile.run(pool.pk, NOON)
    job.refresh_from_db()
    assert (job.state, job.awaits, job.decided_at) == ("in_progress", None, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("served", [True, False])
def test_a_decision_waits_for_no_job_that_is_being_written(pool, served):
    if not served:
        Node.objects.all().delete()
    written, free = a_queued(pool), a_queued(pool)
    before = written.awaits, written.reason, written.state
    with ThreadPoolExecutor(1) as second, transaction.atomic():
        Job.objects.select_for_update().get(pk=written.pk)
        effects = second.submit(_elsewhere, lambda: reconcile.run(pool.pk, NOON)).result(10)
        free.refresh_from_db()
        written.refresh_from_db()
        assert (written.awaits, written.reason, written.state) == before
        assert (free.awaits is not None) == served and (free.awaits, free.reason, free.state) != before
        assert not served or pool.pk in effects.pools  # it comes again
    reconcile.run(pool.pk, NOON)
    written.refresh_from_db()
    assert (written.awaits is None, written.reason) == (free.awaits is None, free.reason)


def a_registered(pool):
    """A runner that waits for its job."""
    return a_runner(a_vm("assigned", pool), registered_at=NOON, forge_runner_id="7")


def is_taken(job):
    """Its forge says that it runs, on the runner with that id."""
    at = NOON + timedelta(seconds=1)
    seen = JobSeen(job.forge_job_id, "", job.repository, job.name, ("small",), "in_progress", runner_id="7")
    ingest.observe(job.connection, seen, at, asked_at=at)


@contextmanager
def between_reading(*tables, then):
    """Do it over another connection, once all but one of these tables were read and before the last one is."""
    left = set(tables)

    def watch(execute, sql, *rest):
        read = {table for table in left if sql.startswith("SELECT") and f'FROM "{table}"' in sql}
        if read and read == left:
            with ThreadPoolExecutor(1) as second:
                second.submit(_elsewhere, then).result(10)
        left.difference_update(read)
        return execute(sql, *rest)

    with database.execute_wrapper(watch):
        yield
    assert not left


def _elsewhere(deed):
    try:
        return deed()
    finally:
        database.close()


def test_a_job_that_backs_off_is_no_demand(pool):
    a_queued(pool, next_offer_at=NOON + timedelta(minutes=1))
    reconcile.run(pool.pk, NOON)
    assert not VM.objects.exists()


def test_the_minimum_of_a_size_is_kept(pool):
    pool.min_vms = {"small": 1}
    pool.save()
    reconcile.run(pool.pk, NOON)
    assert VM.objects.get().size == "2cpu8gbram50gbssd"


def test_a_vm_that_lingered_is_retired(pool):
    vm = a_vm("standby", pool)
    reconcile.run(pool.pk, NOON + timedelta(minutes=5))
    vm.refresh_from_db()
    assert vm.typed_retire_reason == Idle(5)


def test_a_pool_that_is_closing_wants_nothing(pool):
    pool.closing_at, pool.min_vms = NOON, {"small": 1}
    pool.save()
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    assert not VM.objects.exists()


def test_a_team_without_a_wallet_gets_one():
    twin, pool = a_twin(), a_pool(funded=False)
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    assert Wallet.objects.get(team=pool.team).twin == twin


def test_a_started_vm_has_its_node_and_its_quote(pool):
    a_queued(pool)
    carried = decided(pool)
    vm = VM.objects.get()
    assert (vm.node, vm.quote.usd_per_hour, carried.placed) == (Node.objects.get(), 212_500, {vm.pk})


def test_a_wallet_that_runs_dry_starts_nothing_and_keeps_nothing_warm(pool):
    warm = a_vm("standby", pool, quote=a_quote(tft_per_hour="200"))
    job = a_queued(pool, labels=["medium"], size="4cpu16gbram100gbssd")
    pool.team.wallet_set.update(balance=0)
    decided(pool, job)
    warm.refresh_from_db()
    assert warm.typed_retire_reason == HourUncovered(2_000_000_000)
    assert (job.reason, job.reason_params["missing"]) == ("balance", Tft.parse("204.25"))
    assert VM.objects.count() == 1


class TestWhatCanNotBePlaced:
    def test_it_blocks_no_other_job_and_says_the_true_cause_with_its_numbers(self, pool):
        """Two large jobs dearer than the pool pays filled its maximum of 2, and the small one waited for ever."""
        Pool.objects.update(nodes={"countries": ["Belgium"], "rule": {"max_price": "3"}})
        jobs = [a_large(pool), a_large(pool), a_queued(pool, queued_at=NOON + timedelta(seconds=9))]
        decided(pool, *jobs)
        assert jobs[2].awaits is not None
        assert [job.state for job in jobs] == ["refused", "refused", "queued"]
        assert jobs[0].typed_reason == waits.TooDear(85_000_000, 30_000_000)
        assert (jobs[0].reason, jobs[0].awaits, alive()) == ("too_dear", None, 1)

    def test_one_that_was_refused_is_queued_again_once_a_node_fits(self, pool):
        Pool.objects.update(nodes={"rule": {"max_price": "3"}})
        job = a_large(pool)
        decided(pool, job)
        assert job.state == "refused"
        Pool.objects.update(nodes={"rule": {"max_price": "9"}})
        decided(pool, job)
        assert (job.state, job.reason) == ("queued", "") and job.awaits

    def test_a_node_that_may_come_back_is_waited_for_without_holding_anything(self, pool):
        Node.objects.update(up=False)
        jobs = [a_queued(pool) for _ in range(3)]
        decided(pool, *jobs)
        assert {(job.state, job.reason, job.awaits) for job in jobs} == {("queued", "no_node_now", None)}
        assert jobs[0].typed_reason == waits.NoNodeNow(1, (("down", 0, 1),))
        assert not VM.objects.exists()
        Node.objects.update(up=True)
        decided(pool, *jobs)
        assert sum(job.awaits is not None for job in jobs) == 2

    def test_nothing_is_expected_of_it(self, pool):
        Node.objects.update(up=False)
        job = a_queued(pool)
        decided(pool, job)
        usual = timeline.Usual(dict.fromkeys(timeline.OWNERS, timedelta(seconds=5)))
        [read] = timeline.read(timeline.joined(Job.objects.filter(pk=job.pk)))
        assert wait_reason.cause(read, usual, NOON).expected_at is None

    def test_without_prices_nothing_is_promised(self, pool):
        Price.objects.all().delete()
        job = a_queued(pool)
        decided(pool, job)
        assert (job.state, job.typed_reason) == ("queued", waits.NoPrices())

    def test_before_nodes_are_read_nothing_is_refused(self, pool):
        Node.objects.all().delete()
        job = a_queued(pool)
        decided(pool, job)
        assert (job.state, job.reason) == ("queued", "no_nodes_read")

    def test_without_an_account_on_the_grid_it_waits_for_the_operator(self):
        a_price()
        a_node()
        pool = a_pool()
        job = a_queued(pool)
        decided(pool, job)
        assert job.typed_reason == waits.NoAccount()
        twin = a_twin()
        decided(pool, job)
        assert job.awaits and wallets.for_team(pool.team).twin == twin

    def test_what_was_promised_since_the_mirror_was_read_is_not_promised_again(self, pool):
        Node.objects.update(free_mru=8 * 1024)
        jobs = [a_queued(pool), a_queued(pool)]
        decided(pool, *jobs)
        decided(pool, *jobs)
        assert jobs[0].awaits and jobs[1].typed_reason == waits.NoNodeNow(1, (("memory_in_use", 8, 1),))

    def test_what_keeps_a_pool_from_keeping_some_ready_is_told_with_its_decision(self, pool):
        Pool.objects.update(min_vms={"small": 1})
        Node.objects.update(up=False)
        decided(pool)
        assert not VM.objects.exists()
        planned = Event.objects.get(pool=pool).typed_reason
        assert planned.counts == {"not_kept_ready": 1}
        assert [code for code, _ in planned.reasons] == [waits.WaitCode.NO_NODE_NOW]
