"""What a payer asks for, as calls of the chain (pallets balances, utility, tfgrid and tft-bridge)."""

from collections.abc import Iterator

from scalecodec.types import GenericCall
from substrateinterface import SubstrateInterface

from tfci.grid import addresses
from tfci.grid.payment_ports import OpenAddresses, OpenTwin, Pay, PaymentCall, SwapToStellar, Sweep

LEGAL = "https://library.threefold.me/info/legal/"
# With the MD5 of the link, as ThreeFold's own clients accept them (tfgrid-sdk-dart).
TERMS = {"document_link": LEGAL, "document_hash": "3e58cf085a1ac3173e0f9c6ae9655f9a"}


def composed(node: SubstrateInterface, call: PaymentCall, signer: str) -> GenericCall:
    match call:
        case Pay(target, amount):
            return _transfer(node, target, amount)
        case SwapToStellar(target, amount):
            what = {"target_stellar_address": target, "amount": int(amount)}
            return node.compose_call("TFTBridgeModule", "swap_to_stellar", what)
        case OpenTwin():
            return _batch(node, "batch_all", list(_twin_calls(node)))
        case OpenAddresses(indexes, amount):
            opened = [list(_opening(node, signer, index, amount)) for index in indexes]
            return _batch(node, "force_batch", [_batch(node, "batch_all", calls) for calls in opened])
        case Sweep(amounts):
            swept = (
                _as_derivative(node, index, _transfer(node, signer, amount)) for index, amount in amounts
            )
            return _batch(node, "force_batch", list(swept))


def _opening(node: SubstrateInterface, signer: str, index: int, amount: int) -> Iterator[GenericCall]:
    """All or none; the twin before the payment, so that who has one is not paid again."""
    for call in _twin_calls(node):
        yield _as_derivative(node, index, call)
    yield _transfer(node, addresses.sub_address(signer, index), amount)


def _twin_calls(node: SubstrateInterface) -> Iterator[GenericCall]:
    yield node.compose_call("TfgridModule", "user_accept_tc", TERMS)
    yield node.compose_call("TfgridModule", "create_twin", {"relay": None, "pk": None})


def _transfer(node: SubstrateInterface, target: str, amount: int) -> GenericCall:
    return node.compose_call("Balances", "transfer_keep_alive", {"dest": target, "value": int(amount)})


def _as_derivative(node: SubstrateInterface, index: int, call: GenericCall) -> GenericCall:
    return node.compose_call("Utility", "as_derivative", {"index": index, "call": call})


def _batch(node: SubstrateInterface, function: str, calls: list[GenericCall]) -> GenericCall:
    return node.compose_call("Utility", function, {"calls": calls})
