"""The cashier's turn: read what came in, settle what was signed, then sign what is due. Each step stands by itself, so
a turn may end anywhere and the next one goes on."""

from datetime import datetime

from billing.cashier import addresses, cashiers, deposits, signing, sweeps
from billing.models import Cashier
from tfci.grid.payment_ports import Payer
from tfci.grid.ports import GridError


def take(cashier: Cashier, payer: Payer, now: datetime) -> None:
    """What stands in its way is noted for the operator. Raises GridError."""
    try:
        problem = deposits.watch(cashier, payer, now)
        if problem is None:
            _act(cashier, payer, now)
    except GridError as error:
        cashiers.note_problem(cashier, error.reason)
        raise
    cashiers.note_problem(cashier, problem)


def _act(cashier: Cashier, payer: Payer, now: datetime) -> None:
    """One act at a time. On a chain of which something is wrong nothing is signed."""
    signing.settle(cashier, payer, now)
    if signing.living(cashier):
        return
    act = addresses.open_missing(cashier, payer, now) or sweeps.sweep(cashier, payer, now)
    if act:
        payer.send(act.signed)
