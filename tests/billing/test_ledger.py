"""The door to the money: what it writes, and what it refuses."""

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import Sum

from billing import ledger
from billing.models import AccountBalance, LedgerEntry
from tests.builders import NOON, a_team, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet():
    """With a grant of 10 units."""
    return a_wallet(tft="0.000001")


def charge(wallet, key, units, **facts):
    return ledger.charge(wallet, key, Tft(units), NOON, **{"use": "job", "vm_id": 1} | facts)


def held(wallet):
    """What each account holds, by its name without the team's number."""
    rows = AccountBalance.objects.filter(team=wallet.team_id).values_list("account", "amount")
    return {name.removesuffix(f":{wallet.team_id}"): int(amount) for name, amount in rows if amount}


def moves(wallet):
    rows = LedgerEntry.objects.filter(wallet=wallet).order_by("pk")
    end = f":{wallet.team_id}"
    return [
        (row.from_account.removesuffix(end), row.to_account.removesuffix(end), int(row.moved)) for row in rows
    ]


def test_a_grant_and_a_deposit_come_from_outside_of_the_team(wallet):
    assert ledger.deposit(wallet, "one", Tft(5), NOON)
    assert moves(wallet) == [("operator:grants", "grant", 10), ("outside", "team", 5)]
    assert held(wallet) == {"operator:grants": -10, "outside": -5, "grant": 10, "team": 5}
    assert ledger.balance(wallet.pk) == 15


def test_the_grant_is_spent_first_and_one_charge_may_need_both(wallet):
    ledger.deposit(wallet, "one", Tft(5), NOON)
    for key, units in (("a", 8), ("b", 3), ("c", 1)):
        assert charge(wallet, key, units)
    assert moves(wallet)[2:] == [
        ("grant", "operator:income", 8),
        ("grant", "operator:income", 2),
        ("team", "operator:income", 1),
        ("team", "operator:income", 1),
    ]
    assert held(wallet) == {"operator:grants": -10, "outside": -5, "team": 3, "operator:income": 12}
    assert (ledger.balance(wallet.pk), ledger.spent(vm_id=1)) == (3, 12)


def test_a_correction_goes_back_to_where_it_was_taken_from_so_that_no_grant_becomes_a_deposit(wallet):
    ledger.deposit(wallet, "one", Tft(5), NOON)
    charge(wallet, "a", 12)
    charge(wallet, "back", -6)
    assert moves(wallet)[-2:] == [("operator:income", "team", 2), ("operator:income", "grant", 4)]
    assert held(wallet) == {
        "operator:grants": -10,
        "outside": -5,
        "team": 5,
        "grant": 4,
        "operator:income": 6,
    }


def test_a_team_may_owe(wallet):
    charge(wallet, "a", 25)
    assert (held(wallet)["team"], ledger.balance(wallet.pk)) == (-15, -15)


def test_what_is_corrected_beyond_all_that_was_taken_is_the_teams(wallet):
    charge(wallet, "a", 3)
    charge(wallet, "back", -5)
    assert held(wallet) == {"operator:grants": -10, "grant": 10, "team": 2, "operator:income": -2}


def test_the_accounts_of_a_team_add_up_to_nothing(wallet):
    ledger.deposit(wallet, "one", Tft(5), NOON)
    for number, units in enumerate((7, -2, 9, -1)):
        charge(wallet, f"k{number}", units)
    assert AccountBalance.objects.aggregate(sum=Sum("amount"))["sum"] == 0


def test_the_same_key_with_the_same_contents_counts_once(wallet):
    for new in (True, False):
        assert charge(wallet, "a", 12) is new  # of grant and team; the second time the grant is gone
        assert ledger.deposit(wallet, "one", Tft(5), NOON) is new
        assert ledger.grant(wallet, Tft(10), NOON) is False
    assert ledger.balance(wallet.pk) == 3


@pytest.mark.parametrize(
    "other",
    [
        lambda wallet: charge(wallet, "a", 5),
        lambda wallet: charge(wallet, "a", -4),
        lambda wallet: charge(wallet, "a", 0),
        lambda wallet: charge(wallet, "a", 4, use="boot"),
        lambda wallet: charge(wallet, "a", 4, vm_id=2),
        lambda wallet: charge(wallet, "a", 4, job_id=2),
        lambda wallet: charge(wallet, "a", 4, repository="acme/app"),
        lambda wallet: charge(a_wallet(), "a", 4),
        lambda wallet: ledger.deposit(wallet, "one", Tft(6), NOON),
        lambda wallet: ledger.grant(wallet, Tft(11), NOON),
    ],
)
def test_the_same_key_with_other_contents_is_an_error_and_moves_nothing(other, wallet):
    charge(wallet, "a", 4)
    ledger.deposit(wallet, "one", Tft(5), NOON)
    before = held(wallet)
    with pytest.raises(ledger.KeyTaken):
        other(wallet)
    assert held(wallet) == before


def test_nothing_is_no_entry(wallet):
    assert charge(wallet, "a", 0) is False
    assert LedgerEntry.objects.filter(wallet=wallet).count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_ledgerentry SET moved = moved + 1",
        "UPDATE billing_ledgerentry SET at = now()",
        "DELETE FROM billing_ledgerentry",
        "TRUNCATE billing_ledgerentry",
        "TRUNCATE billing_wallet CASCADE",
    ],
)
def test_the_database_refuses_to_change_entries_whoever_asks(statement, wallet):
    with pytest.raises(Error, match="stay as they are"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is deferred would be in the way of a TRUNCATE
        cursor.execute(statement)
    assert ledger.balance(wallet.pk) == 10


def entry(wallet, **columns):
    accounts = {"from_account": "outside", "to_account": f"team:{wallet.team_id}", "moved": Tft(7)}
    about = {"team_id": wallet.team_id, "wallet": wallet, "key": "k", "kind": "deposit", "at": NOON}
    return LedgerEntry.objects.create(**about | accounts | columns)


@pytest.mark.parametrize(
    "wrong",
    [
        {"moved": Tft(0)},
        {"moved": Tft(-1)},
        {"from_account": "operator:pocket"},
        {"to_account": "team:"},
        {"from_account": "team:5", "to_account": "team:5"},
        {"kind": "charge", "use": "job"},
    ],
)
def test_the_database_refuses_what_is_no_movement_between_accounts(wrong, wallet):
    with pytest.raises(IntegrityError), transaction.atomic():
        entry(wallet, **wrong)


@pytest.mark.parametrize(
    "account",
    [
        "held:1",
        "chain:cashier",
        "chain:deposit:1",
        "chain:twin:42",
        "chain:stash",
        "in_flight",
        "operator:fees",
        "operator:machines",
        "operator:discount",
        "operator:difference",
    ],
)
def test_accounts_that_nothing_is_booked_on_yet_hold_what_is_moved_there(account, wallet):
    entry(wallet, from_account=account)
    assert held(wallet)[account.removesuffix(f":{wallet.team_id}")] == -7
    assert ledger.balance(wallet.pk) == 17


def test_what_is_held_is_not_in_the_balance(wallet):
    ledger.deposit(wallet, "one", Tft(5), NOON)
    entry(wallet, from_account=f"team:{wallet.team_id}", to_account=f"held:{wallet.team_id}", moved=Tft(3))
    assert (ledger.balance(wallet.pk), held(wallet)["held"]) == (12, 3)


def test_teams_have_balances_of_their_own(wallet):
    other = a_wallet(a_team(), tft="0.0000003")
    charge(wallet, "a", 4)
    assert (held(other), held(wallet)["grant"]) == ({"operator:grants": -3, "grant": 3}, 6)
