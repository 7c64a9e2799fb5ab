"""A machine's time in the ledger: to the last 1e-7, however often it is settled."""

from datetime import timedelta

import pytest

from billing import ledger
from billing.models import LedgerEntry, Wallet
from runners import charges
from runners.models import VM
from tests.builders import NOON, a_job, a_runner, a_vm
from tfci.tft import Tft

pytestmark = pytest.mark.django_db


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def by_use(vm):
    rows = LedgerEntry.objects.filter(vm_id=vm.pk).values_list("use", "amount")
    uses = {use for use, _ in rows}
    return {use: str(Tft(-sum(amount for name, amount in rows if name == use))) for use in uses}


@pytest.fixture
def vm():
    """2.125 TFT an hour; booted in 10 s, its job from second 60 to 120."""
    vm = a_vm("busy", claimed_at=at(10))
    job = a_job(
        vm.pool.orgs.first(), "completed", pool=vm.pool, started_at=at(60), completed_at=at(120), vm=vm
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


def test_a_machine_is_paid_for_until_its_contract_ended_and_no_longer(vm):
    VM.objects.update(contract_ended_at=at(130))
    charges.settle(vm, at(9999))
    assert ledger.spent(vm_id=vm.pk) == Tft.parse("2.125").share(130, 3600)


def test_one_that_never_had_a_contract_costs_nothing():
    vm = a_vm("wanted")
    charges.settle(vm, at(130))
    assert not LedgerEntry.objects.filter(vm_id=vm.pk).exists()


def test_what_has_run_up_counts_against_the_allowance(vm):
    assert charges.allowance(vm.wallet_id, at(3600)).left == Tft.parse("100") - 2 * vm.quote.per_hour
