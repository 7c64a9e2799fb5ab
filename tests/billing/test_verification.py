"""Whether the ledger adds up is asked of the database, and whoever went past its triggers is found out."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from billing import ledger, verification
from billing.models import Verification
from tests.append_only import without_triggers
from tests.builders import NOON, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wallet():
    """With a grant, a deposit, charges and a correction."""
    wallet = a_wallet(tft="0.000001")
    ledger.deposit(wallet, "one", Tft(20), NOON)
    for number, (units, minutes) in enumerate(((8, 0), (9, 10), (-3, 40), (5, 70))):
        at = NOON + timedelta(minutes=minutes)
        ledger.charge(wallet, f"k{number}", Tft(units), at, use="job", vm_id=1, pool_id=2, pool="default")
    return wallet


def found():
    """How many differences of each cause."""
    findings = verification.run(verification.CHECKS, NOON)
    return {one.cause.value: one.count for one in findings.differences}


def tamper(sql):
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount


def test_what_the_door_has_written_adds_up():
    findings = verification.run(verification.CHECKS, NOON)
    assert (findings.entries, findings.count, findings.differences) == (7, 0, [])


def test_what_a_ledger_without_entries_keeps_is_nothing():
    tamper("DELETE FROM billing_ledgerentry")
    assert found() == {"balance": 4, "spent": 3}


@pytest.mark.parametrize(
    "sql, causes",
    [
        ("UPDATE billing_ledgerentry SET moved = moved + 1 WHERE key = 'k0'", {"balance": 2, "spent": 1}),
        ("UPDATE billing_ledgerentry SET moved = moved + 1 WHERE key = 'deposit:one'", {"balance": 2}),
        ("DELETE FROM billing_ledgerentry WHERE key = 'k3'", {"balance": 2, "spent": 1}),
        ("DELETE FROM billing_ledgerentry WHERE kind = 'grant'", {"balance": 2}),
        (
            "UPDATE billing_ledgerentry SET from_account = to_account, to_account = from_account WHERE key = 'k3'",
            {"balance": 2, "spent": 1},
        ),
        (
            "UPDATE billing_ledgerentry SET from_account = 'operator:grants' WHERE key = 'deposit:one'",
            {"balance": 2},
        ),
        ("UPDATE billing_ledgerentry SET at = at + interval '1 hour' WHERE key = 'k0'", {"spent": 2}),
        ("UPDATE billing_ledgerentry SET use = 'idle' WHERE key = 'k0'", {"spent": 2}),
        ("UPDATE billing_ledgerentry SET pool_id = 3 WHERE key = 'k0'", {"spent": 2}),
        ("UPDATE billing_accountbalance SET amount = amount + 1 WHERE account = 'outside'", {"balance": 1}),
        (
            "UPDATE billing_accountbalance SET amount = amount + 1 WHERE account LIKE 'team:%'",
            {"balance": 1, "wallet": 1},
        ),
        ("DELETE FROM billing_accountbalance WHERE account = 'operator:income'", {"balance": 1}),
        ("UPDATE billing_wallet SET balance = balance + 1", {"wallet": 1}),
        ("UPDATE billing_spent SET amount = amount + 1 WHERE at = '2026-06-01 12:00Z'", {"spent": 1}),
        ("DELETE FROM billing_spent WHERE at = '2026-06-01 12:30Z'", {"spent": 1}),
    ],
)
def test_what_was_changed_past_the_triggers_is_found(sql, causes):
    tamper(sql)
    assert found() == causes


def test_an_entry_that_was_added_past_the_triggers_is_found():
    columns = "team_id, wallet_id, kind, from_account, to_account, moved, amount, at, use, pool, repository"
    tamper(
        f"INSERT INTO billing_ledgerentry (key, {columns}) SELECT 'deposit:two', {columns} FROM billing_ledgerentry"
        " WHERE key = 'deposit:one'"
    )
    assert found() == {"balance": 2}


def test_examples_say_what_and_how_much_and_are_few(wallet):
    tamper("UPDATE billing_wallet SET balance = balance + 1")
    [one] = verification.run(verification.CHECKS, NOON).differences
    assert one.examples == [verification.DifferingAmount(f"team {wallet.team_id}", Tft(11), Tft(12))]
    for _ in range(verification.SHOWN):
        a_wallet()
    tamper("UPDATE billing_wallet SET balance = balance + 1")
    [one] = verification.run(verification.CHECKS, NOON).differences
    assert (one.count, len(one.examples)) == (verification.SHOWN + 1, verification.SHOWN)


def test_the_result_is_kept_for_the_operator():
    verification.run(verification.CHECKS, NOON)
    tamper("UPDATE billing_wallet SET balance = balance + 1")
    verification.run(verification.CHECKS, NOON + timedelta(hours=1))
    assert [(row.entries, row.differences) for row in Verification.objects.order_by("at")] == [
        (7, []),
        (7, [["wallet", 1]]),
    ]
    assert verification.newest().at == NOON + timedelta(hours=1)
    verification.run(verification.CHECKS, NOON + verification.KEPT + timedelta(minutes=1))
    assert Verification.objects.count() == 2


def test_it_is_due_once_a_night():
    early, night = datetime(2026, 6, 1, 2, 59, tzinfo=UTC), datetime(2026, 6, 1, 3, tzinfo=UTC)
    assert not verification.due(early)
    assert verification.due(night)
    verification.run(verification.CHECKS, night)
    assert not verification.due(night + timedelta(hours=20))
    assert verification.due(night + timedelta(days=1))


def test_each_cause_has_a_text():
    assert set(verification.TEXTS) == set(verification.DifferenceCause)
