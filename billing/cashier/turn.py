"""The cashier's turn: read what came in, settle what was signed, then sign what is due. Each step stands by itself, so
a turn may end anywhere and the next one goes on. Those that were replaced have theirs after it (handover.py)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from billing.cashier import addresses, cashiers, deposits, handover, signing, sweeps
from billing.models import Cashier
from tfci.grid.payment_ports import Payer
from tfci.grid.ports import GridError, OutOfFunds

PayOut: TypeAlias = Callable[[Cashier, Payer, datetime], None]


def take_all(cashier: Cashier, now: datetime, pay_out: PayOut) -> None:
    """The cashier's and those of accounts that it replaced. One that can't pay a fee holds up itself alone: it may wait
    for what another one hands over. Raises GridError."""
    try:
        right = take(cashier, cashiers.payer(cashier), now, pay_out)
    except OutOfFunds:
        right = True
    for replaced in handover.due(cashier, now) if right else ():
        handover.take(replaced, cashiers.payer(replaced), now)


def take(cashier: Cashier, payer: Payer, now: datetime, pay_out: PayOut = lambda *_: None) -> bool:
    """What stands in its way is noted for the operator. Raises GridError. `pay_out` signs before all others, for
    people wait for it. Returns whether the chain is right, so that others may sign there too."""
    try:
        problem = deposits.watch(cashier, payer, now)
        if problem is None:
            _act(cashier, payer, now, pay_out)
    except GridError as error:
        cashiers.note_problem(cashier, error.reason)
        raise
    cashiers.note_problem(cashier, problem)
    return problem is None


def _act(cashier: Cashier, payer: Payer, now: datetime, pay_out: PayOut) -> None:
    """One act at a time. On a chain of which something is wrong nothing is signed."""
    if not signing.settle(cashier, payer, now):
        return
    pay_out(cashier, payer, now)
    act = signing.living(cashier)
    act = act or addresses.open_missing(cashier, payer, now) or sweeps.sweep(cashier, payer, now)
    if act:
        payer.send(act.signed)
