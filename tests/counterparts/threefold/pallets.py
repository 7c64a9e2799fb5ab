"""The runtime's pallets, as far as Farmhand uses them: numbers, calls, events, errors, storage."""

from dataclasses import dataclass, field

PAY = [("dest", "Address"), ("value", "Compact<u128>")]
CALLS = [("calls", "Vec<RuntimeCall>")]
WHO = [("who", "AccountId"), ("amount", "u128")]
STANDS = [("contract_id", "u64"), ("node_id", "u32"), ("twin_id", "u32")]
PAID = [("from", "AccountId"), ("to", "AccountId"), ("amount", "u128")]


@dataclass(frozen=True)
class Pallet:
    """Calls and events: name -> (number, fields). Storage: name -> (key or None, value), then what stands where nothing
    does; keys are hashed by Blake2_128Concat."""

    index: int
    calls: dict = field(default_factory=dict)
    events: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    storage: dict = field(default_factory=dict)


PALLETS = {
    "System": Pallet(
        0,
        {"remark_with_event": (7, [("remark", "bytes")])},
        {
            "ExtrinsicSuccess": (0, [("dispatch_info", "DispatchInfo")]),
            "ExtrinsicFailed": (
                1,
                [("dispatch_error", "DispatchError"), ("dispatch_info", "DispatchInfo")],
            ),
            "CodeUpdated": (2, []),
            "NewAccount": (3, [("account", "AccountId")]),
            "KilledAccount": (4, [("account", "AccountId")]),
            "Remarked": (5, [("sender", "AccountId"), ("hash", "H256")]),
        },
        storage={
            "Account": ("AccountId", "AccountInfo", bytes(80)),
            "Number": (None, "u32"),
            "Events": (None, "Vec<EventRecord>"),
        },
    ),
    "Timestamp": Pallet(1, storage={"Now": (None, "u64")}),
    "Utility": Pallet(
        3,
        {
            "batch": (0, CALLS),
            "as_derivative": (1, [("index", "u16"), ("call", "RuntimeCall")]),
            "batch_all": (2, CALLS),
            "force_batch": (4, CALLS),
        },
        {
            "BatchInterrupted": (0, [("index", "u32"), ("error", "DispatchError")]),
            "BatchCompleted": (1, []),
            "BatchCompletedWithErrors": (2, []),
            "ItemCompleted": (3, []),
            "ItemFailed": (4, [("error", "DispatchError")]),
        },
    ),
    "Balances": Pallet(
        20,
        {
            "transfer_allow_death": (0, PAY),
            "transfer_keep_alive": (3, PAY),
            "transfer_all": (4, [("dest", "Address"), ("keep_alive", "bool")]),
            "transfer": (7, PAY),
        },
        {
            "Endowed": (0, [("account", "AccountId"), ("free_balance", "u128")]),
            "DustLost": (1, [("account", "AccountId"), ("amount", "u128")]),
            "Transfer": (2, PAID),
            "Reserved": (4, WHO),
            "ReserveRepatriated": (6, [*PAID, ("destination_status", "BalanceStatus")]),
            "Deposit": (7, WHO),
            "Withdraw": (8, WHO),
            "Slashed": (9, WHO),
        },
        storage={"TotalIssuance": (None, "u128")},
    ),
    "TransactionPayment": Pallet(
        21,
        events={"TransactionFeePaid": (0, [("who", "AccountId"), ("actual_fee", "u128"), ("tip", "u128")])},
    ),
    "TfgridModule": Pallet(
        25,
        {
            "create_twin": (17, [("relay", "Option<bytes>"), ("pk", "Option<bytes>")]),
            "user_accept_tc": (25, [("document_link", "bytes"), ("document_hash", "bytes")]),
            "bond_twin_account": (37, [("twin_id", "u32")]),
        },
        {
            "TwinStored": (11, [(None, "Twin")]),
            "TwinAccountBounded": (16, [(None, "u32"), (None, "AccountId")]),
        },
        {
            "TwinNotExists": 27,
            "TwinWithPubkeyExists": 28,
            "TwinCannotBoundToItself": 31,
            "UserDidNotSignTermsAndConditions": 39,
            "DocumentLinkInputTooShort": 104,
            "DocumentHashInputTooShort": 107,
        },
        {
            "Twins": ("u32", "Twin"),
            "TwinIdByAccountID": ("AccountId", "u32"),
            "TwinBoundedAccountID": ("u32", "AccountId"),
            "UsersTermsAndConditions": ("AccountId", "Vec<Terms>"),
            "PricingPolicies": ("u32", "PricingPolicy"),
        },
    ),
    "SmartContractModule": Pallet(
        26,
        {
            "create_node_contract": (
                0,
                [("node_id", "u32"), ("deployment_hash", "[u8; 32]"), ("deployment_data", "bytes")]
                + [("public_ips", "u32"), ("solution_provider_id", "Option<u64>")],
            ),
            "cancel_contract": (2, [("contract_id", "u64")]),
            "bill_contract_for_block": (10, [("contract_id", "u64")]),
        },
        {
            "ContractCreated": (0, [(None, "Contract")]),
            "NodeContractCanceled": (2, STANDS),
            "ContractBilled": (8, [(None, "ContractBill")]),
            "UpdatedUsedResources": (10, [(None, "ContractResources")]),
            "ContractGracePeriodStarted": (13, [*STANDS, ("block_number", "u64")]),
            "ContractGracePeriodEnded": (14, STANDS),
            "ContractGracePeriodElapsed": (26, [("contract_id", "u64"), ("grace_period", "u64")]),
            "ContractPaymentOverdrawn": (
                27,
                [("contract_id", "u64"), ("timestamp", "u64")]
                + [("partially_billed_amount", "u128"), ("overdraft", "u128")],
            ),
            "RewardDistributed": (
                28,
                [("contract_id", "u64"), ("standard_rewards", "u128"), ("additional_rewards", "u128")],
            ),
        },
        {
            "TwinNotExists": 0,
            "NodeNotExists": 1,
            "ContractNotExists": 7,
            "TwinNotAuthorizedToCancelContract": 9,
            "ContractIsNotUnique": 13,
            "ContractPaymentStateNotExists": 53,
        },
        {
            "Contracts": ("u64", "Contract"),
            "ContractID": (None, "u64"),
            "ContractPaymentState": ("u64", "PaymentState"),
            "NodeContractResources": ("u64", "ContractResources"),
        },
    ),
    "TFTBridgeModule": Pallet(
        27,
        {"swap_to_stellar": (5, [("target_stellar_address", "bytes"), ("amount", "u128")])},
        {
            "MintCompleted": (2, [(None, "MintTransaction"), (None, "bytes")]),
            "BurnTransactionCreated": (
                4,
                [(None, "u64"), (None, "AccountId"), (None, "bytes"), (None, "u64")],
            ),
        },
        {
            "NotEnoughBalanceToSwap": 16,
            "AmountIsLessThanWithdrawFee": 17,
            "InvalidStellarPublicKey": 20,
        },
        {"WithdrawFee": (None, "u64"), "DepositFee": (None, "u64")},
    ),
    "TFTPriceModule": Pallet(
        28, storage={name: (None, "u32") for name in ("AverageTftPrice", "MinTftPrice", "MaxTftPrice")}
    ),
}
