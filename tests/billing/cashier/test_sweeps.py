"""What lies at deposit addresses goes to the cashier: once, whatever happens to the act that asks for it."""

import pytest

from billing import ledger, ledger_accounts, wallets
from billing.cashier import deposits
from billing.models import CashierAct, ChainTransfer, DepositAddress
from practice.chain import calls
from practice.chain.notices import FeeSet
from tests.billing.till import RICH, WORDS, account_of
from tests.builders import NOON, a_team
from tfci.core.tft import UNIT, Tft
from tfci.grid.payment_ports import Pay

pytestmark = pytest.mark.django_db
TFT = UNIT
OPENING = deposits.OPENING


def test_from_10_tft_on_an_address_is_swept(farm, till):
    till.pay(farm.address, 10 * TFT - 1)
    farm.turn()
    assert not CashierAct.objects.filter(purpose="sweep").exists()
    till.pay(farm.address, 1)
    before = till.holds(farm.cashier.address)
    for _ in range(3):
        farm.turn()
        till.seal()
    (act,) = CashierAct.objects.filter(purpose="sweep")
    assert (act.state, act.failed_calls) == ("done", 0)
    assert till.holds(farm.address) == OPENING
    assert till.holds(farm.cashier.address) == before + 10 * TFT - act.fee
    farm.turn()
    assert (farm.balance, farm.at_address) == (10 * TFT, 0)
    assert farm.account(ledger_accounts.CASHIER) == -10 * TFT
    assert [entry.kind for entry in ledger.entries(farm.team)] == ["deposit", "deposit"]


def test_small_amounts_are_swept_weekly(farm, till):
    till.pay(farm.address, 5)
    DepositAddress.objects.update(last_swept_at=NOON.replace(month=5))
    farm.turn()
    assert CashierAct.objects.filter(purpose="sweep").count() == 1


def test_a_deposit_in_the_block_of_a_sweep_counts(farm, till):
    till.pay(farm.address, 12 * TFT)
    farm.turn()
    till.pay(farm.address, 12 * TFT)
    assert till.holds(farm.address) == OPENING + 12 * TFT
    for _ in range(4):
        farm.turn()
        till.seal()
    assert (farm.balance, farm.at_address, till.holds(farm.address)) == (24 * TFT, 0, OPENING)
    assert farm.row.stopped_at is None


def test_half_of_a_sweep_fails_and_is_swept_later(farm, till):
    other = a_team()
    for _ in range(3):
        farm.turn()
        till.seal()
    theirs = DepositAddress.objects.get(team=other)
    till.pay(farm.address, 12 * TFT, (theirs.address, 15 * TFT))
    farm.watch()
    paid = ChainTransfer.objects.filter(address=farm.row, role="deposit")
    paid.update(amount=20 * TFT)  # more than the chain has
    farm.turn()
    paid.update(amount=12 * TFT)
    till.seal()
    for _ in range(3):
        farm.turn()
        till.seal()
    act = CashierAct.objects.filter(purpose="sweep").earliest("pk")
    assert (act.state, act.failed_calls) == ("done", 1)
    assert till.holds(theirs.address) == OPENING
    assert till.holds(farm.address) == OPENING  # by the next one
    assert ledger.balance(wallets.for_team(other).pk) == 15 * TFT
    assert (farm.balance, farm.row.stopped_at) == (12 * TFT, None)


def test_what_goes_elsewhere_stops_the_address(farm, till):
    till.pay(farm.address, 5 * TFT)
    farm.watch()
    stolen = calls.TransferKeepAlive(account_of(RICH), 4 * TFT)
    till.act(WORDS, calls.AsDerivative(farm.row.index, stolen))
    till.seal()
    farm.watch()
    till.pay(farm.address, TFT)
    farm.watch()
    assert (farm.balance, farm.row.stopped_at) == (5 * TFT, NOON)


def test_a_sweep_that_nobody_heard_is_sent_again_as_it_was(farm, till):
    till.pay(farm.address, 12 * TFT)
    till.deaf = True
    farm.turn()
    till.seal(count=3)
    farm.turn()
    till.deaf = False
    for _ in range(3):
        farm.turn()
        till.seal()
    assert [act.state for act in CashierAct.objects.filter(purpose="sweep")] == ["done"]
    assert till.holds(farm.address) == OPENING


def test_after_its_time_a_sweep_is_signed_anew(farm, till):
    till.pay(farm.address, 12 * TFT)
    till.deaf = True
    farm.turn()
    till.seal(count=70)
    till.deaf = False
    for _ in range(4):
        farm.turn()
        till.seal()
    assert [act.state for act in CashierAct.objects.filter(purpose="sweep").order_by("pk")] == [
        "expired",
        "done",
    ]
    assert (till.holds(farm.address), farm.at_address) == (OPENING, 0)


def test_whose_number_was_stolen_is_signed_anew(farm, till):
    till.pay(farm.address, 12 * TFT)
    till.deaf = True
    farm.turn()
    till.act(WORDS, calls.RemarkWithEvent(b"another program"))
    till.seal()
    till.deaf = False
    for _ in range(4):
        farm.turn()
        till.seal()
    states = [act.state for act in CashierAct.objects.filter(purpose="sweep").order_by("pk")]
    assert states == ["number_used", "done"]


def test_a_fee_that_rises_is_paid(farm, till):
    till.seal(FeeSet(500))
    till.pay(farm.address, 12 * TFT)
    for _ in range(3):
        farm.turn()
        till.seal()
    (act,) = CashierAct.objects.filter(purpose="sweep")
    assert act.state == "done"
    assert act.fee > 5 * till.payer().fee(Pay(farm.address, Tft(1))) // 5


def test_nothing_is_signed_while_an_act_could_still_be_carried_out(farm, till):
    till.pay(farm.address, 12 * TFT)
    till.deaf = True
    for _ in range(5):
        farm.turn()
    a_team()
    farm.turn()
    assert CashierAct.objects.filter(state="sent").count() == 1
