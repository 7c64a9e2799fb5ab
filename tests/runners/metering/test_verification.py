"""The ledger against the VMs that it charges, and the command that says so."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from billing import ledger
from billing.models import LedgerEntry, Verification
from runners.metering import charges, verification
from runners.models import VM
from runners.tasks import upkeep
from tests.append_only import without_triggers
from tests.builders import NOON, a_job, a_runner, a_vm
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def run_job(vm, since, until):
    times = {
        "bound_at": at(since),
        "registered_at": at(since),
        "started_at": at(since),
        "taken_at": at(since),
    }
    pool, first = vm.pool, vm.pool.connections.first()
    job = a_job(first, "completed", pool=pool, started_at=at(since), completed_at=at(until), vm=vm)
    a_runner(vm, job, job=job, done_at=at(until), deregistered_at=at(until), **times)
    return job


@pytest.fixture
def vm():
    """One that ran three jobs, was charged meanwhile, and is gone: of a price at which nothing divides evenly."""
    vm = a_vm("busy", claimed_at=at(10))
    for since in (60, 160, 260):
        run_job(vm, since, since + 50)
        charges.settle(vm, at(since + 60))
    ended = {"removed_at": at(400), "contract_ended_at": at(400), "state_changed_at": at(395)}
    VM.objects.filter(pk=vm.pk).update(state="removing", **ended)
    charges.settle(vm, at(400))
    VM.objects.filter(pk=vm.pk).update(state="gone")
    return vm


def found(now=NOON):
    return {one.cause.value: one.count for one in verification.verify(now).differences}


def tamper(sql, *values):
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount


def charge(vm, amount, **facts):
    """Past what meters it."""
    ledger.charge(vm.wallet, "by hand", Tft(amount), at(400), **{"use": "job", "vm_id": vm.pk} | facts)


def test_what_was_metered_is_what_was_charged(vm):
    findings = verification.verify(at(500))
    assert (findings.count, findings.entries) == (0, LedgerEntry.objects.count())


def test_a_vm_that_is_there_may_be_charged_up_to_now_and_no_further():
    vm = a_vm("busy", claimed_at=at(10))
    charges.settle(vm, at(600))
    assert found(at(600)) == found(at(900)) == {}
    assert found(at(300)) == {"vm": 1}


def test_one_that_was_charged_more_or_less_than_its_time_is_found(vm):
    charge(vm, 1)
    assert found() == {"vm": 1}
    charge_back = verification.verify(NOON).differences[0].examples[0]
    assert charge_back.about == f"VM {vm.pk}" and charge_back.found == charge_back.expected + 1
    ledger.charge(vm.wallet, "by hand again", Tft(-2), at(400), use="job", vm_id=vm.pk)
    assert found() == {"vm": 1}


@pytest.mark.parametrize("facts", [{"vm_id": None}, {"vm_id": 10**9}])
def test_a_charge_for_no_vm_of_ours_is_found(vm, facts):
    charge(vm, 1, **facts)
    assert found() == {"vm": 1}


def test_one_without_a_contract_costs_nothing():
    vm = a_vm("wanted")
    assert found() == {}
    charge(vm, 1)
    assert found() == {"vm": 1}


def test_a_contract_that_ended_earlier_than_its_cost_is_found(vm):
    VM.objects.filter(pk=vm.pk).update(contract_ended_at=at(399))
    assert found() == {"vm": 1}


def test_a_job_that_bears_more_than_another_is_found(vm):
    first, second, _ = vm.jobs.order_by("pk")
    for job, units in ((first, 1), (second, -1)):
        facts = {"use": "boot", "vm_id": vm.pk, "job_id": job.pk}
        ledger.charge(vm.wallet, f"by hand {job.pk}", Tft(units), at(400), **facts)
    assert found() == {"share": 2}


def test_a_share_that_was_left_to_no_job_is_found(vm):
    job = vm.jobs.first()
    tamper("UPDATE billing_ledgerentry SET job_id = NULL WHERE use = 'teardown' AND job_id = %s", job.pk)
    assert found() == {"share": 2}


def test_vms_from_before_shares_were_divided_are_as_they_were():
    vm = a_vm("gone", contract_ended_at=at(100), removed_at=at(100))
    run_job(vm, 20, 60)
    ledger.charge(
        vm.wallet, "of before", vm.quote.per_hour.share(100, 3600), at(100), use="boot", vm_id=vm.pk
    )
    assert found() == {}


def said():
    out, code = StringIO(), 0
    try:
        call_command("verify", stdout=out)
    except SystemExit as end:
        code = end.code
    return out.getvalue(), code


def test_the_command_counts_entries_and_finds_no_difference(vm):
    assert said() == (f"{LedgerEntry.objects.count()} entries, 0 differences\n", 0)


def test_the_command_fails_once_somebody_has_turned_the_triggers_off_and_changed_an_entry(vm):
    tamper(
        "UPDATE billing_ledgerentry SET moved = moved + 5"
        " WHERE id = (SELECT max(id) FROM billing_ledgerentry WHERE use = 'job')"
    )
    text, code = said()
    assert code == 1
    assert text.splitlines()[0].endswith("entries, 5 differences")
    assert "\nbalance: 2. An account does not hold what its entries add up to.\n" in text
    assert f"operator:income of team {vm.team_id}: " in text
    assert f"\n  VM {vm.pk}: " in text


def test_it_runs_once_a_night(vm):
    for _ in range(2):
        upkeep.verify_ledger()
    assert Verification.objects.count() <= 1  # none before three o'clock
