"""What an operator is told about money, by facts alone."""

from datetime import timedelta

import pytest

from billing.money_problems import rules
from billing.money_problems.reasons import (
    ActFailed,
    ActUnsettled,
    AddressesDiffer,
    ChainStalled,
    DepositsUnread,
    WithdrawalsWait,
)
from billing.money_problems.rules import CashierState, DueWithdrawal, NewestAct, Place, StoppedAddresses
from billing.withdrawal_rules.reasons import CashierEmpty, UnknownActs
from tests.builders import NOON
from tfci.grid.reasons import ChainBehind

EARLY, LATE = NOON - timedelta(minutes=1), NOON - timedelta(hours=1)
BEHIND, FAILED = ChainBehind(900, 890), ActFailed("Token: FundsUnavailable")


@pytest.mark.parametrize(
    ("state", "reasons"),
    [
        (CashierState(), []),
        (CashierState(read_to=9, watched_at=EARLY, block_at=EARLY), []),
        (CashierState(read_to=9, watched_at=LATE, block_at=LATE), [DepositsUnread(9)]),
        (CashierState(read_to=9, watched_at=EARLY, block_at=LATE), [ChainStalled(9)]),
        (CashierState(BEHIND, read_to=9, watched_at=LATE), [BEHIND]),
        (CashierState(stopped=StoppedAddresses(2, LATE)), [AddressesDiffer(2)]),
        (CashierState(act=NewestAct(EARLY, living=True)), []),
        (CashierState(act=NewestAct(LATE, living=True)), [ActUnsettled()]),
        (CashierState(act=NewestAct(LATE, living=False)), []),
        (CashierState(act=NewestAct(EARLY, False, FAILED)), [FAILED]),
    ],
)
def test_of_a_cashier(state, reasons):
    found = rules.found([state], [], NOON)
    assert [one.reason for one in found] == reasons
    assert all(one.place is Place.CASHIER for one in found)


@pytest.mark.parametrize(
    ("withdrawals", "told"),
    [
        ([DueWithdrawal(EARLY)], []),
        (
            [DueWithdrawal(LATE), DueWithdrawal(NOON - timedelta(days=1)), DueWithdrawal(EARLY)],
            [(2, 24 * 60)],
        ),
        ([DueWithdrawal(EARLY, UnknownActs(2, 7))], [(UnknownActs(2, 7), 1)]),
        (
            [
                DueWithdrawal(EARLY, CashierEmpty(5)),
                DueWithdrawal(LATE, CashierEmpty(3)),
                DueWithdrawal(LATE),
            ],
            [(CashierEmpty(3), 60), (1, 60)],
        ),
    ],
)
def test_of_withdrawals_each_reason_once_with_its_oldest(withdrawals, told):
    found = rules.found([], withdrawals, NOON)
    assert [(one.reason, (NOON - one.since) / timedelta(minutes=1)) for one in found] == [
        (WithdrawalsWait(what) if isinstance(what, int) else what, minutes) for what, minutes in told
    ]
    assert all(one.place is Place.WITHDRAWALS for one in found)
