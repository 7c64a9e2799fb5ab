"""What an account can ask of the chain, by pallet. Each class is one call of the runtime, with its arguments' names."""

from dataclasses import dataclass
from typing import ClassVar

from practice.chain.addresses import AccountId


class Call:
    pallet: ClassVar[str]
    function: ClassVar[str]


@dataclass(frozen=True, slots=True)
class RemarkWithEvent(Call):
    pallet, function = "System", "remark_with_event"
    remark: bytes


@dataclass(frozen=True, slots=True)
class Transfer(Call):
    """The old name of the next one, which wallets still use."""

    pallet, function = "Balances", "transfer"
    dest: AccountId
    value: int


@dataclass(frozen=True, slots=True)
class TransferAllowDeath(Call):
    pallet, function = "Balances", "transfer_allow_death"
    dest: AccountId
    value: int


@dataclass(frozen=True, slots=True)
class TransferKeepAlive(Call):
    pallet, function = "Balances", "transfer_keep_alive"
    dest: AccountId
    value: int


@dataclass(frozen=True, slots=True)
class TransferAll(Call):
    pallet, function = "Balances", "transfer_all"
    dest: AccountId
    keep_alive: bool


@dataclass(frozen=True, slots=True)
class Batch(Call):
    """One after the other, until one fails; those before it stay done."""

    pallet, function = "Utility", "batch"
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class BatchAll(Call):
    """All or none."""

    pallet, function = "Utility", "batch_all"
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class ForceBatch(Call):
    """Each by itself."""

    pallet, function = "Utility", "force_batch"
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class AsDerivative(Call):
    """For a sub-account of the caller."""

    pallet, function = "Utility", "as_derivative"
    index: int
    call: Call


@dataclass(frozen=True, slots=True)
class UserAcceptTc(Call):
    pallet, function = "TfgridModule", "user_accept_tc"
    document_link: str
    document_hash: str


@dataclass(frozen=True, slots=True)
class CreateTwin(Call):
    pallet, function = "TfgridModule", "create_twin"
    relay: str | None = None
    pk: bytes | None = None


@dataclass(frozen=True, slots=True)
class BondTwinAccount(Call):
    """The caller's balance counts for the discount of that twin."""

    pallet, function = "TfgridModule", "bond_twin_account"
    twin_id: int


@dataclass(frozen=True, slots=True)
class CreateNodeContract(Call):
    pallet, function = "SmartContractModule", "create_node_contract"
    node_id: int
    deployment_hash: bytes
    deployment_data: str
    public_ips: int = 0
    solution_provider_id: int | None = None


@dataclass(frozen=True, slots=True)
class CancelContract(Call):
    pallet, function = "SmartContractModule", "cancel_contract"
    contract_id: int


@dataclass(frozen=True, slots=True)
class BillContractForBlock(Call):
    """Bill this contract now, out of its turn."""

    pallet, function = "SmartContractModule", "bill_contract_for_block"
    contract_id: int


@dataclass(frozen=True, slots=True)
class SwapToStellar(Call):
    pallet, function = "TFTBridgeModule", "swap_to_stellar"
    target_stellar_address: bytes
    amount: int


CALLS: tuple[type[Call], ...] = (
    RemarkWithEvent,
    Transfer,
    TransferAllowDeath,
    TransferKeepAlive,
    TransferAll,
    Batch,
    BatchAll,
    ForceBatch,
    AsDerivative,
    UserAcceptTc,
    CreateTwin,
    BondTwinAccount,
    CreateNodeContract,
    CancelContract,
    BillContractForBlock,
    SwapToStellar,
)
