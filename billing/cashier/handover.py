"""A cashier that was replaced: what still comes to its addresses is collected, and all that it holds goes to its
successor."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.cashier import cashiers, signing, sweeps
from billing.models import Cashier, CashierAct
from tfci.core.optional import present
from tfci.core.tft import UNIT, Tft
from tfci.grid.payment_ports import Pay, Payer
from tfci.grid.ports import GridError

KEPT = Tft(UNIT)  # stays there, for the fees of what is still to be collected
MINIMUM = Tft(UNIT)  # is handed over
PAUSE = timedelta(minutes=5)  # while nothing is left there


def due(cashier: Cashier, now: datetime) -> QuerySet[Cashier]:
    """Those before this one that have something to sign or to settle, or were not looked at lately."""
    living = CashierAct.objects.filter(cashier=OuterRef("pk"), state=CashierAct.State.SENT)
    late = Q(emptied_at=None) | Q(emptied_at__lte=now - PAUSE)
    return cashier.predecessors.filter(late | Exists(living)).select_related("successor").order_by("pk")


def take(replaced: Cashier, payer: Payer, now: datetime) -> None:
    """Its turn, one act at a time as its successor's. What stands in its way is noted for the operator. Raises
    GridError."""
    try:
        if signing.settle(replaced, payer, now):
            act = sweeps.sweep(replaced, payer, now) or _hand_over(replaced, payer, now)
            if act:
                payer.send(act.signed)
    except GridError as error:
        cashiers.note_problem(replaced, error.reason)
        raise
    cashiers.note_problem(replaced, None)


def _hand_over(replaced: Cashier, payer: Payer, now: datetime) -> CashierAct | None:
    """Nothing moves between accounts of the ledger: it has one for all cashiers together."""
    holds = payer.balances([replaced.address], payer.final().hash)[replaced.address]
    spare = Tft(holds - KEPT)
    if spare < MINIMUM:
        Cashier.objects.filter(pk=replaced.pk).update(emptied_at=now)
        return None
    successor = present(replaced.successor)
    return signing.sign(replaced, CashierAct.Purpose.HANDOVER, Pay(successor.address, spare), payer, now)
