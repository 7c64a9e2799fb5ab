"""The rows that say whether TFT come and go as they should."""

from datetime import datetime

from django.db.models import Count, Min, OuterRef, Q, Subquery

from billing.models import Cashier, CashierAct, Withdrawal
from billing.money_problems.reasons import ActFailed
from billing.money_problems.rules import (
    CashierState,
    DueWithdrawal,
    Found,
    NewestAct,
    StoppedAddresses,
    found,
)
from billing.withdrawal_rules.life import WithdrawalState
from tfci.grid import registry

DUE = (WithdrawalState.WAITING, WithdrawalState.HELD, WithdrawalState.IN_FLIGHT)


def current(now: datetime) -> list[Found]:
    """Most urgent first."""
    return found(_cashiers(), _withdrawals(now), now)


def _cashiers() -> list[CashierState]:
    """Of this network, with those that were replaced."""
    network, play = registry.network(), registry.practices()
    acts = CashierAct.objects.filter(cashier=OuterRef("pk")).order_by("-pk")
    rows = Cashier.objects.filter(Q(network=network) | Q(successor__network=network)).annotate(
        stopped=Count("addresses", filter=Q(addresses__stopped_at__isnull=False)),
        stopped_since=Min("addresses__stopped_at"),
        act_state=Subquery(acts.values("state")[:1]),
        act_signed_at=Subquery(acts.values("signed_at")[:1]),
        act_failed_calls=Subquery(acts.values("failed_calls")[:1]),
        act_error=Subquery(acts.values("error")[:1]),
    )
    return [
        CashierState(
            row.typed_problem,
            row.block_number or 0,
            row.watched_at if row.network else None,
            row.block_at if row.network and not play else None,
            StoppedAddresses(row.stopped, row.stopped_since) if row.stopped else None,
            _act(row.act_state, row.act_signed_at, row.act_failed_calls, row.act_error),
        )
        for row in rows.order_by("-pk")
    ]


def _act(state: str | None, signed_at: datetime, failed_calls: int, error: str) -> NewestAct | None:
    if state is None:
        return None
    failed = failed_calls or state == CashierAct.State.FAILED
    return NewestAct(signed_at, state == CashierAct.State.SENT, ActFailed(error) if failed else None)


def _withdrawals(now: datetime) -> list[DueWithdrawal]:
    rows = Withdrawal.objects.filter(state__in=DUE, deadline_at__lte=now)
    return [DueWithdrawal(row.deadline_at, row.typed_reason) for row in rows]
