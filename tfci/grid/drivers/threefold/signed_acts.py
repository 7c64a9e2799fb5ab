"""Acts as they are signed: once, for 64 blocks. What may still be carried out is sent again as the same bytes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from substrateinterface import Keypair, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

ERA = 64  # blocks, 6.4 minutes, in which an act can be taken up
Calls = Sequence[tuple[str, str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class SignedAct:
    """`dies_at`: the first block that can't take it up."""

    calls: Calls
    nonce: int
    data: str
    dies_at: int


# By account, those whose end is not final. Each process has its own; between processes the signing lease sees to it.
unsettled: defaultdict[bytes, list[SignedAct]] = defaultdict(list)


def sign(node: SubstrateInterface, key: Keypair, calls: Calls, nonce: int) -> SignedAct:
    """All calls in one act, each by itself. Its era begins at the finalized head, which no fork takes away."""
    batch = [node.compose_call(*call) for call in calls]
    whole = node.compose_call("Utility", "force_batch", {"calls": batch})
    born = node.get_block_number(node.get_chain_finalised_head())
    signed = node.create_signed_extrinsic(whole, key, era={"period": ERA, "current": born}, nonce=nonce)
    return SignedAct(calls, nonce, str(signed.data), born + ERA)


def send(node: SubstrateInterface, act: SignedAct) -> None:
    """Raises SubstrateRequestException where the node does not take it."""
    node.rpc_request("author_submitExtrinsic", [act.data])


def send_again(node: SubstrateInterface, act: SignedAct) -> None:
    """The same bytes, which the node may have, or have seen carried out."""
    try:
        send(node, act)
    except SubstrateRequestException as error:
        if not number_taken(error):
            raise


def number_taken(error: SubstrateRequestException) -> bool:
    """1010: outdated; 1013: imported already; 1014: too low a priority (sc-rpc-api, author/error.rs)."""
    detail = error.args[0] if error.args else None
    return isinstance(detail, dict) and detail.get("code") in (1010, 1013, 1014)
