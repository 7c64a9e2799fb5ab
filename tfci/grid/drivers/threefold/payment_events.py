"""What a block says about TFT that moved in it, and about the outcome of an act."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from substrateinterface import SubstrateInterface
from substrateinterface.storage import StorageKey

from tfci.core.tft import Tft
from tfci.grid import addresses
from tfci.grid.drivers.threefold.connection import read
from tfci.grid.payment_ports import CarriedOut, ChainBlock, Failed, TransferKind, TransferSeen

EVENTS = ("System", "Events")
Told = Mapping[str, Any]


def transfers(node: SubstrateInterface, watched: Collection[str]) -> list[TransferSeen]:
    """Of the session's block. Its events are only decoded where one of these accounts stands among them: that takes
    much longer than to look for their bytes."""
    known = {"runtime_config": node.runtime_config, "metadata": node.metadata}
    key = StorageKey.create_from_storage_function(*EVENTS, [], **known).to_hex()
    raw = node.rpc_request("state_getStorageAt", [key, node.block_hash])["result"] or ""
    if not any(addresses.decode(address).hex() in raw for address in watched):
        return []
    ours = set(watched)
    found = _transfers(read(node, *EVENTS))
    return [each for each in found if each.source in ours or each.target in ours]


def _transfers(records: Sequence[Told]) -> Iterator[TransferSeen]:
    """The bridge reports a mint, and the deposit right before it says how much arrived."""
    deposited: defaultdict[str, list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        match _named(record):
            case "Balances", "Transfer", {"from": source, "to": target, "amount": amount}:
                yield TransferSeen(index, TransferKind.TRANSFER, source, target, Tft(amount))
            case "Balances", "Deposit", {"who": who, "amount": amount}:
                deposited[who].append(amount)
            case "TFTBridgeModule", "MintCompleted", ({"target": target}, transaction):
                arrived = Tft(deposited[target].pop())
                yield TransferSeen(index, TransferKind.MINT, "", target, arrived, str(transaction))


def ended(node: SubstrateInterface, block: ChainBlock, act: int) -> CarriedOut | Failed:
    """What the act at this place of the session's block came to. Raises LookupError where the block does not tell."""
    fee, failed_calls, burn_id, error = Tft(), 0, None, None
    events = [_named(record) for record in read(node, *EVENTS) if record["extrinsic_idx"] == act]
    for event in events:
        match event:
            case "TransactionPayment", "TransactionFeePaid", {"actual_fee": paid, "tip": tip}:
                fee = Tft(paid + tip)
            case "Utility", "ItemFailed", _:
                failed_calls += 1
            case "TFTBridgeModule", "BurnTransactionCreated", (number, *_):
                burn_id = number
            case "System", "ExtrinsicFailed", {"dispatch_error": refused}:
                error = _error(node, refused)
    if error is not None:
        return Failed(block, fee, error)
    if not any(event[:2] == ("System", "ExtrinsicSuccess") for event in events):
        raise LookupError("the block has the act, and does not tell of it")
    return CarriedOut(block, fee, failed_calls, burn_id)


def _named(record: Told) -> tuple[str, str, Any]:
    event = record["event"]
    return event["module_id"], event["event_id"], event["attributes"]


def _error(node: SubstrateInterface, refused: str | Mapping[str, Any]) -> str:
    """As "pallet: name"; what has no name, as the chain tells it."""
    match refused:
        case {"Module": {"index": index, "error": error}}:
            number = bytes.fromhex(str(error).removeprefix("0x"))[0]
            pallet = next(each for each in node.metadata.pallets if each.value["index"] == index)
            names = {each.value["index"]: each.name for each in pallet.errors or ()}
            return f"{pallet.name}: {names.get(number, number)}"
        case {**only} if len(only) == 1:
            ((kind, name),) = only.items()
            return f"{kind}: {name}"
    return str(refused)
