"""Facts about cashiers and withdrawals -> what an operator has to see to, most urgent first. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from billing.money_problems.reasons import (
    ActFailed,
    ActUnsettled,
    AddressesDiffer,
    ChainStalled,
    DepositsUnread,
    WithdrawalsWait,
)
from tfci.core.reasons import Reason

UNREAD = timedelta(minutes=5)  # since all final blocks were read, and for a chain without a new one
UNSETTLED = timedelta(minutes=15)  # an act lives for 6.4 minutes
LONG = timedelta(minutes=30)  # for a withdrawal whose time has come


class Place(StrEnum):
    """The operator's page where one can do something about it."""

    CASHIER = "cashier"
    WITHDRAWALS = "withdrawals"


@dataclass(frozen=True, slots=True)
class StoppedAddresses:
    """Deposit addresses where nothing is credited."""

    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class NewestAct:
    signed_at: datetime
    living: bool
    failure: ActFailed | None = None


@dataclass(frozen=True, slots=True)
class CashierState:
    """`read_to`, `block_at`: the last block that was read; `watched_at`: when it was last the newest final one. Both
    times are None of one that was replaced; `block_at` also on a chain that makes blocks only where something
    happens."""

    problem: Reason | None = None
    read_to: int = 0
    watched_at: datetime | None = None
    block_at: datetime | None = None
    stopped: StoppedAddresses | None = None
    act: NewestAct | None = None


@dataclass(frozen=True, slots=True)
class DueWithdrawal:
    """Its time to be stopped is over. `reason`: what holds it up, where that is known."""

    due_at: datetime
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Found:
    reason: Reason
    place: Place
    since: datetime | None = None


def found(
    cashiers: Iterable[CashierState], withdrawals: Iterable[DueWithdrawal], now: datetime
) -> list[Found]:
    return [
        *(one for state in cashiers for one in _of_cashier(state, now)),
        *_of_withdrawals(withdrawals, now),
    ]


def _of_cashier(state: CashierState, now: datetime) -> Iterator[Found]:
    """What the last turn met explains why nothing was read since."""
    if state.problem:
        yield Found(state.problem, Place.CASHIER, state.watched_at)
    elif state.watched_at and now - state.watched_at > UNREAD:
        yield Found(DepositsUnread(state.read_to), Place.CASHIER, state.watched_at)
    elif state.block_at and now - state.block_at > UNREAD:
        yield Found(ChainStalled(state.read_to), Place.CASHIER, state.block_at)
    if state.stopped:
        yield Found(AddressesDiffer(state.stopped.count), Place.CASHIER, state.stopped.since)
    if state.act and state.act.living and now - state.act.signed_at > UNSETTLED:
        yield Found(ActUnsettled(), Place.CASHIER, state.act.signed_at)
    elif state.act and state.act.failure:
        yield Found(state.act.failure, Place.CASHIER, state.act.signed_at)


def _of_withdrawals(withdrawals: Iterable[DueWithdrawal], now: datetime) -> Iterator[Found]:
    """Each reason once, with the oldest that it holds up."""
    oldest_first = sorted(withdrawals, key=lambda one: one.due_at)
    known = {one.reason.code: one for one in reversed(oldest_first) if one.reason}
    for one in known.values():
        if one.reason:
            yield Found(one.reason, Place.WITHDRAWALS, one.due_at)
    unknown = [one for one in oldest_first if not one.reason and now - one.due_at > LONG]
    if unknown:
        yield Found(WithdrawalsWait(len(unknown)), Place.WITHDRAWALS, unknown[0].due_at)
