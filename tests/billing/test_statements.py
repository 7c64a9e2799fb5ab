"""Statements add up to the ledger to the last digit, and a month that is over stays as it was read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings, strategies as st

from billing import ledger, ledger_accounts, statements
from billing.ledger import Transfer
from billing.models import LedgerEntry
from billing.statements import StatementSection
from billing.uses import Use
from tests.builders import NOON, a_team, a_wallet
from tfci.accounts import teams
from tfci.accounts.months import CalendarMonth
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
JUNE, JULY = CalendarMonth(2026, 6), CalendarMonth(2026, 7)
NOW = datetime(2026, 8, 15, tzinfo=UTC)


@pytest.fixture
def wallet():
    """With 100 units of a grant at noon of 1 June."""
    return a_wallet(a_team("Kestrel Labs"), tft="0.00001")


def charge(wallet, key, units, at, **facts):
    row = {"use": Use.JOB, "vm_id": 1, "pool_id": 1, "pool": "default"} | facts
    assert ledger.charge(wallet, key, Tft(units), at, **row)


def read(wallet, month, now=NOW):
    return statements.read(wallet.team, statements.period(wallet.team, month, now))


def lines(statement):
    return [
        (line.section.value, line.kind.value, line.use, line.pool, int(line.amount))
        for line in statement.lines
    ]


def test_each_kind_of_movement_is_a_line(wallet):
    ledger.deposit(wallet, "one", Tft(50), BEGIN + timedelta(days=2))
    ledger.deposit(wallet, "two", Tft(7), BEGIN + timedelta(days=3))
    charge(wallet, "a", 90, BEGIN + timedelta(days=3))  # of two accounts
    charge(wallet, "b", 20, BEGIN + timedelta(days=4), use=Use.BOOT, vm_id=2)
    charge(wallet, "c", 5, BEGIN + timedelta(days=4), use=Use.SERVER, vm_id=3, pool_id=None, pool="")
    charge(wallet, "next", 1, BEGIN + timedelta(days=30))
    june = read(wallet, JUNE)
    assert lines(june) == [
        ("in", "grant", None, "", 100),
        ("in", "deposit", None, "", 57),
        ("vm_time", "charge", Use.JOB, "default", -90),
        ("vm_time", "charge", Use.BOOT, "default", -20),
        ("vm_time", "charge", Use.SERVER, "", -5),
    ]
    assert (june.opening, june.change, june.closing) == (0, 42, 42)
    assert read(wallet, JULY).opening == 42


def test_a_withdrawal_is_what_was_paid_and_what_the_chain_took(wallet):
    ledger.deposit(wallet, "one", Tft(5000), BEGIN + timedelta(days=1))
    team, held = ledger_accounts.team(wallet.team_id), ledger_accounts.held(wallet.team_id)
    for key, source, target, units in (("held", team, held, 1100), ("rest", held, team, 97)):
        movement = Transfer(source, target, Tft(units))
        ledger.transfer(
            wallet, f"withdrawal:1:{key}", LedgerEntry.Kind.WITHDRAWAL, movement, BEGIN + timedelta(days=2)
        )
    june = read(wallet, JUNE)
    assert lines(june)[-1] == ("out", "withdrawal", None, "", -1003)
    assert june.closing == 100 + 5000 - 1003


def test_what_is_taken_back_and_booked_on_jobs_in_the_same_month_is_no_correction(wallet):
    charge(wallet, "a", 9, BEGIN + timedelta(hours=1), use=Use.BOOT)
    charge(wallet, "b", -9, BEGIN + timedelta(hours=2), use=Use.BOOT)
    charge(wallet, "c", 9, BEGIN + timedelta(hours=2), use=Use.BOOT, job_id=1)
    assert lines(read(wallet, JUNE))[1:] == [("vm_time", "charge", Use.BOOT, "default", -9)]


def test_what_an_earlier_month_took_too_much_is_a_correction_of_the_month_in_which_it_is_found(wallet):
    charge(wallet, "a", 9, BEGIN + timedelta(days=29), use=Use.IDLE)
    before = read(wallet, JUNE)
    charge(wallet, "b", -4, BEGIN + timedelta(days=31), use=Use.IDLE)
    charge(wallet, "c", 4, BEGIN + timedelta(days=31))
    charge(wallet, "d", 3, BEGIN + timedelta(days=31), use=Use.IDLE, vm_id=2)
    assert read(wallet, JUNE) == before
    assert lines(read(wallet, JULY)) == [
        ("vm_time", "charge", Use.JOB, "default", -4),
        ("vm_time", "charge", Use.IDLE, "default", -3),
        ("corrections", "charge", Use.IDLE, "default", 4),
    ]


def test_a_month_begins_at_midnight_of_the_teams_zone(wallet):
    teams.change_time_zone(wallet.team, "Asia/Kathmandu", "ana", BEGIN)
    wallet.team.refresh_from_db()
    midnight = datetime(2026, 6, 30, 18, 15, tzinfo=UTC)
    charge(wallet, "a", 1, midnight - timedelta(microseconds=1))
    charge(wallet, "b", 2, midnight)
    assert [read(wallet, month).change for month in (JUNE, JULY)] == [99, -2]


def test_another_zone_changes_no_month_that_has_begun(wallet):
    charge(wallet, "a", 1, datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    before = read(wallet, JUNE)
    teams.change_time_zone(wallet.team, "Pacific/Kiritimati", "ana", NOW)
    wallet.team.refresh_from_db()
    assert read(wallet, JUNE) == before


def test_a_month_is_over_once_all_of_it_is_surely_written(wallet):
    end = BEGIN + timedelta(days=30)
    for now, over in ((end - timedelta(seconds=1), False), (end, False), (end + statements.WRITTEN, True)):
        assert statements.period(wallet.team, JUNE, now).over is over


def test_months_are_those_in_which_the_team_was_there(wallet):
    found = statements.periods(wallet.team, NOW)
    assert [str(each.month) for each in found] == ["2026-08", "2026-07", "2026-06"]
    assert statements.period(wallet.team, CalendarMonth(2026, 5), NOW) is None
    assert statements.period(wallet.team, CalendarMonth(2026, 9), NOW) is None


def test_another_teams_entries_are_in_none(wallet):
    ledger.deposit(a_wallet(a_team(), twin=wallet.twin), "theirs", Tft(999), BEGIN)
    assert read(wallet, JUNE).change == 100


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["deposit", *Use]),
        st.integers(-(10**12), 10**12).filter(bool),
        st.integers(1, 3),  # VM
        st.integers(0, 74 * 86400),  # seconds
    ),
    max_size=12,
)
ZONES = st.sampled_from(
    [{}, {"2026-07": "Asia/Kathmandu"}, {"2026-06": "Pacific/Pago_Pago", "2026-08": "UTC"}]
)


@settings(max_examples=20)
@given(ENTRIES, ZONES)
def test_whatever_is_booked_months_add_up_to_the_ledger(entries, zones):
    with transaction.atomic():
        wallet = a_wallet(a_team(month_zones=zones))
        for number, (kind, units, vm, seconds) in enumerate(sorted(entries, key=lambda entry: entry[3])):
            at = NOON + timedelta(seconds=seconds)
            if kind == "deposit":
                ledger.deposit(wallet, f"{wallet.pk} {number}", Tft(abs(units)), at)
            else:
                charge(wallet, f"{wallet.pk} {number}", units, at, use=kind, vm_id=vm, pool_id=vm % 2)
        found = statements.periods(wallet.team, NOW)
        balances = statements.balances(wallet.team, found)
        for period, balance in zip(found, balances, strict=True):
            statement = statements.read(wallet.team, period)
            before = LedgerEntry.objects.filter(team=wallet.team, at__lt=period.ends_at)
            assert statement.closing == balance.closing == sum(entry.amount for entry in before)
            assert statement.opening == balance.opening
            assert sum(len(statement.of(section)) for section in StatementSection) == len(statement.lines)
        assert balances[-1].opening == 0
        assert balances[0].closing == ledger.balance(wallet.pk)
        transaction.set_rollback(True)
