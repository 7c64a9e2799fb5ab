"""What is wrong with the cashier, its reading of deposits, and withdrawals: codes with parameters. Pure.

What the chain or a withdrawal says itself has reasons of its own (tfci/grid/reasons.py, withdrawal_rules/reasons.py).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from tfci.core.formatting import plural
from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import gettext, translated


class MoneyProblemCode(StrEnum):
    DEPOSITS_UNREAD = "deposits_unread"
    CHAIN_STALLED = "chain_stalled"
    ADDRESSES_DIFFER = "deposit_addresses_differ"
    ACT_UNSETTLED = "cashier_transaction_unsettled"
    ACT_FAILED = "cashier_transaction_failed"
    WITHDRAWALS_WAIT = "withdrawals_wait"


@dataclass(frozen=True, slots=True)
class MoneyProblem(Reason):
    known: ClassVar[dict[str, Any]] = {}
    owner: ClassVar[Owner] = Owner.OPERATOR
    severity: ClassVar[Severity] = Severity.ERROR


@dataclass(frozen=True, slots=True)
class DepositsUnread(MoneyProblem):
    """`read_to`: the last block that was read."""

    code = MoneyProblemCode.DEPOSITS_UNREAD
    advice = translated(
        "Check that beat and a worker for the queue act run, and that the chain’s node answers."
    )
    sentence = translated("Deposits have not been read since block {read_to}.")
    read_to: int


@dataclass(frozen=True, slots=True)
class ChainStalled(MoneyProblem):
    """`number`: of the newest final block."""

    code = MoneyProblemCode.CHAIN_STALLED
    owner = Owner.GRID
    advice = translated("Compare with a block explorer. If the chain continues there, use another node.")
    sentence = translated("The chain’s node has shown no new final block since block {number}.")
    number: int


@dataclass(frozen=True, slots=True)
class AddressesDiffer(MoneyProblem):
    code = MoneyProblemCode.ADDRESSES_DIFFER
    advice = translated("Look them up in a block explorer. Crediting continues once both agree.")
    count: int

    def __str__(self) -> str:
        text = gettext(
            "At {addresses} the chain holds another amount than came in and was collected, so nothing is credited."
        )
        return text.format(addresses=plural(self.count, "deposit address", "deposit addresses"))


class ActUnsettled(MoneyProblem):
    code = MoneyProblemCode.ACT_UNSETTLED
    advice = translated("Check that the chain makes blocks final. Until then the cashier signs nothing else.")
    sentence = translated("It is not known whether the cashier’s last transaction was carried out.")


@dataclass(frozen=True, slots=True)
class ActFailed(MoneyProblem):
    """`error`: as the chain names it; "" where only parts of it failed."""

    code = MoneyProblemCode.ACT_FAILED
    advice = translated("Look the transaction up in a block explorer. The next one may succeed.")
    error: str = ""

    def __str__(self) -> str:
        text = gettext("Parts of the cashier’s last transaction failed.")
        if self.error:
            text = gettext("The chain refused the cashier’s last transaction: {error}.")
        return text.format(error=self.error)


@dataclass(frozen=True, slots=True)
class WithdrawalsWait(MoneyProblem):
    """Longer than the chain takes, for no reason that they know."""

    code = MoneyProblemCode.WITHDRAWALS_WAIT
    advice = translated("Check that a worker runs, and that the chain makes blocks final.")
    count: int

    def __str__(self) -> str:
        text = gettext("{withdrawals} should have been paid by now.")
        return text.format(withdrawals=plural(self.count, "withdrawal"))
