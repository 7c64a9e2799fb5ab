"""What lies at deposit addresses goes to the cashier: from 10 TFT on, smaller amounts once a week."""

from datetime import datetime, timedelta

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from billing import ledger_accounts
from billing.cashier import signing
from billing.models import AccountBalance, Cashier, CashierAct, DepositAddress
from tfci.core.tft import UNIT, Tft
from tfci.grid.payment_ports import Payer, Sweep

LARGE = Tft(10 * UNIT)  # is swept at once
SMALL_AFTER = timedelta(days=7)
AT_ONCE = 200  # addresses in one act


def sweep(cashier: Cashier, payer: Payer, now: datetime) -> CashierAct | None:
    """Sign a sweep of all that is due. What was credited is what is swept: the rest of an address keeps it alive.
    Raises GridError."""
    last = (
        CashierAct.objects.filter(cashier=cashier, purpose=CashierAct.Purpose.SWEEP).order_by("-pk").first()
    )
    if last and (last.block_number or 0) > (cashier.block_number or 0):
        return None  # what it took is not read yet
    due = _due(cashier, now)
    if not due:
        return None
    call = Sweep(tuple((index, amount) for _, index, amount in due))
    act = signing.sign(cashier, CashierAct.Purpose.SWEEP, call, payer, now)
    if act:
        DepositAddress.objects.filter(pk__in=[pk for pk, _, _ in due]).update(last_swept_at=now)
    return act


def _due(cashier: Cashier, now: datetime) -> list[tuple[int, int, Tft]]:
    """(row, index, what lies there); the ledger holds that below zero."""
    lies = AccountBalance.objects.filter(
        account=Concat(Value(ledger_accounts.DEPOSIT), Cast("team_id", CharField())),
        amount__lt=0,
        team__depositaddress__cashier=cashier,
        team__depositaddress__stopped_at=None,
    )
    old = Q(team__depositaddress__last_swept_at__lte=now - SMALL_AFTER)
    rows = lies.filter(old | Q(amount__lte=-LARGE)).order_by("amount")
    found = rows.values_list(F("team__depositaddress__pk"), F("team__depositaddress__index"), "amount")[
        :AT_ONCE
    ]
    return [(pk, index, -amount) for pk, index, amount in found]
