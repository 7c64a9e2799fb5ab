"""What lies at deposit addresses goes to their cashier: from 10 TFT of a team on, smaller amounts once a week."""

from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Case, CharField, F, Q, Sum, Value, When
from django.db.models.functions import Cast, Concat

from billing import ledger_accounts
from billing.cashier import signing
from billing.models import AccountBalance, Cashier, CashierAct, ChainTransfer, DepositAddress
from tfci.core.tft import UNIT, Tft
from tfci.grid.payment_ports import Payer, Sweep

LARGE = Tft(10 * UNIT)  # is swept at once
SMALL_AFTER = timedelta(days=7)
AT_ONCE = 200  # addresses in one act
ROLE = ChainTransfer.Movement
CREDITED = Sum(
    Case(
        When(transfers__role=ROLE.DEPOSIT, then="transfers__amount"),
        When(transfers__role=ROLE.SWEEP, then=-F("transfers__amount")),
        output_field=BigIntegerField(),
    ),
    filter=Q(transfers__booked_at__isnull=False),
)


def sweep(cashier: Cashier, payer: Payer, now: datetime) -> CashierAct | None:
    """Sign a sweep of all that is due. What was credited is what is swept: the rest of an address keeps it alive.
    Raises GridError."""
    due = _due(cashier, now)
    if not due or _took_what_is_unread(cashier):
        return None
    call = Sweep(tuple((index, amount) for _, index, amount in due))
    act = signing.sign(cashier, CashierAct.Purpose.SWEEP, call, payer, now)
    if act:
        DepositAddress.objects.filter(pk__in=[pk for pk, _, _ in due]).update(last_swept_at=now)
    return act


def _took_what_is_unread(cashier: Cashier) -> bool:
    """Whether the last one is in a block that deposits are not read up to."""
    acts = CashierAct.objects.filter(cashier=cashier, purpose=CashierAct.Purpose.SWEEP)
    last = acts.order_by("-pk").first()
    return last is not None and (last.block_number or 0) > cashier.read_to


def _due(cashier: Cashier, now: datetime) -> list[tuple[int, int, Tft]]:
    """(row, index, what lies there), the largest first. The ledger says of which teams; a team has further addresses
    where the cashier was replaced, so how much lies at each is what was credited there."""
    of_team = Concat(Value(ledger_accounts.DEPOSIT), Cast("team_id", CharField()))
    found = AccountBalance.objects.filter(account=of_team, amount__lt=0)  # below zero by what lies there
    large = Q(team__in=found.filter(amount__lte=-LARGE).values("team"))
    old = Q(team__in=found.values("team"), last_swept_at__lte=now - SMALL_AFTER)
    rows = DepositAddress.objects.filter(large | old, cashier=cashier, stopped_at=None)
    lies = rows.annotate(lies=CREDITED).filter(lies__gt=0).order_by("-lies")
    return [
        (pk, index, Tft(amount)) for pk, index, amount in lies.values_list("pk", "index", "lies")[:AT_ONCE]
    ]
