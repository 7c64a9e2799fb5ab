"""The chain's JSON-RPC: methods that Farmhand's library calls, from the world, encoded as the metadata says."""

from substrateinterface import Keypair

from practice.chain import fees
from practice.chain.errors import Invalid, Invalidity
from practice.chain.tree import StateDiscarded
from tests.counterparts.threefold import storage, wire
from tests.counterparts.threefold.metadata import runtime
from tests.counterparts.threefold.runtime import TRANSACTION
from tests.counterparts.threefold.world import Refused

CODES = {Invalidity.IMPORTED: 1013, Invalidity.LOW_PRIORITY: 1014}  # any other: 1010
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


def _block(world, shown):
    """The block of this hash, or the newest. Raises Refused for one that this node does not know."""
    if shown is None:
        return world.view.best
    try:
        block = world.chain.block(bytes.fromhex(shown[2:]))
    except KeyError:
        block = None
    if block is None or block.number > world.view.best.number:
        raise Refused(4003, f"Client error: UnknownBlock: Header was not found in the database: {shown}")
    return block


def _after(world, shown):
    """Raises Refused where this node keeps that state no longer."""
    block = _block(world, shown)
    try:
        return storage.After(block, world.chain.state_at(block.hash))
    except StateDiscarded:
        raise Refused(4003, f"Client error: UnknownBlock: State already discarded for {shown}") from None


@method("rpc_methods")
def methods(world):
    return {"methods": [*METHODS]}


@method("chain_getHead")
def head(world):
    return wire.shown(world.view.best.hash)


@method("chain_getFinalizedHead")
def final(world):
    return wire.shown(world.view.final.hash)


@method("chain_getBlockHash")
def hash_of(world, number=None):
    return wire.shown(world.view.hash_at(world.view.best.number if number is None else number))


@method("chain_getHeader")
def header(world, block=None):
    found = _block(world, block)
    return {"number": hex(found.number), "parentHash": wire.shown(found.parent)}


@method("chain_getBlock")
def body(world, block=None):
    """Acts of programs, which come without bytes here, have their digest's."""
    found = _block(world, block)
    extrinsics = [wire.shown(world.bytes_of.get(act.digest, act.digest)) for act in found.acts]
    header = {"number": hex(found.number), "parentHash": wire.shown(found.parent)}
    return {"block": {"header": header, "extrinsics": extrinsics}, "justifications": None}


@method("state_getRuntimeVersion")
def version(world, block=None):
    spec = _after(world, block).state.terms.spec
    return {"specName": "tfchain", "specVersion": spec, "transactionVersion": TRANSACTION}


@method("state_getMetadata")
def told(world, block=None):
    return runtime().hex


@method("system_accountNextIndex")
def next_index(world, address):
    return world.chain.next_nonce(Keypair(ss58_address=address).public_key)


@method("state_getStorageAt")
def storage_at(world, key, block=None):
    return _value(_after(world, block), key)


@method("state_getStorage")
def storage_of(world, key, block=None):
    return _value(_after(world, block), key)


@method("state_queryStorageAt")
def storages(world, keys, block=None):
    after = _after(world, block)
    return [{"block": block, "changes": [[key, _value(after, key)] for key in keys]}]


@method("payment_queryInfo")
def query_info(world, extrinsic, block=None):
    data = bytes.fromhex(extrinsic[2:])
    signed = runtime().decoded("Extrinsic", data, metadata=runtime().metadata)
    fee = fees.fee(
        wire.call_read(signed.value["call"]), len(data), _after(world, block).state.terms.fee_percent
    )
    return {"weight": {"ref_time": 0, "proof_size": 0}, "class": "normal", "partialFee": str(fee)}


@method("author_submitExtrinsic")
def submit(world, extrinsic):
    """Signed, or refused as the node's pool does."""
    data = bytes.fromhex(extrinsic[2:])
    world.bytes_of[wire.hashed(data)] = data
    try:
        world.submit(wire.act_read(runtime(), data, world.chain))
    except Invalid as invalid:
        raise refusal(invalid) from None
    return wire.shown(wire.hashed(data))


def refusal(invalid):
    return Refused(CODES.get(invalid.why, 1010), invalid.why.value)


def _value(after, key):
    return wire.shown(storage.encoded(runtime(), after, bytes.fromhex(key[2:])))


@storage.item("System", "Events")
def records(after):
    return wire.records_told(runtime(), after.block.records)
