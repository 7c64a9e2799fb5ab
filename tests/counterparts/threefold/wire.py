"""Acts and events between the model and the bytes that a node speaks."""

from dataclasses import fields
from hashlib import blake2b

from substrateinterface import Keypair

from practice.chain import events
from practice.chain.acts import Act, Era
from practice.chain.calls import CALLS, Call
from practice.chain.errors import Invalid, Invalidity
from tests.counterparts.threefold.pallets import PALLETS
from tests.counterparts.threefold.runtime import TRANSACTION

KINDS = {(kind.pallet, kind.function): kind for kind in CALLS}
INFO = {"weight": {"ref_time": 0, "proof_size": 0}, "class": "Normal", "pays_fee": "Yes"}
NAMES = {"source": "from"}  # that Python does not allow


def hashed(data):
    return blake2b(data, digest_size=32).digest()


def shown(value):
    return f"0x{value.hex()}" if isinstance(value, bytes) else value


# Calls


def call_read(told):
    """The model's call of what the codec decoded. Raises LookupError for one that it does not know."""
    kind = KINDS[told["call_module"], told["call_function"]]
    values = {argument["name"]: argument["value"] for argument in told["call_args"]}
    return kind(**{field.name: _value(field.type, values[field.name]) for field in fields(kind)})


def _value(kind, value):
    if kind is Call:
        return call_read(value)
    if kind == tuple[Call, ...]:
        return tuple(call_read(each) for each in value)
    if kind in (bytes, bytes | None) and isinstance(value, str):
        return bytes.fromhex(value[2:]) if value.startswith("0x") else value.encode()
    return value


def call_told(call):
    """As the codec encodes it."""
    told = {field.name: _told(getattr(call, field.name)) for field in fields(call)}
    return {"call_module": call.pallet, "call_function": call.function, "call_args": told}


def _told(value):
    if isinstance(value, Call):
        return call_told(value)
    return [call_told(each) for each in value] if isinstance(value, tuple) else shown(value)


# Acts


def act_read(runtime, data, chain):
    """The act in these bytes, for this chain's next block. Raises Invalid where its signature does not hold for it."""
    signed = runtime.decoded("Extrinsic", data, metadata=runtime.metadata)
    value, signer = signed.value, bytes.fromhex(signed.value["address"][2:])
    period = value["era"]
    era = None if period == "00" else Era(*period)
    spec = chain.state.terms.spec
    checkpoint = chain.hash_at(era.birth(chain.best.number + 1) if era else 0)
    extra = b"".join(bytes(signed.value_object[part].get_used_bytes()) for part in ("era", "nonce", "tip"))
    payload = bytes(signed.value_object["call"].get_used_bytes()) + extra + _beside(chain, spec, checkpoint)
    (signature,) = value["signature"].values()
    if checkpoint is None or not _holds(signer, payload, signature):
        raise Invalid(Invalidity.BAD_PROOF)
    call = call_read(value["call"])
    return Act(signer, value["nonce"], call, hashed(data), checkpoint, spec, era, len(data), value["tip"])


def _beside(chain, spec, checkpoint):
    numbers = spec.to_bytes(4, "little") + TRANSACTION.to_bytes(4, "little")
    return numbers + chain.genesis.hash + (checkpoint or b"")


def _holds(signer, payload, signature):
    key = Keypair(public_key=signer, ss58_format=42)
    return key.verify(hashed(payload) if len(payload) > 256 else payload, signature)


# Events


def records_told(runtime, records):
    """As System.Events holds them."""
    count = runtime.encoded("Compact<u32>", len(records))
    return count + b"".join(_record(runtime, record) for record in records)


def _record(runtime, record):
    phase = b"\2" if record.act is None else b"\0" + record.act.to_bytes(4, "little")
    return phase + event_told(runtime, record.event) + b"\0"


def event_told(runtime, event):
    """Its pallet, its number there, its fields."""
    pallet = PALLETS[event.pallet]
    name = type(event).__name__
    shape = pallet.events[name][1]
    values = _shaped(event)
    if not shape:
        body = name
    elif shape[0][0] is None:
        body = {name: values[0] if len(values) == 1 else tuple(values)}
    else:
        body = {name: dict(zip((field for field, _ in shape), values, strict=True))}
    return bytes([pallet.index]) + runtime.encoded(f"{event.pallet} events", body)


def _shaped(event):
    """Its values in the runtime's order."""
    match event:
        case events.ExtrinsicSuccess():
            return [INFO]
        case events.ExtrinsicFailed(error):
            return [_error(error), INFO]
        case events.ItemFailed(error):
            return [_error(error)]
        case events.BatchInterrupted(index, error):
            return [index, _error(error)]
        case events.ReserveRepatriated(source, to, amount):
            return [shown(source), shown(to), amount, "Free"]
        case events.TwinStored(twin_id, account, relay, pk):
            return [twin(twin_id, account, relay, pk)]
        case events.ContractCreated(made):
            return [contract(made)]
        case events.UpdatedUsedResources(contract_id, used):
            return [resources(contract_id, used)]
        case events.ContractBilled(contract_id, at, level, amount):
            bill = {"contract_id": contract_id, "timestamp": at, "amount_billed": amount}
            return [bill | {"discount_level": level.title}]
        case events.MintCompleted(tx_id, target, amount, block):
            minted = {"amount": amount, "target": shown(target), "block": block, "votes": 3}
            return [minted, shown(tx_id)]
    return [shown(getattr(event, field.name)) for field in fields(event)]


def _error(error):
    if error.pallet not in PALLETS:
        return {error.pallet: error.name}
    pallet = PALLETS[error.pallet]
    return {"Module": {"index": pallet.index, "error": f"0x{pallet.errors[error.name]:02x}000000"}}


def twin(twin_id, account, relay, pk):
    return {"id": twin_id, "account_id": shown(account), "relay": relay, "entities": [], "pk": shown(pk)}


def contract(made):
    node = {
        "node_id": made.node_id,
        "deployment_hash": shown(made.deployment_hash),
        "deployment_data": made.deployment_data,
        "public_ips": 0,
        "public_ips_list": [],
    }
    return {
        "version": 4,
        "state": {"GracePeriod": made.grace.block} if made.grace else "Created",
        "contract_id": made.contract_id,
        "twin_id": made.twin_id,
        "contract_type": {"NodeContract": node},
        "solution_provider_id": None,
    }


def resources(contract_id, used):
    told = {name: getattr(used, name) for name in ("hru", "sru", "cru", "mru")}
    return {"contract_id": contract_id, "used": told}
