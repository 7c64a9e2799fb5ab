"""The life of a withdrawal, from top to bottom. Pure: what was read of rows and chain comes in, the next step goes out.

REQUESTED   its mail is not confirmed                → EXPIRED
  ↓                                                  → STOPPED
WAITING     any owner of the team can stop it        → STOPPED
  ↓                                                  → FAILED: the balance no longer covers it
HELD        its TFT are set aside, nothing is signed → FAILED, with its TFT back
  ↓ ↑
IN_FLIGHT   its bytes are stored, then sent          → FAILED, with its TFT back
  ↓         while they could live nothing else is signed
PAID        final on the chain                       → RETURNED: the bridge gave it back
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from billing.withdrawal_rules.reasons import (
    BalanceTooLow,
    CashierEmpty,
    ChainRefused,
    FeeRose,
    MailUnconfirmed,
    NeverCarriedOut,
    NumberTakenOften,
    UnknownActs,
)
from tfci.core.reasons import Reason
from tfci.core.tft import Tft

CONFIRM_WITHIN = timedelta(hours=1)  # the link in the mail
MAX_ACTS = 5  # signed for one withdrawal: who takes the cashier's numbers more often is no accident


class WithdrawalState(StrEnum):
    REQUESTED = "requested"
    WAITING = "waiting"
    HELD = "held"
    IN_FLIGHT = "in_flight"
    PAID = "paid"
    RETURNED = "returned"
    STOPPED = "stopped"
    EXPIRED = "expired"
    FAILED = "failed"


OPEN = (WithdrawalState.REQUESTED, WithdrawalState.WAITING, WithdrawalState.HELD, WithdrawalState.IN_FLIGHT)
STOPPABLE = (WithdrawalState.REQUESTED, WithdrawalState.WAITING)


class Outcome(StrEnum):
    """What became of the bytes that were signed, as final blocks tell."""

    PENDING = "sent"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"  # their time is over, and their number was not used
    NUMBER_USED = "number_used"  # by other bytes


@dataclass(frozen=True, slots=True)
class CashierFacts:
    """`fee`: what the chain takes for this payment now. `next_number`: of the account's next act; `known_number`: what
    it would be if our rows knew all of its acts."""

    fee: Tft
    holds: Tft
    next_number: int
    known_number: int


# What to do next


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing can be done yet. `reason`: what holds it up, if it is more than time."""

    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """None of its TFT have moved."""

    state: WithdrawalState
    reason: Reason


@dataclass(frozen=True, slots=True)
class HoldTft:
    """Set its TFT aside."""


@dataclass(frozen=True, slots=True)
class SignPayment:
    """Sign it, and store the bytes in the same transaction. Whoever finds them sends them."""


@dataclass(frozen=True, slots=True)
class SignAnew:
    """The old bytes can never be carried out: back to HELD."""


@dataclass(frozen=True, slots=True)
class Post:
    """The TFT have left the cashier."""


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The TFT were set aside and did not leave: the team has them again."""

    reason: Reason


Step: TypeAlias = LookAgain | Close | HoldTft | SignPayment | SignAnew | Post | GiveBack


# The life


def requested(deadline: datetime, now: datetime) -> LookAgain | Close:
    """`deadline`: of the link in the mail. Confirming and stopping are people's (withdrawals/requests.py)."""
    return LookAgain() if now < deadline else Close(WithdrawalState.EXPIRED, MailUnconfirmed())


def waiting(deadline: datetime, total: Tft, payable: Tft, now: datetime) -> LookAgain | Close | HoldTft:
    """`total`: amount and highest fee. `payable`: what the team may take out now; its VMs may have spent some."""
    if now < deadline:
        return LookAgain()
    if payable < total:
        return Close(WithdrawalState.FAILED, BalanceTooLow(total, max(payable, Tft())))
    return HoldTft()


def held(total: Tft, highest_fee: Tft, cashier: CashierFacts) -> LookAgain | SignPayment | GiveBack:
    """After an older backup was restored an act that we don't know may have paid this withdrawal: nothing is signed."""
    if (unknown := cashier.next_number - cashier.known_number) > 0:
        return LookAgain(reason=UnknownActs(unknown, cashier.next_number))
    if cashier.fee > highest_fee:
        return GiveBack(FeeRose(highest_fee, cashier.fee))
    if cashier.holds < total:
        return LookAgain(reason=CashierEmpty(total))
    return SignPayment()


def in_flight(outcome: Outcome, error: str, acts: int) -> LookAgain | Post | GiveBack | SignAnew:
    """`error`: the chain's own, where it refused. `acts`: how many were signed for it so far."""
    match outcome:
        case Outcome.PENDING:
            return LookAgain()
        case Outcome.DONE:
            return Post()
        case Outcome.FAILED:
            return GiveBack(ChainRefused(error))
        case Outcome.EXPIRED:
            return GiveBack(NeverCarriedOut())
        case Outcome.NUMBER_USED:
            return SignAnew() if acts < MAX_ACTS else GiveBack(NumberTakenOften(acts))
