"""A deposit address for each team: given a number, opened on the chain, shown once its twin is known."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count, islice

from django.db import transaction
from django.db.models import Max, QuerySet

from billing.cashier import signing
from billing.cashier.deposits import OPENING
from billing.models import Cashier, CashierAct, DepositAddress
from tfci.accounts.models import Team
from tfci.grid.addresses import SUB_ACCOUNTS
from tfci.grid.payment_ports import OpenAddresses, Payer

AT_ONCE = 50  # addresses in one act


def of_team(cashier: Cashier, team: Team) -> DepositAddress | None:
    """As soon as it may be shown."""
    return DepositAddress.objects.filter(cashier=cashier, team=team).exclude(twin_id=None).first()


def earlier(cashier: Cashier, team: Team) -> list[DepositAddress]:
    """Those of accounts that the cashier replaced, which still count; the newest first."""
    rows = DepositAddress.objects.filter(cashier__successor=cashier, team=team).exclude(twin_id=None)
    return list(rows.order_by("-cashier"))


def memo(address: DepositAddress) -> str:
    """By which ThreeFold's bridge finds the address."""
    return f"twin_{address.twin_id}"


def counts(cashier: Cashier) -> tuple[int, int]:
    """How many are open, and how many wait for their twin."""
    rows = DepositAddress.objects.filter(cashier=cashier)
    return rows.exclude(twin_id=None).count(), rows.filter(twin_id=None).count()


def open_missing(cashier: Cashier, payer: Payer, now: datetime) -> CashierAct | None:
    """One step on the way to an address for every team: note twins that are there, give out numbers, sign the opening
    of those that have none. Returns that act. Raises GridError."""
    _name_twins(cashier, payer)
    _give_out(cashier, payer, now)
    indexes = tuple(_unnamed(cashier).values_list("index", flat=True)[:AT_ONCE])
    if not indexes:
        return None
    return signing.sign(cashier, CashierAct.Purpose.OPENING, OpenAddresses(indexes, OPENING), payer, now)


def _unnamed(cashier: Cashier) -> QuerySet[DepositAddress]:
    return DepositAddress.objects.filter(cashier=cashier, twin_id=None).order_by("index")


def _name_twins(cashier: Cashier, payer: Payer) -> None:
    """The chain names a twin for just the address that we computed, so it is right."""
    waiting = {row.address: row for row in _unnamed(cashier)}
    if waiting:
        for address, twin_id in payer.twins([*waiting], payer.final().hash).items():
            DepositAddress.objects.filter(pk=waiting[address].pk).update(twin_id=twin_id)


def _give_out(cashier: Cashier, payer: Payer, now: datetime) -> None:
    """A number for each team that has none. One that has a twin already was another team's before our rows were
    restored from a backup: money may still come there, so it is passed over."""
    teams = Team.objects.filter(closing_at=None).exclude(depositaddress__cashier=cashier)
    waiting = list(teams.order_by("pk")[:AT_ONCE])
    if not waiting:
        return
    free = _free_indexes(cashier, payer, len(waiting))
    with transaction.atomic():
        Cashier.objects.select_for_update(no_key=True).get(pk=cashier.pk)
        rows = [
            DepositAddress(
                cashier=cashier, team=team, index=index, address=payer.sub_address(index), last_swept_at=now
            )
            for team, index in zip(waiting, free, strict=False)
        ]
        DepositAddress.objects.bulk_create(rows, ignore_conflicts=True)


def _free_indexes(cashier: Cashier, payer: Payer, wanted: int) -> Sequence[int]:
    """Fewer where the cashier has given out all."""
    last = DepositAddress.objects.filter(cashier=cashier).aggregate(last=Max("index"))["last"]
    final, first = payer.final().hash, -1 if last is None else last
    found: list[int] = []
    numbers = islice(count(first + 1), max(0, SUB_ACCOUNTS - first - 1))
    while len(found) < wanted and (some := list(islice(numbers, AT_ONCE))):
        numbered = {payer.sub_address(index): index for index in some}
        taken = payer.twins([*numbered], final)
        found += [index for address, index in numbered.items() if address not in taken]
    return found[:wanted]
