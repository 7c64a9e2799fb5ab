"""While an installation is updated, the version before writes and reads its ledger as it did, and its entries get their
accounts. Goes with what it tests, in the next release (billing/migrations/0017_accounts.py)."""

from importlib import import_module

import pytest
from django.db import connection

from billing import ledger, verification
from billing.models import AccountBalance, LedgerEntry, Spent, Wallet
from tests.append_only import empty_ledger, without_triggers
from tests.builders import NOON, a_team, a_twin, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
accounts_of_before = import_module("billing.migrations.0018_accounts_of_before")


def write(wallet, key, kind, amount, use=""):
    """As its door does: the entry, and the wallet."""
    about = [wallet.team_id, wallet.pk, key, kind, amount, NOON, use]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_ledgerentry (team_id, wallet_id, key, kind, amount, at, use, pool, repository)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, '', '')",
            about,
        )
        cursor.execute("UPDATE billing_wallet SET balance = balance + %s WHERE id = %s", [amount, wallet.pk])


def read():
    """What it makes of all entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, amount FROM billing_ledgerentry ORDER BY id")
        return cursor.fetchall()


def fresh(twin=None):
    return Wallet.objects.create(team=a_team(), twin=twin or a_twin())


def held(wallet):
    rows = AccountBalance.objects.filter(team=wallet.team_id).values_list("account", "amount")
    return {name.removesuffix(f":{wallet.team_id}"): int(amount) for name, amount in rows if amount}


def verified():
    return verification.run(verification.CHECKS, NOON).count == 0


def test_what_it_writes_moves_between_accounts_and_its_wallet_once():
    wallet = fresh()
    write(wallet, "deposit:one", "deposit", 20)
    write(wallet, "k", "charge", -7, "job")
    write(wallet, "l", "charge", 2, "job")
    assert held(wallet) == {"outside": -20, "team": 15, "operator:income": 5}
    assert (ledger.balance(wallet.pk), ledger.spent(team=wallet.team_id)) == (15, 5)
    assert verified()


def test_it_reads_what_this_version_writes():
    wallet = a_wallet(tft="0.000001")
    ledger.deposit(wallet, "one", Tft(20), NOON)
    ledger.charge(wallet, "k", Tft(12), NOON, use="job")
    ledger.charge(wallet, "l", Tft(-3), NOON, use="job")
    amounts = [("grant", 10), ("deposit", 20), ("charge", -10), ("charge", -2), ("charge", 2), ("charge", 1)]
    assert read() == amounts


def test_both_may_write_at_once():
    wallet = a_wallet(tft="0.000001")
    write(wallet, "of before", "charge", -4, "job")
    ledger.charge(wallet, "of now", Tft(12), NOON, use="job")
    assert ledger.balance(wallet.pk) == -6
    assert held(wallet) == {"operator:grants": -10, "team": -6, "operator:income": 16}
    assert verified()


@pytest.fixture
def old_ledgers(monkeypatch):
    """Those of four teams as they were: what is kept are Spent and the wallets. Batches are small."""
    monkeypatch.setattr(accounts_of_before, "AT_ONCE", 3)
    twin, ledgers = a_twin(), {}
    histories = {
        "spent its grant": [("grant", 10), ("charge", -8), ("deposit", 5), ("charge", -6), ("charge", 2)],
        "has of its grant": [("grant", 10), ("charge", -8), ("charge", 3), ("deposit", 5), ("charge", -4)],
        "has no grant": [("deposit", 5), *[("charge", -1)] * 7, ("charge", 1)],
        "has nothing": [],
    }
    for name, history in histories.items():
        wallet = ledgers[name] = fresh(twin)
        for number, (kind, amount) in enumerate(history):
            write(wallet, f"{name}:{number}", kind, amount, "job" if kind == "charge" else "")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        columns = ("from_account", "to_account", "moved")
        cursor.execute(
            "ALTER TABLE billing_ledgerentry " + ", ".join(f"ALTER {one} DROP NOT NULL" for one in columns)
        )
        with without_triggers():
            cursor.execute(
                "UPDATE billing_ledgerentry SET from_account = NULL, to_account = NULL, moved = NULL"
            )
            cursor.execute("DELETE FROM billing_accountbalance")
        cursor.execute("ALTER TABLE billing_ledgerentry DISABLE TRIGGER entries_stay")  # it comes with 0019
    return ledgers


def test_entries_of_before_get_their_accounts_one_to_one_and_no_balance_changes(old_ledgers):
    balances, amounts = dict(Wallet.objects.values_list("pk", "balance")), read()
    accounts_of_before.fill()
    assert dict(Wallet.objects.values_list("pk", "balance")) == balances
    assert [(entry.kind, entry.amount) for entry in LedgerEntry.objects.order_by("pk")] == amounts == read()
    assert {name: held(wallet) for name, wallet in old_ledgers.items()} == {
        "spent its grant": {"operator:grants": -10, "outside": -5, "team": 3, "operator:income": 12},
        "has of its grant": {
            "operator:grants": -10,
            "outside": -5,
            "grant": 1,
            "team": 5,
            "operator:income": 9,
        },
        "has no grant": {"outside": -5, "team": -1, "operator:income": 6},
        "has nothing": {},
    }
    assert verified()


def test_charges_may_go_on_meanwhile_and_an_interruption_costs_nothing(old_ledgers):
    wallet = old_ledgers["has of its grant"]
    with connection.cursor() as cursor:  # the first batch alone
        first = {"team": wallet.team_id, "after": 0, "own": f"grant:{wallet.team_id}", "at_once": 2}
        cursor.execute(accounts_of_before.FILL, first)
    write(wallet, "of before", "charge", -30, "job")  # all of its grant, if that were asked again
    accounts_of_before.fill()
    accounts_of_before.fill()
    assert held(wallet) == {
        "operator:grants": -10,
        "outside": -5,
        "grant": 1,
        "team": -25,
        "operator:income": 39,
    }
    assert verified()


def test_a_ledger_that_is_empty_has_nothing_to_fill():
    empty_ledger()
    accounts_of_before.fill()
    assert not AccountBalance.objects.exists() and not Spent.objects.exists()
