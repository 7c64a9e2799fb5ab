"""What the stub chain tells of its runtime: metadata of version 14 with the pallets, storage and calls of
threefoldtech/tfchain that Farmhand uses, in the shapes that the real one has."""

from scalecodec.base import RuntimeConfigurationObject, ScaleBytes
from scalecodec.type_registry import load_type_registry_preset

SPEC, TRANSACTION = 157, 2

PRIMITIVES = ["u8", "u32", "u64", "u128"]
COMPOSITES = {  # name -> (path, fields)
    "AccountId": ("sp_core.crypto.AccountId32", [(None, "[u8; 32]")]),
    "H256": ("primitive_types.H256", [(None, "[u8; 32]")]),
    "AccountData": (
        "pallet_balances.types.AccountData",
        [("free", "u128"), ("reserved", "u128"), ("frozen", "u128"), ("flags", "u128")],
    ),
    "AccountInfo": (
        "frame_system.AccountInfo",
        [
            ("nonce", "u32"),
            ("consumers", "u32"),
            ("providers", "u32"),
            ("sufficients", "u32"),
            ("data", "AccountData"),
        ],
    ),
    "Policy": ("pallet_tfgrid.types.Policy", [("value", "u32"), ("unit", "Unit")]),
    "PricingPolicy": (
        "pallet_tfgrid.types.PricingPolicy",
        [
            ("version", "u32"),
            ("id", "u32"),
            ("name", "bytes"),
            ("su", "Policy"),
            ("cu", "Policy"),
            ("nu", "Policy"),
            ("ipu", "Policy"),
        ]
        + [("unique_name", "Policy"), ("domain_name", "Policy"), ("foundation_account", "AccountId")]
        + [("certified_sales_account", "AccountId"), ("discount_for_dedication_nodes", "u8")],
    ),
    "NodeContract": (
        "pallet_smart_contract.types.NodeContract",
        [
            ("node_id", "u32"),
            ("deployment_hash", "[u8; 32]"),
            ("deployment_data", "bytes"),
            ("public_ips", "u32"),
            ("public_ips_list", "PublicIps"),
        ],
    ),
    "Contract": (
        "pallet_smart_contract.types.Contract",
        [("version", "u32"), ("state", "ContractState"), ("contract_id", "u64"), ("twin_id", "u32")]
        + [("contract_type", "ContractData"), ("solution_provider_id", "Option")],
    ),
    "NameContract": ("pallet_smart_contract.types.NameContract", [("name", "bytes")]),
    "RentContract": ("pallet_smart_contract.types.RentContract", [("node_id", "u32")]),
    "Extrinsic": ("sp_runtime.generic.unchecked_extrinsic.UncheckedExtrinsic", [(None, "bytes")]),
    "Ed25519": ("sp_core.ed25519.Signature", [(None, "[u8; 64]")]),
    "Sr25519": ("sp_core.sr25519.Signature", [(None, "[u8; 64]")]),
    "CheckNonZeroSender": ("frame_system.extensions.check_non_zero_sender.CheckNonZeroSender", []),
    "CheckSpecVersion": ("frame_system.extensions.check_spec_version.CheckSpecVersion", []),
    "CheckTxVersion": ("frame_system.extensions.check_tx_version.CheckTxVersion", []),
    "CheckGenesis": ("frame_system.extensions.check_genesis.CheckGenesis", []),
    "CheckMortality": ("frame_system.extensions.check_mortality.CheckMortality", [(None, "Era")]),
    "CheckNonce": ("frame_system.extensions.check_nonce.CheckNonce", [(None, "compact u32")]),
    "CheckWeight": ("frame_system.extensions.check_weight.CheckWeight", []),
    "ChargeTransactionPayment": (
        "pallet_transaction_payment.ChargeTransactionPayment",
        [(None, "compact u128")],
    ),
}
VARIANTS = {  # name -> (path, {variant: (index, fields)})
    "Option": ("Option", {"None": (0, []), "Some": (1, [(None, "u64")])}),
    "Unit": (
        "pallet_tfgrid.types.Unit",
        {name: (n, []) for n, name in enumerate(["Bytes", "Kilobytes", "Megabytes", "Gigabytes"])},
    ),
    "Cause": ("pallet_smart_contract.types.Cause", {"CanceledByUser": (0, []), "OutOfFunds": (1, [])}),
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
    "Address": ("sp_runtime.multiaddress.MultiAddress", {"Id": (0, [(None, "AccountId")])}),
    "Signature": (
        "sp_runtime.MultiSignature",
        {"Ed25519": (0, [(None, "Ed25519")]), "Sr25519": (1, [(None, "Sr25519")])},
    ),
    "Era": (
        "sp_runtime.generic.era.Era",
        {"Immortal": (0, [])} | {f"Mortal{n}": (n, [(None, "u8")]) for n in range(1, 256)},
    ),
    "RuntimeCall": (
        "tfchain_runtime.RuntimeCall",
        {"SmartContractModule": (12, [(None, "ContractCall")]), "Utility": (23, [(None, "UtilityCall")])},
    ),
    "ContractCall": ("pallet_smart_contract.pallet.Call", {"cancel_contract": (2, [("contract_id", "u64")])}),
    "UtilityCall": (
        "pallet_utility.pallet.Call",
        {
            "batch": (0, [("calls", "calls")]),
            "batch_all": (2, [("calls", "calls")]),
            "force_batch": (4, [("calls", "calls")]),
        },
    ),
}
PLAIN = {  # name -> definition
    "[u8; 32]": {"array": {"len": 32, "type": "u8"}},
    "[u8; 64]": {"array": {"len": 64, "type": "u8"}},
    "bytes": {"sequence": {"type": "u8"}},
    "PublicIps": {"sequence": {"type": "bytes"}},
    "calls": {"sequence": {"type": "RuntimeCall"}},
    "compact u32": {"compact": {"type": "u32"}},
    "compact u128": {"compact": {"type": "u128"}},
    "nothing": {"tuple": []},
}
EXTENSIONS = {  # name -> what is signed beside
    "CheckNonZeroSender": "nothing",
    "CheckSpecVersion": "u32",
    "CheckTxVersion": "u32",
    "CheckGenesis": "H256",
    "CheckMortality": "H256",
    "CheckNonce": "nothing",
    "CheckWeight": "nothing",
    "ChargeTransactionPayment": "nothing",
}
MAP = "Blake2_128Concat"
STORAGE = {  # (pallet, item) -> (key or None, value)
    ("System", "Account"): ("AccountId", "AccountInfo"),
    ("Timestamp", "Now"): (None, "u64"),
    ("TfgridModule", "TwinIdByAccountID"): ("AccountId", "u32"),
    ("TfgridModule", "PricingPolicies"): ("u32", "PricingPolicy"),
    ("SmartContractModule", "Contracts"): ("u64", "Contract"),
    ("SmartContractModule", "ContractID"): (None, "u64"),
    ("TFTPriceModule", "AverageTftPrice"): (None, "u32"),
}
PALLETS = {  # name -> (index, calls)
    "System": (0, None),
    "Timestamp": (2, None),
    "TfgridModule": (11, None),
    "SmartContractModule": (12, "ContractCall"),
    "TFTPriceModule": (14, None),
    "Utility": (23, "UtilityCall"),
}
NAMES = [*PRIMITIVES, *PLAIN, *COMPOSITES, *VARIANTS, "extra"]
IDS = {name: number for number, name in enumerate(NAMES)}


def _fields(fields):
    return [{"name": name, "type": IDS[kind], "typeName": kind, "docs": []} for name, kind in fields]


def _resolved(definition):
    ((kind, inner),) = definition.items()
    return {kind: inner if isinstance(inner, list) else inner | {"type": IDS[inner["type"]]}}


def _type(name):
    path, params, definition = [], [], {"primitive": name}
    if name in PLAIN:
        definition = _resolved(PLAIN[name])
    elif name in COMPOSITES:
        path, definition = (
            COMPOSITES[name][0].split("."),
            {"composite": {"fields": _fields(COMPOSITES[name][1])}},
        )
    elif name in VARIANTS:
        told = VARIANTS[name][1]
        variants = [
            {"name": v, "fields": _fields(fields), "index": index, "docs": []}
            for v, (index, fields) in told.items()
        ]
        path, definition = VARIANTS[name][0].split("."), {"variant": {"variants": variants}}
    elif name == "extra":
        definition = {"tuple": [IDS[extension] for extension in EXTENSIONS]}
    if name == "Extrinsic":
        parts = {"Address": "Address", "Call": "RuntimeCall", "Signature": "Signature", "Extra": "extra"}
        params = [{"name": part, "type": IDS[kind]} for part, kind in parts.items()]
    if name == "Option":
        params = [{"name": "T", "type": IDS["u64"]}]
    return {"id": IDS[name], "type": {"path": path, "params": params, "def": definition, "docs": []}}


def _entry(item, key, value):
    kind = {"Map": {"hashers": [MAP], "key": IDS[key], "value": IDS[value]}} if key else {"Plain": IDS[value]}
    return {"name": item, "modifier": "Optional", "type": kind, "default": "0x00", "documentation": []}


def _pallet(name):
    index, calls = PALLETS[name]
    entries = [_entry(item, *told) for (pallet, item), told in STORAGE.items() if pallet == name]
    return {
        "name": name,
        "storage": {"prefix": name, "entries": entries} if entries else None,
        "calls": {"ty": IDS[calls]} if calls else None,
        "event": None,
        "constants": [],
        "error": None,
        "index": index,
    }


def runtime():
    """(a SCALE codec that knows these types, the metadata as an object, and as hex)."""
    extensions = [
        {"identifier": n, "ty": IDS[n], "additional_signed": IDS[signed]} for n, signed in EXTENSIONS.items()
    ]
    value = {
        "types": {"types": [_type(name) for name in NAMES]},
        "pallets": [_pallet(name) for name in PALLETS],
        "extrinsic": {"ty": IDS["Extrinsic"], "version": 4, "signed_extensions": extensions},
        "runtime_type": IDS["nothing"],
    }
    codec = RuntimeConfigurationObject(implements_scale_info=True)
    codec.update_type_registry(load_type_registry_preset("core"))
    coded = codec.create_scale_object("MetadataVersioned").encode(("0x6d657461", {"V14": value}))
    told = codec.create_scale_object("MetadataVersioned", data=ScaleBytes(bytes(coded.data)))
    told.decode()
    codec.add_portable_registry(told)
    return codec, told, coded.to_hex()
