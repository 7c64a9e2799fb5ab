"""What a block says about TFT that moved in it, and about the outcome of an act."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from practice.chain import events
from practice.chain.addresses import AccountId
from practice.chain.blocks import Block


def transfers(block: Block, watched: Collection[AccountId]) -> Iterator[dict[str, Any]]:
    """To or from these accounts."""
    for index, moved in _moved(block):
        if moved["source"] in watched or moved["target"] in watched:
            yield {
                "index": index,
                "source": moved["source"].hex(),
                "target": moved["target"].hex(),
                "amount": moved["amount"],
                "stellar_transaction": moved["stellar_transaction"],
            }


def _moved(block: Block) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """With each event's place in the block. How much of a mint arrived, the deposit before tells."""
    deposited: defaultdict[AccountId, list[int]] = defaultdict(list)
    for index, record in enumerate(block.records):
        match record.event:
            case events.Transfer(source, to, amount):
                yield index, _movement(source, to, amount)
            case events.Deposit(who, amount):
                deposited[who].append(amount)
            case events.MintCompleted(tx_id, target):
                yield index, _movement(b"", target, deposited[target].pop(), tx_id.decode(errors="replace"))


def _movement(
    source: AccountId, target: AccountId, amount: int, stellar_transaction: str = ""
) -> Mapping[str, Any]:
    return {
        "source": source,
        "target": target,
        "amount": amount,
        "stellar_transaction": stellar_transaction,
    }


def ended(block: Block, digest: bytes) -> dict[str, Any] | None:
    """What this act came to in the block; None where it doesn't stand there."""
    place = next((place for place, act in enumerate(block.acts) if act.digest == digest), None)
    if place is None:
        return None
    came_to: dict[str, Any] = {"fee": 0, "failed_calls": 0, "burn_id": None, "error": None}
    for record in block.records:
        if record.act != place:
            continue
        match record.event:
            case events.TransactionFeePaid(_, fee, tip):
                came_to["fee"] = fee + tip
            case events.ItemFailed():
                came_to["failed_calls"] += 1
            case events.BurnTransactionCreated(burn_id):
                came_to["burn_id"] = burn_id
            case events.ExtrinsicFailed(error):
                came_to["error"] = f"{error.pallet}: {error.name}"
    return came_to
