"""What the bridge could not deliver on Stellar: it mints it to the cashier again, and the team has it back."""

from datetime import datetime

from django.db import transaction

from billing.models import CashierAct, ChainTransfer, Withdrawal
from billing.withdrawal_rules.life import WithdrawalState
from billing.withdrawal_rules.reasons import ReturnedByBridge
from billing.withdrawals import booking
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.core.reasons import columns

REFUND = "refund-"  # begins the name of such a mint; the bridge's number of the swap follows
WHO = "Farmhand"


def book(now: datetime) -> int:
    """Those that were seen and not booked; how many were ours."""
    seen = ChainTransfer.objects.filter(
        role=ChainTransfer.Movement.CASHIER,
        kind=ChainTransfer.Kind.MINT,
        booked_at=None,
        stellar_transaction__startswith=REFUND,
    )
    return sum(_book(transfer, now) for transfer in seen)


@transaction.atomic
def _book(transfer: ChainTransfer, now: datetime) -> bool:
    number = transfer.stellar_transaction.removeprefix(REFUND)
    act = CashierAct.objects.filter(burn_id=number).first() if number.isdecimal() else None
    if act is None or act.withdrawal_id is None:
        return False
    row = Withdrawal.objects.select_for_update(of=("self",)).select_related("team").get(pk=act.withdrawal_id)
    if row.state != WithdrawalState.PAID:
        return False
    booking.book_refund(row, transfer.amount, now)
    reason = ReturnedByBridge(transfer.amount)
    Withdrawal.objects.filter(pk=row.pk).update(state=WithdrawalState.RETURNED, **columns(reason))
    ChainTransfer.objects.filter(pk=transfer.pk).update(booked_at=now)
    audit.record(row.team, WHO, Action.WITHDRAWAL_RETURNED, row, note=str(reason), at=now)
    return True
