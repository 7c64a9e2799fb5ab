"""What the cashier signs: stored before it is sent, sent again as the same bytes, settled once its end is final."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from billing.models import Cashier, CashierAct
from tfci.grid.payment_ports import (
    CarriedOut,
    Expired,
    Failed,
    NumberUsed,
    Outcome,
    Payer,
    PaymentCall,
    Pending,
)

MAX_ERROR = 200  # characters that are kept


@transaction.atomic
def sign(
    cashier: Cashier, purpose: CashierAct.Purpose, call: PaymentCall, payer: Payer, now: datetime
) -> CashierAct | None:
    """One more act, which settle() sends; None while another one may still be carried out."""
    locked = Cashier.objects.select_for_update(no_key=True).get(pk=cashier.pk)
    if living(locked):
        return None
    signed = payer.sign(call)
    return CashierAct.objects.create(
        cashier=locked,
        purpose=purpose,
        data=signed.data,
        hash=signed.hash,
        nonce=signed.nonce,
        born_at=signed.born_at,
        dies_at=signed.dies_at,
        signed_at=now,
    )


def newest(cashier: Cashier, number: int) -> QuerySet[CashierAct]:
    return CashierAct.objects.filter(cashier=cashier).order_by("-pk")[:number]


def living(cashier: Cashier) -> CashierAct | None:
    """The act whose end is not known yet."""
    return CashierAct.objects.filter(cashier=cashier, state=CashierAct.State.SENT).first()


def settle(cashier: Cashier, payer: Payer, now: datetime) -> bool:
    """Note how the living act ended. Returns whether none lives any more; one that may still be carried out is sent
    again, as the same bytes. Raises GridError."""
    act = living(cashier)
    if act is None:
        return True
    outcome = payer.outcome(act.signed)
    if isinstance(outcome, Pending):
        payer.send(act.signed)
        return False
    ended = CashierAct.objects.filter(pk=act.pk, state=CashierAct.State.SENT)
    return bool(ended.update(ended_at=now, **_columns(outcome)))  # False: another process was faster


def _columns(outcome: Outcome) -> dict[str, object]:
    match outcome:
        case CarriedOut(block, fee, failed_calls, burn_id):
            return {
                "state": CashierAct.State.DONE,
                "block_number": block.number,
                "fee": fee,
                "failed_calls": failed_calls,
                "burn_id": burn_id,
            }
        case Failed(block, fee, error):
            return {
                "state": CashierAct.State.FAILED,
                "block_number": block.number,
                "fee": fee,
                "error": error[:MAX_ERROR],
            }
        case Expired():
            return {"state": CashierAct.State.EXPIRED}
        case NumberUsed():
            return {"state": CashierAct.State.NUMBER_USED}
    raise TypeError("an act that is pending has not ended")
