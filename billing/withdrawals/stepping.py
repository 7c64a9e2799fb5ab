"""Carries out what withdrawal_rules/life.py says, one step a transaction. A process may die between any two of them:
rows hold the truth, and what was signed is stored before anybody can send it (cashier/signing.py)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import Q

from billing import ledger_accounts as accounts, wallets
from billing.cashier import signing
from billing.models import Cashier, CashierAct, Withdrawal
from billing.withdrawal_rules import life
from billing.withdrawal_rules.addresses import Route
from billing.withdrawal_rules.life import (
    OPEN,
    Close,
    GiveBack,
    HoldTft,
    LookAgain,
    Outcome,
    Post,
    SignAnew,
    SignPayment,
    Step,
    WithdrawalState,
)
from billing.withdrawals import booking, refunds, unknown_acts
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.core.optional import present
from tfci.core.reasons import Reason, columns
from tfci.core.tft import Tft
from tfci.grid.payment_ports import Pay, Payer, PaymentCall, SwapToStellar

WHO = "Farmhand"
ENDS = {WithdrawalState.PAID: Action.WITHDRAWAL_PAID, WithdrawalState.FAILED: Action.WITHDRAWAL_FAILED}
Payable: TypeAlias = Callable[[int, datetime], Tft]  # what a wallet's team may take out at that moment


def step_all(payable: Payable, cashier: Cashier, payer: Payer, now: datetime) -> None:
    """Each as far as it goes. Raises GridError where the chain can't be asked."""
    refunds.book(now)
    for pk in _due(now):
        while step(pk, cashier, payer, payable, now):
            pass


def _due(now: datetime) -> list[int]:
    """Withdrawals that something may be done about, the oldest first."""
    chain = Q(state__in=[WithdrawalState.HELD, WithdrawalState.IN_FLIGHT])
    rows = Withdrawal.objects.filter(chain | Q(state__in=OPEN, deadline_at__lte=now))
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def step(pk: int, cashier: Cashier, payer: Payer, payable: Payable, now: datetime) -> bool:
    """Returns whether it went on. Raises GridError where the chain can't be asked."""
    row = Withdrawal.objects.select_for_update(of=("self",)).select_related("team").get(pk=pk)
    match row.state:
        case WithdrawalState.REQUESTED:
            return _carry_out(row, life.requested(row.deadline_at, now), now)
        case WithdrawalState.WAITING:
            wallet = wallets.lock(wallets.for_team(row.team).pk)
            found = payable(wallet.pk, now)
            return _carry_out(row, life.waiting(row.deadline_at, row.total, found, now), now)
        case WithdrawalState.HELD:
            return _sign(row, cashier, payer, now)
        case WithdrawalState.IN_FLIGHT:
            return _carry_out(row, _in_flight(row), now)
    return False


def _sign(row: Withdrawal, cashier: Cashier, payer: Payer, now: datetime) -> bool:
    """All that the chain knows is asked before anything is signed."""
    if signing.living(cashier):
        return False
    call = _call(row)
    facts = life.CashierFacts(
        fee=payer.fee(call),
        holds=payer.balances([cashier.address], payer.final().hash)[cashier.address],
        next_number=payer.next_nonce(),
        known_number=unknown_acts.known_number(cashier),
    )
    next_step = life.held(row.total, row.highest_fee, facts)
    if isinstance(next_step, SignPayment):
        act = signing.sign(cashier, CashierAct.Purpose.WITHDRAWAL, call, payer, now)
        if act is None:
            return False
        CashierAct.objects.filter(pk=act.pk).update(withdrawal=row)
    return _carry_out(row, next_step, now)


def _call(row: Withdrawal) -> PaymentCall:
    if row.route == Route.STELLAR:
        return SwapToStellar(row.address, row.amount)
    return Pay(row.address, row.amount)


def _in_flight(row: Withdrawal) -> Step:
    act = _newest_act(row)
    return life.in_flight(Outcome(act.state), act.error, row.acts.count())


def _newest_act(row: Withdrawal) -> CashierAct:
    return present(row.acts.order_by("-pk").first())


def _carry_out(row: Withdrawal, step: Step, now: datetime) -> bool:
    """Its entries in the ledger and the row's new state, both or neither."""
    match step:
        case LookAgain(reason=reason):
            if columns(reason) != {"reason": row.reason, "reason_params": row.reason_params}:
                Withdrawal.objects.filter(pk=row.pk).update(**columns(reason))
            return False
        case HoldTft():
            booking.set_aside(row, now)
            _move(row, WithdrawalState.HELD, None, now)
        case SignPayment():
            booking.sign(row, row.acts.count(), now)
            _move(row, WithdrawalState.IN_FLIGHT, None, now)
        case SignAnew():
            booking.sign_anew(row, row.acts.count(), now)
            _move(row, WithdrawalState.HELD, None, now)
        case Post():
            booking.pay(row, accounts.IN_FLIGHT, _newest_act(row).fee, now)
            _move(row, WithdrawalState.PAID, None, now)
        case GiveBack(reason):
            source = accounts.held(row.team_id) if row.state == WithdrawalState.HELD else accounts.IN_FLIGHT
            booking.give_back(row, source, now)
            if row.state == WithdrawalState.IN_FLIGHT:
                booking.charge_operator(row, _newest_act(row).fee, now)
            _move(row, WithdrawalState.FAILED, reason, now)
        case Close(state, reason):
            _move(row, state, reason, now)
    return True


def _move(row: Withdrawal, state: WithdrawalState, reason: Reason | None, now: datetime) -> None:
    ended_at = None if state in OPEN else now
    Withdrawal.objects.filter(pk=row.pk).update(state=state, ended_at=ended_at, **columns(reason))
    if action := ENDS.get(state):
        audit.record(row.team, WHO, action, row, note=str(reason or ""), at=now)
