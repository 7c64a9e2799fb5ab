"""The chain's JSON-RPC: methods that Farmhand's library calls, from the world, encoded as the metadata says."""

from hashlib import blake2b

from scalecodec.base import ScaleBytes
from substrateinterface import Keypair
from substrateinterface.utils.hasher import xxh128

from tests.counterparts.threefold import metadata
from tests.counterparts.threefold.world import CU, SU, Refused

RUNTIME = metadata.runtime()
GENESIS = "0x" + "11" * 32
NOBODY = "0x" + "00" * 32
METHODS = {}


def method(name):
    def keep(answer):
        METHODS[name] = answer
        return answer

    return keep


def call(world, name, params):
    """The result. Raises Refused."""
    world.tick()
    with world.lock:
        if name not in METHODS:
            raise Refused(-32601, "Method not found")
        return METHODS[name](world, *(params or []))


def block_hash(number):
    return f"0x{number:064x}" if number else GENESIS


@method("rpc_methods")
def methods(world):
    return {"methods": [*METHODS]}


@method("chain_getHead")
def head(world):
    return block_hash(len(world.blocks))


@method("chain_getBlockHash")
def hash_of(world, number=None):
    return block_hash(len(world.blocks) if number is None else number)


@method("chain_getHeader")
def header(world, block=None):
    number = int(block, 16) if block else len(world.blocks)
    return {"number": hex(number), "parentHash": block_hash(number - 1)}


@method("state_getRuntimeVersion")
def version(world, block=None):
    return {"specName": "tfchain", "specVersion": metadata.SPEC, "transactionVersion": metadata.TRANSACTION}


@method("state_getMetadata")
def told(world, block=None):
    return RUNTIME[2]


@method("system_accountNextIndex")
def next_index(world, address):
    account = world.accounts.get(Keypair(ss58_address=address).public_key)
    return world.next_number(account) if account else 0


@method("state_getStorageAt")
def storage_at(world, key, block=None):
    return storage(world, key, block)


@method("state_getStorage")
def storage(world, key, block=None):
    value = _value(world, bytes.fromhex(key[2:]), block)
    return value and value.to_hex()


@method("state_queryStorageAt")
def storages(world, keys, block=None):
    return [{"block": block, "changes": [[key, storage(world, key, block)] for key in keys]}]


@method("author_submitExtrinsic")
def submit(world, extrinsic):
    """Signed, or refused as the node's pool does."""
    codec, told, _ = RUNTIME
    signed = codec.create_scale_object("Extrinsic", metadata=told, data=ScaleBytes(extrinsic))
    value = signed.decode()
    account = world.accounts.get(bytes.fromhex(value["address"][2:]))
    if account is None:
        raise Refused(1010, "Inability to pay some fees , e.g. account balance too low")
    if not _signature_holds(account, value, signed.value_object["call"].get_used_bytes()):
        raise Refused(1010, "Transaction has a bad signature")
    world.submit(account, value["nonce"], lambda: _batch(world, account, value["call"]))
    return "0x" + blake2b(bytes.fromhex(extrinsic[2:]), digest_size=32).hexdigest()


def _signature_holds(account, value, call):
    nonce, tip = (_bytes("Compact<u32>", value["nonce"]), _bytes("Compact<u128>", value["tip"]))
    numbers = metadata.SPEC.to_bytes(4, "little") + metadata.TRANSACTION.to_bytes(4, "little")
    payload = call + b"\0" + nonce + tip + numbers + bytes.fromhex(GENESIS[2:]) * 2
    if len(payload) > 256:
        payload = blake2b(payload, digest_size=32).digest()
    (signature,) = value["signature"].values()
    return account.key.verify(bytes(payload), signature)


def _bytes(kind, value):
    return bytes(RUNTIME[0].create_scale_object(kind).encode(value).data)


def _batch(world, account, told):
    """batch_all: all or none; force_batch: each by itself."""
    calls = next(arg["value"] for arg in told["call_args"] if arg["name"] == "calls")
    numbers = [arg["value"] for one in calls for arg in one["call_args"] if arg["name"] == "contract_id"]
    if told["call_function"] == "batch_all" and any(_why_not(world, account, number) for number in numbers):
        raise Refused(0, "ExtrinsicFailed")
    for number in numbers:
        if not _why_not(world, account, number):
            world.cancel(account, number)


def _why_not(world, account, number):
    contract = world.contracts.get(number)
    alive = contract and contract.stands and contract.twin_id == account.twin_id
    return "" if alive and number not in world.faults.no_cancel else "no"


def _value(world, key, block):
    """What stands under a key, encoded; None for nothing."""
    for (pallet, item), (kind, shape) in metadata.STORAGE.items():
        if key[:32] == xxh128(pallet.encode()) + xxh128(item.encode()):
            read = READ[pallet, item]
            value = read(world, key[48:]) if kind else read(world, block)
            return value if value is None else _encoded(shape, value)
    return None


def _encoded(shape, value):
    return RUNTIME[0].create_scale_object(f"scale_info::{metadata.IDS[shape]}").encode(value)


def _account(world, key):
    account = world.accounts.get(key)
    if account is None:
        return None
    data = {"free": max(0, account.free), "reserved": 0, "frozen": 0, "flags": 0}
    return {"nonce": account.nonce, "consumers": 0, "providers": 1, "sufficients": 0, "data": data}


def _twin(world, key):
    return world.accounts[key].twin_id if key in world.accounts else None


def _policy(world, key):
    def unit(value):
        return {"value": value, "unit": "Gigabytes"}

    usd = {"su": unit(SU), "cu": unit(CU), "nu": unit(15_000), "ipu": unit(40_000)}
    names = {"unique_name": unit(2_500), "domain_name": unit(5_000)}
    accounts = {"foundation_account": NOBODY, "certified_sales_account": NOBODY}
    policy = {"version": 2, "id": 1, "name": "threefold_default_pricing_policy"}
    return policy | usd | names | accounts | {"discount_for_dedication_nodes": 50}


def _contract(world, key):
    contract = world.contracts.get(int.from_bytes(key, "little"))
    if contract is None or not contract.stands:
        return None
    node = {
        "node_id": contract.node_id,
        "deployment_hash": "0x" + contract.hash.encode().hex(),
        "deployment_data": contract.data,
        "public_ips": 0,
        "public_ips_list": [],
    }
    return {
        "version": 4,
        "state": {"GracePeriod": 5} if contract.state == "GracePeriod" else contract.state,
        "contract_id": contract.contract_id,
        "twin_id": contract.twin_id,
        "contract_type": {"NodeContract": node},
        "solution_provider_id": None,
    }


READ = {
    ("System", "Account"): _account,
    ("Timestamp", "Now"): lambda world, block: world.blocks[
        (int(block, 16) if block else len(world.blocks)) - 1
    ],
    ("TfgridModule", "TwinIdByAccountID"): _twin,
    ("TfgridModule", "PricingPolicies"): _policy,
    ("SmartContractModule", "Contracts"): _contract,
    ("SmartContractModule", "ContractID"): lambda world, block: world.last,
    ("TFTPriceModule", "AverageTftPrice"): lambda world, block: world.tft_musd,
}
