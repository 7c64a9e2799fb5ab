"""Why the grid refused or failed: codes with parameters, as its drivers know them. Pure.

A GridError and a Refusal (ports.py) carry one. Rows store it; what a program or the chain says in its own words is the
parameter `said`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from tfci.core.reasons import Other, Owner, Reason, Severity
from tfci.core.translation import gettext, gettext_noop, translated


class GridCode(StrEnum):
    GRID_SILENT = "grid_silent"
    GRID_ERROR = "grid_error"
    IMAGE_NOT_SET = "grid_without_image"
    ACCOUNT_UNKNOWN = "account_unknown"
    ACCOUNT_WITHOUT_TWIN = "account_without_twin"
    ACCOUNT_UNVERIFIED = "account_unverified"
    ACCOUNT_BELOW_MINIMUM = "account_below_minimum"
    ACCOUNT_LACKS_FEE = "account_lacks_fee"
    ACCOUNT_LACKS_FUNDS = "account_lacks_funds"
    ACCOUNT_IN_USE = "account_in_use"
    SERVICE_UNREACHED = "grid_service_unreached"
    PROGRAM_MISSING = "deploy_program_missing"
    PROGRAM_UNDATED = "deploy_program_undated"
    PROGRAM_OUTDATED = "deploy_program_outdated"
    NODE_OPTED_OUT = "node_opted_out"
    NODE_UNAVAILABLE = "node_unavailable"
    HASH_MISMATCH = "deployment_hash_mismatch"
    DEPLOYMENT_FAILED = "deployment_failed"
    DEPLOYMENT_TIMEOUT = "deployment_timeout"
    DEPLOYMENT_VANISHED = "deployment_vanished"
    BATCH_FAILED = "deployment_batch_failed"
    ORDER_UNFIT = "deployment_unfit"
    CHAIN_REPLACED = "chain_replaced"
    CHAIN_BEHIND = "chain_behind"
    FINAL_BLOCK_REPLACED = "final_block_replaced"


class GridService(StrEnum):
    """What ThreeFold's programs call."""

    CHAIN = "chain"
    RELAY = "relay"
    PROXY = "proxy"


SERVICES = {
    GridService.CHAIN: gettext_noop("the chain"),
    GridService.RELAY: gettext_noop("the relay to the nodes"),
    GridService.PROXY: gettext_noop("the grid’s proxy"),
}


@dataclass(frozen=True, slots=True)
class GridReason(Reason):
    known: ClassVar[dict[str, type[Reason]]] = {}
    owner: ClassVar[Owner] = Owner.GRID
    severity: ClassVar[Severity] = Severity.WARNING


# The grid as a whole


@dataclass(frozen=True, slots=True)
class GridSilent(GridReason):
    """It gave no answer, or a broken one."""

    code = GridCode.GRID_SILENT
    sentence = "{said}"
    said: str


@dataclass(frozen=True, slots=True)
class GridFailed(GridReason):
    """It gave an answer, and that was no."""

    code = GridCode.GRID_ERROR
    severity = Severity.ERROR
    sentence = "{said}"
    said: str


@dataclass(frozen=True, slots=True)
class ServiceUnreached(GridReason):
    code = GridCode.SERVICE_UNREACHED
    sentence = translated("ThreeFold’s program could not reach {service}.")
    service: GridService

    def __str__(self) -> str:
        return self.sentence.format(service=gettext(SERVICES.get(self.service, self.service)))


# What the operator has to see to


@dataclass(frozen=True, slots=True)
class OperatorReason(GridReason):
    owner: ClassVar[Owner] = Owner.OPERATOR
    severity: ClassVar[Severity] = Severity.ERROR


@dataclass(frozen=True, slots=True)
class ImageNotSet(OperatorReason):
    code = GridCode.IMAGE_NOT_SET
    sentence = translated(
        "Farmhand only shows the nodes of the grid {network} until an image is set (FARMHAND_FLIST)."
    )
    network: str


class AccountUnknown(OperatorReason):
    code = GridCode.ACCOUNT_UNKNOWN
    sentence = translated("The grid knows no account with this mnemonic; check the wallet's seed phrase.")


class AccountWithoutTwin(OperatorReason):
    code = GridCode.ACCOUNT_WITHOUT_TWIN
    sentence = translated("The account has no twin on this network yet.")


class AccountUnverified(OperatorReason):
    code = GridCode.ACCOUNT_UNVERIFIED
    advice = translated("Verify the owner on ThreeFold’s dashboard.")
    sentence = translated("The account’s owner is not verified (KYC), so nodes reject its deployments.")


class AccountBelowMinimum(OperatorReason):
    code = GridCode.ACCOUNT_BELOW_MINIMUM
    advice = translated("Transfer TFT to the account.")
    sentence = translated("The account holds less than the 2 TFT that the chain requires for fees.")


class AccountLacksFee(OperatorReason):
    code = GridCode.ACCOUNT_LACKS_FEE
    advice = translated("Transfer TFT to the account.")
    sentence = translated("The account can’t pay the chain’s fee.")


@dataclass(frozen=True, slots=True)
class AccountLacksFunds(OperatorReason):
    code = GridCode.ACCOUNT_LACKS_FUNDS
    advice = translated("Transfer TFT to the account.")
    said: str = ""

    def __str__(self) -> str:
        text = gettext("The account can’t pay for what was asked.")
        if self.said:
            text = gettext("The account can’t pay for what was asked: {said}.")
        return text.format(said=self.said)


class AccountInUse(OperatorReason):
    code = GridCode.ACCOUNT_IN_USE
    severity = Severity.WARNING
    sentence = translated("Another program uses this account at the same time.")


@dataclass(frozen=True, slots=True)
class ProgramMissing(OperatorReason):
    code = GridCode.PROGRAM_MISSING
    advice = translated("The manual says where to get it.")
    sentence = translated("The program {program}, which deploys on ThreeFold, is not installed.")
    program: str


@dataclass(frozen=True, slots=True)
class ProgramUndated(OperatorReason):
    code = GridCode.PROGRAM_UNDATED
    sentence = translated("{program} does not say when it was built. Use a released version.")
    program: str


@dataclass(frozen=True, slots=True)
class ProgramOutdated(OperatorReason):
    """Dates as YYYY-MM-DD."""

    code = GridCode.PROGRAM_OUTDATED
    sentence = translated(
        "{program} was built on {day}. Nodes only accept what versions built after {since} deploy."
    )
    program: str
    day: str
    since: str


# The chain that deposits are read from


class ChainReplaced(OperatorReason):
    code = GridCode.CHAIN_REPLACED
    advice = translated("Check FARMHAND_GRID and FARMHAND_GRID_URL. Until then deposits are not read.")
    sentence = translated("The chain’s node shows another chain than the one that deposits were read from.")


@dataclass(frozen=True, slots=True)
class ChainBehind(GridReason):
    """Numbers of blocks: what was read, and what the node has."""

    code = GridCode.CHAIN_BEHIND
    sentence = translated(
        "The chain’s node is behind: its newest final block is {final}, deposits were read up to {read_to}."
    )
    read_to: int
    final: int


@dataclass(frozen=True, slots=True)
class FinalBlockReplaced(OperatorReason):
    code = GridCode.FINAL_BLOCK_REPLACED
    advice = translated(
        "Compare the block with a block explorer. Until the node shows it again, deposits are not read."
    )
    sentence = translated("The chain’s node has another block {number} than the final one that was read.")
    number: int


# One VM that was not deployed


class NodeOptedOut(GridReason):
    code = GridCode.NODE_OPTED_OUT
    sentence = translated("The node’s farmer has taken it off this grid.")


class NodeUnavailable(GridReason):
    code = GridCode.NODE_UNAVAILABLE
    sentence = translated("The node is on standby, or rented by someone else.")


class HashMismatch(GridReason):
    code = GridCode.HASH_MISMATCH
    sentence = translated(
        "The node and the program that deploys compute different hashes: one of the two is too old."
    )


@dataclass(frozen=True, slots=True)
class DeploymentFailed(GridReason):
    """`exit_code`: of a program that said nothing."""

    code = GridCode.DEPLOYMENT_FAILED
    sentence = translated("The program ended with {exit_code} and said nothing.")
    said: str
    exit_code: int | None = None

    def __str__(self) -> str:
        return self.said or self.sentence.format(exit_code=self.exit_code)


@dataclass(frozen=True, slots=True)
class DeploymentTimeout(GridReason):
    code = GridCode.DEPLOYMENT_TIMEOUT
    sentence = translated("{program} had no answer from the node in {seconds} seconds.")
    program: str
    seconds: int


class DeploymentVanished(GridReason):
    code = GridCode.DEPLOYMENT_VANISHED
    sentence = translated("It was deployed, but the chain no longer has it.")


@dataclass(frozen=True, slots=True)
class BatchFailed(GridReason):
    """It does not tell which of the batch's nodes failed."""

    code = GridCode.BATCH_FAILED
    sentence = translated("{program} could not deploy a batch with it: {said}")
    program: str
    said: str


@dataclass(frozen=True, slots=True)
class OrderUnfit(GridReason):
    """What the programs can't be asked for, whatever the node."""

    code = GridCode.ORDER_UNFIT
    owner = Owner.FARMHAND
    severity = Severity.ERROR
    sentence = "{said}"
    said: str


def read(code: str, params: Mapping[str, Any] | None) -> Reason:
    """As a row stores it. A code of a later version, which may run beside this one, is its own sentence."""
    known = {Other.code: Other} | GridReason.known
    reason = known.get(code)
    return reason.read(params) if reason else Other(code)
