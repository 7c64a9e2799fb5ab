"""The rules of a withdrawal's life, step by step."""

from datetime import timedelta

import pytest

from billing.withdrawal_rules import life
from billing.withdrawal_rules.life import (
    CashierFacts,
    Close,
    GiveBack,
    HoldTft,
    LookAgain,
    Outcome,
    Post,
    SignAnew,
    SignPayment,
    WithdrawalState,
)
from billing.withdrawal_rules.reasons import (
    BalanceTooLow,
    CashierEmpty,
    ChainRefused,
    FeeRose,
    MailUnconfirmed,
    NeverCarriedOut,
    NumberTakenOften,
    UnknownActs,
)
from tests.builders import NOON
from tfci.core.tft import Tft

SECOND = timedelta(seconds=1)
TOTAL, FEE = Tft.parse("10.01"), Tft.parse("0.01")


@pytest.mark.parametrize(
    ("now", "step"),
    [(NOON - SECOND, LookAgain()), (NOON, Close(WithdrawalState.EXPIRED, MailUnconfirmed()))],
)
def test_a_mail_is_confirmed_in_time_or_never(now, step):
    assert life.requested(NOON, now) == step


@pytest.mark.parametrize(
    ("now", "payable", "step"),
    [
        (NOON - SECOND, TOTAL, LookAgain()),
        (NOON, TOTAL, HoldTft()),
        (NOON, TOTAL - 1, Close(WithdrawalState.FAILED, BalanceTooLow(TOTAL, TOTAL - 1))),
        (NOON, Tft(-5), Close(WithdrawalState.FAILED, BalanceTooLow(TOTAL, Tft(0)))),
    ],
)
def test_after_its_delay_it_is_set_aside_where_the_balance_still_covers_it(now, payable, step):
    assert life.waiting(NOON, TOTAL, payable, now) == step


@pytest.mark.parametrize(
    ("fee", "holds", "known", "step"),
    [
        (FEE, TOTAL, 7, SignPayment()),
        (FEE, TOTAL, 8, SignPayment()),  # the account was founded anew: its numbers begin again
        (FEE + 1, TOTAL, 7, GiveBack(FeeRose(FEE, FEE + 1))),
        (FEE, TOTAL - 1, 7, LookAgain(reason=CashierEmpty(TOTAL))),
        (FEE, TOTAL, 5, LookAgain(reason=UnknownActs(2, 7))),
        (FEE + 1, Tft(0), 6, LookAgain(reason=UnknownActs(1, 7))),
    ],
)
def test_nothing_is_signed_that_costs_more_than_agreed_or_that_may_be_paid(fee, holds, known, step):
    assert life.held(TOTAL, FEE, CashierFacts(fee, holds, next_number=7, known_number=known)) == step


@pytest.mark.parametrize(
    ("outcome", "acts", "step"),
    [
        (Outcome.PENDING, 1, LookAgain()),
        (Outcome.DONE, 1, Post()),
        (Outcome.FAILED, 1, GiveBack(ChainRefused("Token: FundsUnavailable"))),
        (Outcome.EXPIRED, 1, GiveBack(NeverCarriedOut())),
        (Outcome.NUMBER_USED, 1, SignAnew()),
        (Outcome.NUMBER_USED, life.MAX_ACTS, GiveBack(NumberTakenOften(life.MAX_ACTS))),
    ],
)
def test_only_what_can_never_be_carried_out_is_given_back_or_signed_anew(outcome, acts, step):
    assert life.in_flight(outcome, "Token: FundsUnavailable", acts) == step
