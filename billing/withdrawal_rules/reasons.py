"""Why a withdrawal ended without being paid, or waits for more than its time: codes with parameters. Pure.

Amounts in parameters are in 1e-7 TFT.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from tfci.core.formatting import plural
from tfci.core.reasons import Other, Owner, Reason, Severity
from tfci.core.tft import Tft
from tfci.core.translation import gettext, translated


class WithdrawalCode(StrEnum):
    STOPPED = "withdrawal_stopped"
    MAIL_UNCONFIRMED = "withdrawal_unconfirmed"
    BALANCE_TOO_LOW = "withdrawal_above_balance"
    FEE_ROSE = "withdrawal_fee_rose"
    CHAIN_REFUSED = "withdrawal_refused_by_chain"
    NEVER_CARRIED_OUT = "withdrawal_never_carried_out"
    NUMBER_TAKEN_OFTEN = "withdrawal_number_taken"
    RETURNED = "withdrawal_returned"
    CASHIER_EMPTY = "withdrawal_cashier_empty"
    UNKNOWN_ACTS = "withdrawal_unknown_acts"


@dataclass(frozen=True, slots=True)
class WithdrawalReason(Reason):
    known: ClassVar[dict[str, "type[WithdrawalReason]"]] = {}
    severity: ClassVar[Severity] = Severity.WARNING

    def amounts(self) -> str:
        """The sentence, where all its parameters are amounts."""
        return self.sentence.format_map({name: Tft(units) for name, units in self.params.items()})


# It ended, and its TFT never left the balance


@dataclass(frozen=True, slots=True)
class StoppedByOwner(WithdrawalReason):
    """`who`: "" for the link in an owner's mail, which needs no sign-in."""

    code = WithdrawalCode.STOPPED
    owner = Owner.TEAM
    severity = Severity.INFO
    who: str

    def __str__(self) -> str:
        text = gettext("It was stopped with the link in an owner’s mail.")
        if self.who:
            text = gettext("It was stopped by {who}.")
        return text.format(who=self.who)


class MailUnconfirmed(WithdrawalReason):
    code = WithdrawalCode.MAIL_UNCONFIRMED
    owner = Owner.TEAM
    severity = Severity.INFO
    advice = translated("Request it again, and confirm it with the link in the mail.")
    sentence = translated("The link in the mail was not used in time.")


@dataclass(frozen=True, slots=True)
class BalanceTooLow(WithdrawalReason):
    """`total`: with its highest fee; `payable`: what could be paid out when its time came."""

    code = WithdrawalCode.BALANCE_TOO_LOW
    owner = Owner.TEAM
    advice = translated("Request a smaller amount, or end VMs first.")
    sentence = translated(
        "It needed {total} TFT, but only {payable} TFT could be paid out when its time came."
    )
    total: int
    payable: int

    __str__ = WithdrawalReason.amounts


# It ended, and its TFT are back on the balance


@dataclass(frozen=True, slots=True)
class FeeRose(WithdrawalReason):
    code = WithdrawalCode.FEE_ROSE
    owner = Owner.GRID
    advice = translated("Request it again later, or ask the operator to allow a higher fee.")
    sentence = translated("The chain’s fee rose to {fee} TFT. At most {highest} TFT was agreed.")
    highest: int
    fee: int

    __str__ = WithdrawalReason.amounts


@dataclass(frozen=True, slots=True)
class ChainRefused(WithdrawalReason):
    """`error`: as the chain names it."""

    code = WithdrawalCode.CHAIN_REFUSED
    owner = Owner.GRID
    severity = Severity.ERROR
    advice = translated("Check the address, then request it again.")
    sentence = translated("The chain refused it: {error}.")
    error: str


class NeverCarriedOut(WithdrawalReason):
    code = WithdrawalCode.NEVER_CARRIED_OUT
    owner = Owner.GRID
    advice = translated("Request it again.")
    sentence = translated("The chain did not carry it out in time, and no longer can.")


@dataclass(frozen=True, slots=True)
class NumberTakenOften(WithdrawalReason):
    code = WithdrawalCode.NUMBER_TAKEN_OFTEN
    owner = Owner.OPERATOR
    severity = Severity.ERROR
    advice = translated("End the other program, or give Farmhand an account that nothing else uses.")
    sentence = translated("Another program used the paying account {times} times at the same moment.")
    times: int


@dataclass(frozen=True, slots=True)
class ReturnedByBridge(WithdrawalReason):
    """`amount`: that came back."""

    code = WithdrawalCode.RETURNED
    owner = Owner.TEAM
    advice = translated("Add a trust line for TFT to the Stellar account, then request it again.")
    sentence = translated("Stellar did not accept it, so the bridge returned {amount} TFT to the balance.")
    amount: int

    __str__ = WithdrawalReason.amounts


# It waits for the operator


@dataclass(frozen=True, slots=True)
class CashierEmpty(WithdrawalReason):
    code = WithdrawalCode.CASHIER_EMPTY
    owner = Owner.OPERATOR
    severity = Severity.ERROR
    advice = translated("Transfer TFT to the cashier’s account.")
    sentence = translated("The cashier’s account holds less than the {total} TFT that it needs.")
    total: int

    __str__ = WithdrawalReason.amounts


@dataclass(frozen=True, slots=True)
class UnknownActs(WithdrawalReason):
    """Transactions of the paying account that are in none of our rows. `next_number`: of its next one."""

    code = WithdrawalCode.UNKNOWN_ACTS
    owner = Owner.OPERATOR
    severity = Severity.ERROR
    advice = translated("Compare the account’s transactions with the open withdrawals, then release them.")
    count: int
    next_number: int

    def __str__(self) -> str:
        text = gettext(
            "The cashier’s account has made {transactions} that Farmhand doesn’t know, which may have paid this "
            "withdrawal."
        )
        return text.format(transactions=plural(self.count, "transaction"))


def read(code: str, params: Mapping[str, Any] | None) -> Reason:
    """As a row stores it. A code of a later version, which may run beside this one, is its own sentence."""
    reason = WithdrawalReason.known.get(code)
    return reason.read(params) if reason else Other(code)
