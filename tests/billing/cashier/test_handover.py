"""A cashier is replaced: what is paid to its addresses still counts, and all that it holds goes to its successor."""

from functools import partial

import pytest

from billing import ledger_accounts, verification
from billing.cashier import addresses as deposit_addresses, cashiers, deposits, handover, turn
from billing.models import Cashier, CashierAct, DepositAddress
from billing.withdrawals import stepping
from practice.chain import calls
from runners.metering import charges
from tests.billing.till import RICH, WORDS, account_of, plug_in
from tests.billing.withdrawals.desk import Desk, state
from tests.builders import NOON
from tfci.accounts.models import AuditEntry
from tfci.core.secret import Secret
from tfci.core.tft import UNIT
from tfci.grid import addresses

pytestmark = pytest.mark.django_db
TFT = UNIT
OPENING = deposits.OPENING
NEW = "words of another cashier"


@pytest.fixture
def replaced(farm, till, monkeypatch):
    """12 TFT lie at the old address, and the new cashier has TFT for fees."""
    plug_in(monkeypatch, till.payer)
    till.pay(farm.address, 12 * TFT)
    till.pay(addresses.encode(account_of(NEW)), TFT)
    farm.watch()
    cashiers.replace(Secret(NEW), "ann", NOON)
    return farm


def turns(till, count=8):
    for _ in range(count):
        turn.take_all(cashiers.current(), NOON, lambda *_: None)
        till.seal()


def test_all_that_the_old_one_gets_goes_to_the_new_one(replaced, till):
    old, new = replaced.cashier, cashiers.current()
    till.pay(replaced.address, 15 * TFT)
    turns(till)
    assert replaced.balance == 27 * TFT and replaced.at_address == 0
    assert till.holds(replaced.address) == OPENING
    assert handover.MINIMUM > till.holds(old.address) - handover.KEPT > -TFT // 100
    assert till.holds(new.address) > 1000 * TFT
    assert replaced.account(ledger_accounts.CASHIER) == -27 * TFT
    assert {each.source for each in deposits.unassigned(new)} <= {addresses.encode(account_of(RICH))}
    assert verification.run(verification.CHECKS, NOON).count == 0
    assert Cashier.objects.get(pk=old.pk).emptied_at == NOON


def test_new_addresses_are_of_the_new_one_and_both_count(replaced, till):
    before = replaced.address
    turns(till, 4)
    new = cashiers.current()
    shown = deposit_addresses.of_team(new, replaced.team)
    assert shown.address == till.payer(NEW).sub_address(shown.index)
    assert [each.address for each in deposit_addresses.earlier(new, replaced.team)] == [before]
    till.pay(shown.address, 11 * TFT, (before, 2 * TFT))
    turns(till)
    assert replaced.balance == 25 * TFT
    assert till.holds(shown.address) == OPENING
    assert verification.run(verification.CHECKS, NOON).count == 0


def test_who_still_reads_for_the_old_one_records_nothing(replaced, till):
    stale = replaced.cashier
    till.pay(replaced.address, 5 * TFT)
    deposits.watch(stale, till.payer(), NOON)
    assert replaced.balance == 12 * TFT
    turns(till, 1)
    assert replaced.balance == 17 * TFT


def test_what_someone_takes_from_an_old_address_to_a_new_one_stops_nothing_else(replaced, till):
    turns(till)
    new = DepositAddress.objects.get(cashier=cashiers.current())
    old = DepositAddress.objects.get(cashier=replaced.cashier)
    till.pay(old.address, 5 * TFT)
    turns(till, 1)
    till.act(
        WORDS, calls.AsDerivative(old.index, calls.TransferKeepAlive(addresses.decode(new.address), TFT))
    )
    till.seal()
    turns(till, 1)
    old.refresh_from_db()
    assert old.stopped_at == NOON
    assert cashiers.current().block_number == till.chain.final.number - 1


def test_the_same_words_change_no_account(farm, till, monkeypatch):
    plug_in(monkeypatch, till.payer)
    assert cashiers.replace(Secret(WORDS), "ann", NOON) == cashiers.CashierChange.WORDS
    assert Cashier.objects.get() == farm.cashier
    assert AuditEntry.objects.filter(action="cashier_words_stored").exists()


def test_one_that_was_replaced_does_not_come_back(replaced):
    cashiers.replace(Secret("words of a third"), "ann", NOON)
    third = cashiers.current()
    assert set(third.predecessors.values_list("address", flat=True)) == {
        replaced.cashier.address,
        addresses.encode(account_of(NEW)),
    }
    for words in (WORDS, NEW):
        with pytest.raises(cashiers.CashierKnown):
            cashiers.replace(Secret(words), "ann", NOON)
    assert cashiers.current() == third


def test_a_withdrawal_is_paid_by_the_one_that_signed_it(monkeypatch):
    desk = Desk()
    plug_in(monkeypatch, desk.till.payer)
    team = desk.team()
    first = desk.confirmed(team)
    desk.turn()
    assert state(first) == "in_flight"
    cashiers.replace(Secret(NEW), "ann", NOON)
    old, desk.cashier = desk.cashier, cashiers.current()
    for _ in range(8):
        turn.take_all(cashiers.current(), desk.now, partial(stepping.step_all, charges.payable))
        desk.blocks()
    assert (state(first), desk.payments(first.address)) == ("paid", [10 * TFT])
    assert list(CashierAct.objects.filter(withdrawal=first).values_list("cashier", flat=True)) == [old.pk]
    desk.payer, second = desk.till.payer(NEW), desk.confirmed(team)
    desk.turns()
    assert state(second) == "paid"
    assert CashierAct.objects.get(withdrawal=second).cashier == desk.cashier
