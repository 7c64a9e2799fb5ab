"""A VM's time in the ledger: to the last 1e-7, however often it is settled."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from billing import ledger
from billing.funds import Funds, Rate
from billing.models import LedgerEntry, Wallet
from runners.metering import charges
from runners.models import VM, Refresh
from tests.builders import NOON, a_debug_access, a_job, a_quote, a_runner, a_team, a_vm
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def by_use(vm):
    rows = [(entry.use, entry.amount) for entry in LedgerEntry.objects.filter(vm_id=vm.pk)]
    uses = {use for use, _ in rows}
    return {use: str(Tft(-sum(amount for name, amount in rows if name == use))) for use in uses}


@pytest.fixture
def vm():
    """2.125 TFT an hour; booted in 10 s, its job from second 60 to 120."""
    vm = a_vm("busy", claimed_at=at(10))
    job = a_job(
        vm.pool.connections.first(), "completed", pool=vm.pool, started_at=at(60), completed_at=at(120), vm=vm
    )
    times = {"bound_at": at(55), "registered_at": at(56), "started_at": at(59), "taken_at": at(61)}
    a_runner(vm, job, job=job, done_at=at(120), **times)
    return vm


def test_each_use_of_the_time_is_charged_by_itself(vm):
    charges.settle(vm, at(130))
    assert by_use(vm) == {"boot": "0.0059028", "idle": "0.0354167", "job": "0.0354166"}
    assert ledger.spent(vm_id=vm.pk) == Tft.parse("2.125").share(130, 3600)


def test_the_job_carries_its_repository_and_idle_time_none(vm):
    charges.settle(vm, at(130))
    assert set(LedgerEntry.objects.filter(kind="charge").values_list("use", "repository")) == {
        ("boot", ""),
        ("idle", ""),
        ("job", vm.jobs.get().repository),
    }


@pytest.mark.parametrize("started", [120, 121])
def test_a_job_whose_start_was_told_late_still_costs_its_time(vm, started):
    vm.runners.update(started_at=at(started))
    charges.settle(vm, at(130))
    assert Tft.parse(by_use(vm)["job"]) > 0


def test_a_forge_whose_clock_is_ahead_makes_no_job_free(vm):
    vm.jobs.update(started_at=at(500), completed_at=at(600))
    charges.settle(vm, at(130))
    assert by_use(vm)["job"] == str(Tft.parse("2.125").share(120, 3600) - Tft.parse("2.125").share(59, 3600))


def test_settling_again_charges_nothing_twice(vm):
    for _ in range(3):
        charges.settle(vm, at(130))
    assert LedgerEntry.objects.filter(vm_id=vm.pk).count() == 3


def test_settling_every_second_costs_the_same_as_once(vm):
    for second in range(0, 131, 7):
        charges.settle(vm, at(second))
    charges.settle(vm, at(130))
    assert ledger.spent(vm_id=vm.pk) == Tft.parse("2.125").share(130, 3600)


def test_idle_time_that_turns_out_to_have_been_a_job_is_given_back(vm):
    runner = vm.runners.get()
    runner.job, runner.taken_at = None, None
    runner.save()
    charges.settle(vm, at(130))
    assert "job" not in by_use(vm)
    runner.job, runner.taken_at = vm.jobs.get(), at(61)
    runner.save()
    charges.settle(vm, at(130))
    assert by_use(vm) == {"boot": "0.0059028", "idle": "0.0354167", "job": "0.0354166"}
    assert Wallet.objects.get().balance == Tft.parse("100") - ledger.spent(vm_id=vm.pk)


def gone(vm, second):
    """As lifecycle.py has it when nothing of it is left on the grid; it began to go five seconds before."""
    times = {"removed_at": at(second), "contract_ended_at": at(second), "state_changed_at": at(second - 5)}
    VM.objects.filter(pk=vm.pk).update(state="removing", **times)
    charges.settle(vm, at(second))


def by_job(vm):
    sums = Counter()
    for entry in LedgerEntry.objects.filter(vm_id=vm.pk):
        sums[entry.use, entry.job_id] -= int(entry.amount)
    return {key: amount for key, amount in sums.items() if amount}


def another_job(vm, since, until):
    job = a_job(
        vm.pool.connections.first(), "completed", pool=vm.pool, started_at=since, completed_at=until, vm=vm
    )
    a_runner(
        vm,
        job,
        job=job,
        bound_at=since,
        started_at=since,
        taken_at=since,
        done_at=until,
        deregistered_at=until,
    )
    return job


def test_once_it_is_gone_the_job_that_it_was_made_for_has_borne_all_of_it(vm):
    gone(vm, 130)
    job = vm.jobs.get()
    assert {job_id for _, job_id in by_job(vm)} == {job.pk}
    assert {use for use, _ in by_job(vm)} == {"boot", "idle", "job", "teardown"}
    assert ledger.spent(job_id=job.pk) == ledger.spent(vm_id=vm.pk) == Tft.parse("2.125").share(130, 3600)
    assert set(LedgerEntry.objects.filter(kind="charge").values_list("repository")) == {(job.repository,)}


def test_what_was_charged_to_the_pool_before_moves_to_the_jobs_at_the_end(vm):
    for second in (20, 58, 100):
        charges.settle(vm, at(second))
    assert ("boot", None) in by_job(vm)
    gone(vm, 130)
    charges.settle(vm, at(9999))
    assert {job_id for _, job_id in by_job(vm)} == {vm.jobs.get().pk}
    assert ledger.spent(vm_id=vm.pk) == Tft.parse("2.125").share(130, 3600)
    assert Wallet.objects.get().balance == Tft.parse("100") - ledger.spent(vm_id=vm.pk)


def test_jobs_that_followed_one_another_share_what_is_none_of_theirs(vm):
    VM.objects.filter(pk=vm.pk).update(scope="repository:1:acme/app")
    Refresh.objects.create(vm=vm, began_at=at(121), claimed_at=at(140))
    vm.runners.update(deregistered_at=at(121))
    first, second = vm.jobs.get(), another_job(vm, at(150), at(160))
    charges.settle(vm, at(155))
    gone(vm, 200)
    sums = by_job(vm)
    for use in ("boot", "idle", "refresh", "teardown"):
        assert abs(sums[use, first.pk] - sums[use, second.pk]) <= 1
    assert sums["job", first.pk] > sums["job", second.pk]
    assert ledger.spent(job_id=first.pk) + ledger.spent(job_id=second.pk) == ledger.spent(vm_id=vm.pk)


def test_a_vm_that_ran_no_job_stays_with_its_pool():
    vm = a_vm("standby", claimed_at=at(10))
    gone(vm, 130)
    assert {job_id for _, job_id in by_job(vm)} == {None}
    assert ledger.spent(vm_id=vm.pk) == Tft.parse("2.125").share(130, 3600)


def test_debug_access_is_no_cost_of_the_job(vm):
    a_debug_access(vm, kept_at=at(121), closed_at=at(123))
    gone(vm, 130)
    sums = by_job(vm)
    assert {job_id for use, job_id in sums if use == "debug"} == {None}
    assert sum(sums.values()) == ledger.spent(vm_id=vm.pk)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(1, 200_000), min_size=0, max_size=5),
    st.lists(st.integers(0, 1500), max_size=3),
    st.integers(1, 10**9),
)
def test_however_many_jobs_and_turns_the_parts_sum_up_to_the_whole(lengths, turns, per_hour):
    """`lengths`: milliseconds of its jobs, one after the other."""
    vm = a_vm("busy", claimed_at=at(10), quote=a_quote(tft_per_hour=str(Tft(per_hour))))
    since = at(20)
    for length in lengths:
        until = since + timedelta(milliseconds=length)
        another_job(vm, since, until)
        since = until + timedelta(milliseconds=137)
    for turn in sorted(turns):
        charges.settle(vm, at(turn))
    gone(vm, 1600)
    jobs = [ledger.spent(job_id=job_id) for job_id in vm.jobs.values_list("pk", flat=True)]
    unattributed = ledger.spent(vm_id=vm.pk, job_id=None)
    assert sum(jobs) + unattributed == ledger.spent(vm_id=vm.pk) == Tft(per_hour).share(1600, 3600)
    assert not (jobs and unattributed)


def test_a_vm_is_paid_for_until_its_contract_ended_and_no_longer(vm):
    VM.objects.update(contract_ended_at=at(130))
    charges.settle(vm, at(9999))
    assert ledger.spent(vm_id=vm.pk) == Tft.parse("2.125").share(130, 3600)


def test_one_that_never_had_a_contract_costs_nothing():
    vm = a_vm("wanted")
    charges.settle(vm, at(130))
    assert not LedgerEntry.objects.filter(vm_id=vm.pk).exists()


def test_what_has_run_up_counts_against_the_allowance(vm):
    assert charges.allowance(vm.wallet_id, at(3600)).left == Tft.parse("100") - 2 * vm.quote.per_hour


def test_funds_have_what_its_vms_cost_that_are_not_cancelled(vm, django_assert_num_queries):
    team = vm.team
    a_vm("deploying", vm.pool, quote=a_quote(tft_per_hour="1"))
    a_vm("wanted", vm.pool)
    a_vm("gone", vm.pool)
    a_vm("removing", vm.pool, contract_ended_at=at(1))
    charges.funds(team, at(1))
    with django_assert_num_queries(1):
        found = charges.funds(team, at(1))
    assert (found.balance, found.rate) == (Tft.parse("100"), Rate(2, Tft.parse("3.125")))
    assert charges.rates([team.pk]) == {team.pk: found.rate}


def test_a_team_without_a_wallet_gets_an_empty_one_with_its_funds():
    team = a_team()
    assert charges.funds(team, at(0)) == Funds(Tft(0))
    assert Wallet.objects.filter(team=team).exists()
