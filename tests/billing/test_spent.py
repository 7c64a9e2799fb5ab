"""The sums by the half hour equal the ledger's charges, however they are written."""

import threading
from datetime import timedelta

import pytest
from django.db import connections as databases, transaction

from billing import ledger
from billing.models import LedgerEntry, Spent
from tests.builders import NOON, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db(transaction=True)


def charge(wallet, key, amount, minutes=0, use="job", pool_id=1, pool="default"):
    at = NOON + timedelta(minutes=minutes)
    return ledger.charge(wallet, key, Tft(amount), at, use=use, pool_id=pool_id, pool=pool)


def sums(**of):
    return [
        (row.at - NOON, row.use, row.pool_id, int(row.amount))
        for row in Spent.objects.filter(**of).order_by("pk")
    ]


def test_charges_of_one_half_hour_use_and_pool_are_one_sum():
    wallet = a_wallet()
    for number, minutes in enumerate((0, 1, 29, 30)):
        charge(wallet, f"job {number}", 10, minutes)
    charge(wallet, "idle", 5, use="idle")
    charge(wallet, "of no pool", 3, pool_id=None, pool="")
    charge(wallet, "of no pool again", 4, pool_id=None, pool="")
    begin, later = timedelta(), timedelta(minutes=30)
    assert sums() == [
        (begin, "job", 1, 30),
        (later, "job", 1, 10),
        (begin, "idle", 1, 5),
        (begin, "job", None, 7),
    ]


def test_a_charge_that_is_told_again_counts_once_and_a_correction_is_taken_off():
    wallet = a_wallet()
    charge(wallet, "a", 10)
    charge(wallet, "a", 10)
    charge(wallet, "b", -4)
    assert sums() == [(timedelta(), "job", 1, 6)]


def test_grants_and_deposits_are_not_spent():
    ledger.deposit(a_wallet(), "payment", Tft(5), NOON)
    assert sums() == []


def test_two_who_charge_one_wallet_at_once_wait_and_do_not_lock_each_other_out():
    wallet, both = a_wallet(), threading.Barrier(2)

    def charge_both(*uses):
        with transaction.atomic():
            both.wait(10)
            for use in uses:
                charge(wallet, f"{uses} {use}", 1, use=use)
        databases.close_all()

    threads = [threading.Thread(target=charge_both, args=uses) for uses in (("boot", "job"), ("job", "boot"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(sums()) == [(timedelta(), "boot", 1, 2), (timedelta(), "job", 1, 2)]
    assert LedgerEntry.objects.filter(kind="charge").count() == 4


def test_what_a_page_adds_up_is_what_the_ledger_took():
    wallet = a_wallet()
    for number in range(40):
        charge(wallet, str(number), number, minutes=17 * number, use=("job", "idle")[number % 2])
    team, since = wallet.team, NOON
    taken = ledger.spent(team=team)
    for rows in (ledger.spent_by_hour(team, since), ledger.spent_by_pool(team, since)):
        assert Tft(sum(row["amount"] for row in rows)) == taken
    assert ledger.spent_by_team([team.pk], since) == {team.pk: taken}
