"""What a block tells of what was done in it, by pallet: the runtime's events with its names of fields."""

from dataclasses import dataclass
from typing import ClassVar

from practice.chain.addresses import AccountId
from practice.chain.contract import Contract
from practice.chain.errors import DispatchError
from practice.chain.notices import Resources
from practice.chain.prices import Discount


class Event:
    pallet: ClassVar[str]


class SystemEvent(Event):
    pallet = "System"


@dataclass(frozen=True, slots=True)
class ExtrinsicSuccess(SystemEvent):
    pass


@dataclass(frozen=True, slots=True)
class ExtrinsicFailed(SystemEvent):
    dispatch_error: DispatchError


@dataclass(frozen=True, slots=True)
class CodeUpdated(SystemEvent):
    pass


@dataclass(frozen=True, slots=True)
class NewAccount(SystemEvent):
    account: AccountId


@dataclass(frozen=True, slots=True)
class KilledAccount(SystemEvent):
    account: AccountId


@dataclass(frozen=True, slots=True)
class Remarked(SystemEvent):
    sender: AccountId
    hash: bytes


class BalancesEvent(Event):
    pallet = "Balances"


@dataclass(frozen=True, slots=True)
class Endowed(BalancesEvent):
    account: AccountId
    free_balance: int


@dataclass(frozen=True, slots=True)
class DustLost(BalancesEvent):
    account: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer(BalancesEvent):
    """The runtime calls the payer `from`."""

    source: AccountId
    to: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class Reserved(BalancesEvent):
    who: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class ReserveRepatriated(BalancesEvent):
    source: AccountId
    to: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class Slashed(BalancesEvent):
    who: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class Deposit(BalancesEvent):
    who: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class Withdraw(BalancesEvent):
    who: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class TransactionFeePaid(Event):
    pallet = "TransactionPayment"
    who: AccountId
    actual_fee: int
    tip: int


class UtilityEvent(Event):
    pallet = "Utility"


@dataclass(frozen=True, slots=True)
class BatchInterrupted(UtilityEvent):
    index: int
    error: DispatchError


@dataclass(frozen=True, slots=True)
class BatchCompleted(UtilityEvent):
    pass


@dataclass(frozen=True, slots=True)
class BatchCompletedWithErrors(UtilityEvent):
    pass


@dataclass(frozen=True, slots=True)
class ItemCompleted(UtilityEvent):
    pass


@dataclass(frozen=True, slots=True)
class ItemFailed(UtilityEvent):
    error: DispatchError


class TwinEvent(Event):
    pallet = "TfgridModule"


@dataclass(frozen=True, slots=True)
class TwinStored(TwinEvent):
    twin_id: int
    account: AccountId
    relay: str | None
    pk: bytes | None


@dataclass(frozen=True, slots=True)
class TwinAccountBounded(TwinEvent):
    twin_id: int
    account: AccountId


class ContractEvent(Event):
    pallet = "SmartContractModule"


@dataclass(frozen=True, slots=True)
class ContractCreated(ContractEvent):
    contract: Contract


@dataclass(frozen=True, slots=True)
class UpdatedUsedResources(ContractEvent):
    contract_id: int
    used: Resources


@dataclass(frozen=True, slots=True)
class NodeContractCanceled(ContractEvent):
    contract_id: int
    node_id: int
    twin_id: int


@dataclass(frozen=True, slots=True)
class ContractBilled(ContractEvent):
    """`amount_billed` holds what was owed from before."""

    contract_id: int
    timestamp: int
    discount_level: Discount
    amount_billed: int


@dataclass(frozen=True, slots=True)
class ContractPaymentOverdrawn(ContractEvent):
    contract_id: int
    timestamp: int
    partially_billed_amount: int
    overdraft: int


@dataclass(frozen=True, slots=True)
class ContractGracePeriodStarted(ContractEvent):
    contract_id: int
    node_id: int
    twin_id: int
    block_number: int


@dataclass(frozen=True, slots=True)
class ContractGracePeriodEnded(ContractEvent):
    contract_id: int
    node_id: int
    twin_id: int


@dataclass(frozen=True, slots=True)
class ContractGracePeriodElapsed(ContractEvent):
    contract_id: int
    grace_period: int


@dataclass(frozen=True, slots=True)
class RewardDistributed(ContractEvent):
    contract_id: int
    standard_rewards: int
    additional_rewards: int


class BridgeEvent(Event):
    pallet = "TFTBridgeModule"


@dataclass(frozen=True, slots=True)
class MintCompleted(BridgeEvent):
    """`amount` is what was paid on Stellar, with the bridge's fee."""

    tx_id: bytes
    target: AccountId
    amount: int
    block: int


@dataclass(frozen=True, slots=True)
class BurnTransactionCreated(BridgeEvent):
    """`amount` is what arrives on Stellar."""

    burn_id: int
    source: AccountId
    target: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class Record:
    """An event and the act that it belongs to, by its place in the block; None for what the chain does of its own."""

    act: int | None
    event: Event
