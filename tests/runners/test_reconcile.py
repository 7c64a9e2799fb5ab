"""One pool: from rows to wishes."""

from datetime import timedelta

import pytest

from runners import reconcile
from runners.models import VM, Event, Runner
from tests.builders import NOON, a_job, a_pool, a_quote, a_twin, a_vm, a_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    pool = a_pool(max_vms=2)
    a_wallet(pool.team)
    return pool


def a_queued(pool, **fields):
    return a_job(pool.orgs.first(), pool=pool, **fields)


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
    assert Event.objects.get(pool=pool).why == (
        "Wanted 2, held back 1: the pool has its maximum of 2 machines; "
        "3 queued, 0 standing by, 0 of 2 machines"
    )


def test_reconciling_again_changes_nothing(pool):
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    reconcile.run(pool.pk, NOON)
    assert (VM.objects.count(), Event.objects.count()) == (1, 1)


def test_a_job_beyond_the_maximum_is_told_so(pool):
    jobs = [a_queued(pool, queued_at=NOON + timedelta(seconds=n)) for n in range(3)]
    reconcile.run(pool.pk, NOON)
    jobs[2].refresh_from_db()
    assert jobs[2].why == "the pool has its maximum of 2 machines"


def test_a_machine_on_standby_is_bound_and_due(pool):
    vm = a_vm("standby", pool, next_step_at=NOON + timedelta(hours=1))
    job = a_queued(pool, labels=["small", "Linux"])
    carried = reconcile.run(pool.pk, NOON)
    runner = Runner.objects.get()
    vm.refresh_from_db()
    assert (runner.vm, runner.asked_for, runner.labels) == (vm, job, ["small", "Linux"])
    assert (vm.next_step_at, carried.vms) == (NOON, {vm.pk})


def test_a_bound_machine_is_not_bound_twice(pool):
    a_vm("standby", pool)
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    assert (Runner.objects.count(), VM.objects.count()) == (1, 2)


def test_a_job_that_backs_off_is_no_demand(pool):
    a_queued(pool, offer_again_at=NOON + timedelta(minutes=1))
    reconcile.run(pool.pk, NOON)
    assert not VM.objects.exists()


def test_the_minimum_of_a_size_is_kept(pool):
    pool.min_vms = {"small": 1}
    pool.save()
    reconcile.run(pool.pk, NOON)
    assert VM.objects.get().size == "2cpu8gbram50gbssd"


def test_a_machine_that_lingered_is_retired(pool):
    vm = a_vm("standby", pool)
    reconcile.run(pool.pk, NOON + timedelta(minutes=5))
    vm.refresh_from_db()
    assert vm.retire_why == "no job came for 5 minutes"


def test_a_pool_that_is_closing_wants_nothing(pool):
    pool.closing_at, pool.min_vms = NOON, {"small": 1}
    pool.save()
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    assert not VM.objects.exists()


def test_a_team_without_a_wallet_gets_one_with_its_grant(settings):
    settings.GRANT = "12.5"
    a_twin()
    pool = a_pool()
    a_queued(pool)
    reconcile.run(pool.pk, NOON)
    assert str(VM.objects.get().wallet.balance) == "12.5000000"


def test_a_wallet_that_runs_dry_starts_nothing_and_keeps_nothing_warm(pool):
    warm = a_vm("standby", pool, quote=a_quote(tft_per_hour="200"))
    job = a_queued(pool, labels=["medium"], size="4cpu16gbram100gbssd")
    reconcile.run(pool.pk, NOON)
    warm.refresh_from_db()
    job.refresh_from_db()
    assert warm.retire_why == job.why == "for TFT: 100.0000000 TFT are missing for the next hour of what runs"
    assert VM.objects.count() == 1
