"""What of the chain's runtime Farmhand uses, in the real one's shapes: threefoldtech/tfchain, spec 152, as its metadata
tells (packages/tfchain_client/chainMeta.json of threefoldtech/tfgrid-sdk-ts)."""

SPEC, TRANSACTION = 152, 2

COMPOSITES = {  # name -> (path, fields)
    "AccountId": ("sp_core.crypto.AccountId32", [(None, "[u8; 32]")]),
    "H256": ("primitive_types.H256", [(None, "[u8; 32]")]),
    "AccountData": (
        "pallet_balances.types.AccountData",
        [("free", "u128"), ("reserved", "u128"), ("frozen", "u128"), ("flags", "u128")],
    ),
    "AccountInfo": (
        "frame_system.AccountInfo",
        [("nonce", "u32"), ("consumers", "u32"), ("providers", "u32"), ("sufficients", "u32")]
        + [("data", "AccountData")],
    ),
    "EventRecord": (
        "frame_system.EventRecord",
        [("phase", "Phase"), ("event", "RuntimeEvent"), ("topics", "Vec<H256>")],
    ),
    "Weight": (
        "sp_weights.weight_v2.Weight",
        [("ref_time", "Compact<u64>"), ("proof_size", "Compact<u64>")],
    ),
    "DispatchInfo": (
        "frame_support.dispatch.DispatchInfo",
        [("weight", "Weight"), ("class", "DispatchClass"), ("pays_fee", "Pays")],
    ),
    "ModuleError": ("sp_runtime.ModuleError", [("index", "u8"), ("error", "[u8; 4]")]),
    "EntityProof": ("pallet_tfgrid.types.EntityProof", [("entity_id", "u32"), ("signature", "bytes")]),
    "Twin": (
        "pallet_tfgrid.types.Twin",
        [("id", "u32"), ("account_id", "AccountId"), ("relay", "Option<bytes>")]
        + [("entities", "Vec<EntityProof>"), ("pk", "Option<bytes>")],
    ),
    "Terms": (
        "pallet_tfgrid.terms_cond.TermsAndConditions",
        [("account_id", "AccountId"), ("timestamp", "u64")]
        + [("document_link", "bytes"), ("document_hash", "bytes")],
    ),
    "Policy": ("pallet_tfgrid.types.Policy", [("value", "u32"), ("unit", "Unit")]),
    "PricingPolicy": (
        "pallet_tfgrid.types.PricingPolicy",
        [("version", "u32"), ("id", "u32"), ("name", "bytes")]
        + [(name, "Policy") for name in ("su", "cu", "nu", "ipu", "unique_name", "domain_name")]
        + [("foundation_account", "AccountId"), ("certified_sales_account", "AccountId")]
        + [("discount_for_dedication_nodes", "u8")],
    ),
    "PublicIP": (
        "tfchain_support.types.PublicIP",
        [("ip", "bytes"), ("gateway", "bytes"), ("contract_id", "u64")],
    ),
    "NodeContract": (
        "pallet_smart_contract.types.NodeContract",
        [("node_id", "u32"), ("deployment_hash", "[u8; 32]"), ("deployment_data", "bytes")]
        + [("public_ips", "u32"), ("public_ips_list", "Vec<PublicIP>")],
    ),
    "NameContract": ("pallet_smart_contract.types.NameContract", [("name", "bytes")]),
    "RentContract": ("pallet_smart_contract.types.RentContract", [("node_id", "u32")]),
    "Contract": (
        "pallet_smart_contract.types.Contract",
        [("version", "u32"), ("state", "ContractState"), ("contract_id", "u64"), ("twin_id", "u32")]
        + [("contract_type", "ContractData"), ("solution_provider_id", "Option<u64>")],
    ),
    "ContractBill": (
        "pallet_smart_contract.types.ContractBill",
        [("contract_id", "u64"), ("timestamp", "u64"), ("discount_level", "DiscountLevel")]
        + [("amount_billed", "u128")],
    ),
    "Resources": (
        "tfchain_support.resources.Resources",
        [("hru", "u64"), ("sru", "u64"), ("cru", "u64"), ("mru", "u64")],
    ),
    "ContractResources": (
        "pallet_smart_contract.types.ContractResources",
        [("contract_id", "u64"), ("used", "Resources")],
    ),
    "PaymentState": (
        "pallet_smart_contract.types.ContractPaymentState",
        [("standard_reserve", "u128"), ("additional_reserve", "u128"), ("standard_overdraft", "u128")]
        + [("additional_overdraft", "u128"), ("last_updated_seconds", "u64"), ("cycles", "u16")],
    ),
    "MintTransaction": (
        "pallet_tft_bridge.types.MintTransaction",
        [("amount", "u64"), ("target", "AccountId"), ("block", "u32"), ("votes", "u32")],
    ),
    "Extrinsic": ("sp_runtime.generic.unchecked_extrinsic.UncheckedExtrinsic", [(None, "bytes")]),
    "Ed25519": ("sp_core.ed25519.Signature", [(None, "[u8; 64]")]),
    "Sr25519": ("sp_core.sr25519.Signature", [(None, "[u8; 64]")]),
    "CheckNonZeroSender": ("frame_system.extensions.check_non_zero_sender.CheckNonZeroSender", []),
    "CheckSpecVersion": ("frame_system.extensions.check_spec_version.CheckSpecVersion", []),
    "CheckTxVersion": ("frame_system.extensions.check_tx_version.CheckTxVersion", []),
    "CheckGenesis": ("frame_system.extensions.check_genesis.CheckGenesis", []),
    "CheckMortality": ("frame_system.extensions.check_mortality.CheckMortality", [(None, "Era")]),
    "CheckNonce": ("frame_system.extensions.check_nonce.CheckNonce", [(None, "Compact<u32>")]),
    "CheckWeight": ("frame_system.extensions.check_weight.CheckWeight", []),
    "ChargeTransactionPayment": (
        "pallet_transaction_payment.ChargeTransactionPayment",
        [(None, "Compact<u128>")],
    ),
    "ContractIdProvides": ("pallet_smart_contract.types.ContractIdProvides", []),
}
VARIANTS = {  # name -> (path, {variant: (index, fields)})
    "Unit": (
        "pallet_tfgrid.types.Unit",
        {
            name: (n, [])
            for n, name in enumerate(["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terrabytes"])
        },
    ),
    "Cause": (
        "pallet_smart_contract.types.Cause",
        {"CanceledByUser": (0, []), "OutOfFunds": (1, []), "CanceledByCollective": (2, [])},
    ),
    "DiscountLevel": (
        "pallet_smart_contract.types.DiscountLevel",
        {name: (n, []) for n, name in enumerate(["None", "Default", "Bronze", "Silver", "Gold"])},
    ),
    "ContractState": (
        "pallet_smart_contract.types.ContractState",
        {"Created": (0, []), "Deleted": (1, [(None, "Cause")]), "GracePeriod": (2, [(None, "u64")])},
    ),
    "ContractData": (
        "pallet_smart_contract.types.ContractData",
        {
            name: (n, [(None, name)])
            for n, name in enumerate(["NodeContract", "NameContract", "RentContract"])
        },
    ),
    "Phase": (
        "frame_system.Phase",
        {"ApplyExtrinsic": (0, [(None, "u32")]), "Finalization": (1, []), "Initialization": (2, [])},
    ),
    "DispatchClass": (
        "frame_support.dispatch.DispatchClass",
        {"Normal": (0, []), "Operational": (1, []), "Mandatory": (2, [])},
    ),
    "Pays": ("frame_support.dispatch.Pays", {"Yes": (0, []), "No": (1, [])}),
    "BalanceStatus": (
        "frame_support.traits.tokens.misc.BalanceStatus",
        {"Free": (0, []), "Reserved": (1, [])},
    ),
    "TokenError": (
        "sp_runtime.TokenError",
        {"FundsUnavailable": (0, []), "BelowMinimum": (2, []), "NotExpendable": (8, [])},
    ),
    "DispatchError": (
        "sp_runtime.DispatchError",
        {"Module": (3, [(None, "ModuleError")]), "Token": (7, [(None, "TokenError")])},
    ),
    "Address": ("sp_runtime.multiaddress.MultiAddress", {"Id": (0, [(None, "AccountId")])}),
    "Signature": (
        "sp_runtime.MultiSignature",
        {"Ed25519": (0, [(None, "Ed25519")]), "Sr25519": (1, [(None, "Sr25519")])},
    ),
    "Era": (
        "sp_runtime.generic.era.Era",
        {"Immortal": (0, [])} | {f"Mortal{n}": (n, [(None, "u8")]) for n in range(1, 256)},
    ),
}
EXTENSIONS = {  # name -> what is signed beside
    "CheckNonZeroSender": "()",
    "CheckSpecVersion": "u32",
    "CheckTxVersion": "u32",
    "CheckGenesis": "H256",
    "CheckMortality": "H256",
    "CheckNonce": "()",
    "CheckWeight": "()",
    "ChargeTransactionPayment": "()",
    "ContractIdProvides": "()",
}
