"""Acts of the cashier's account that are in none of our rows: an older backup of the database was restored, or somebody
else has its words. One of them may have paid a withdrawal that our rows still have to pay, so none is signed until the
operator has compared them."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from billing import ledger_accounts as accounts
from billing.models import Cashier, CashierAct, Withdrawal
from billing.withdrawal_rules.life import WithdrawalState
from billing.withdrawal_rules.reasons import UnknownActs, WithdrawalCode
from billing.withdrawals import booking
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import User
from tfci.core.reasons import columns
from tfci.core.tft import Tft

USED = (CashierAct.State.DONE, CashierAct.State.FAILED, CashierAct.State.NUMBER_USED)


def known_number(cashier: Cashier) -> int:
    """Of its next act, if our rows know all of them, or the operator has compared the others."""
    last = cashier.acts.filter(state__in=USED).aggregate(last=Max("nonce"))["last"]
    compared = Cashier.objects.values_list("compared_number", flat=True).get(pk=cashier.pk)
    return max(compared, 0 if last is None else last + 1)


def reported() -> UnknownActs | None:
    """What the last turn found, as the withdrawals that it holds up say."""
    row = _held_up().order_by("-pk").first()
    return UnknownActs.read(row.reason_params) if row else None


@transaction.atomic
def release(cashier: Cashier, next_number: int, who: User, now: datetime) -> None:
    """The operator has compared all acts before this one: what our rows still have to pay, none of these has paid."""
    Cashier.objects.filter(pk=cashier.pk, compared_number__lt=next_number).update(compared_number=next_number)
    _held_up().update(**columns(None))
    audit.record(None, who, Action.WITHDRAWALS_RELEASED, cashier, after={"up to": next_number}, at=now)


def _held_up() -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(state=WithdrawalState.HELD, reason=WithdrawalCode.UNKNOWN_ACTS)


@transaction.atomic
def mark_paid(row: Withdrawal, who: User, now: datetime) -> bool:
    """The operator has found the act that paid it. What the chain took for that, the operator paid."""
    found = _held_up().select_for_update(of=("self",)).select_related("team").filter(pk=row.pk).first()
    if found is None:
        return False
    booking.pay(found, accounts.held(found.team_id), Tft(), now)
    Withdrawal.objects.filter(pk=found.pk).update(state=WithdrawalState.PAID, ended_at=now, **columns(None))
    audit.record(found.team, who, Action.WITHDRAWAL_PAID, found, at=now)
    return True
