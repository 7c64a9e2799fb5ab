"""TFT that moves on ThreeFold's chain, as one of its nodes shows it (PaymentChain), and one account's acts (Payer)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any, TypeVar

from substrateinterface import Keypair, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid import addresses
from tfci.grid.drivers.threefold import payment_calls, payment_events
from tfci.grid.drivers.threefold.chain import addresses as nodes, key_pair
from tfci.grid.drivers.threefold.connection import NodeConnection, block_time, read, read_many
from tfci.grid.drivers.threefold.signed_acts import number_taken
from tfci.grid.outcomes import outcome
from tfci.grid.payment_ports import (
    ERA,
    BridgeFees,
    ChainBlock,
    Outcome,
    PaymentCall,
    SignedCall,
    StateGone,
    TransferSeen,
)
from tfci.grid.ports import OutOfFunds, Unavailable
from tfci.grid.reasons import AccountLacksFee

NOBODY = f"0x{bytes(32).hex()}"  # an account, as an example of a key
NO_FEE = "inability to pay some fees"
T = TypeVar("T")


class ThreefoldPaymentChain:
    """By the first of the network's nodes that answers, or by the one at `url`. What that one no longer keeps, the
    others are asked for: one may be an archive."""

    def __init__(self, network: str, url: str = "") -> None:
        urls = nodes(network, url)
        self._node = NodeConnection(urls)
        self._others = [NodeConnection([url]) for url in urls[1:]]

    def genesis(self) -> str:
        return self._ask(lambda node: node.get_block_hash(0))

    def block_hash(self, number: int) -> str | None:
        return self._ask(lambda node: node.get_block_hash(number))

    def final(self) -> ChainBlock:
        return self._ask(lambda node: _block(node, node.get_chain_finalised_head()))

    def heads(self) -> tuple[ChainBlock, ChainBlock]:
        def ask(node: SubstrateInterface) -> tuple[ChainBlock, ChainBlock]:
            best = _block(node, node.block_hash)
            return _block(node, node.get_chain_finalised_head()), best

        return self._ask(ask)

    def block(self, number: int) -> ChainBlock | None:
        def ask(node: SubstrateInterface) -> ChainBlock | None:
            block_hash = node.get_block_hash(number)
            return _block(node, block_hash) if block_hash else None

        return self._ask(ask)

    def transfers(self, block_hash: str, watched: Collection[str]) -> list[TransferSeen]:
        return self._ask(lambda node: payment_events.transfers(node, watched), block_hash)

    def balances(self, addresses: Sequence[str], block_hash: str) -> Mapping[str, Tft]:
        def ask(node: SubstrateInterface) -> dict[str, Tft]:
            found = _of_accounts(node, "System", "Account", addresses)
            held = {each: value["data"] for each, value in found.items()}
            return {each: Tft(data["free"] + data["reserved"]) for each, data in held.items()}

        return dict.fromkeys(addresses, Tft()) | self._ask(ask, block_hash)

    def twins(self, addresses: Sequence[str], block_hash: str) -> Mapping[str, int]:
        return self._ask(
            lambda node: _of_accounts(node, "TfgridModule", "TwinIdByAccountID", addresses), block_hash
        )

    def bridge_fees(self) -> BridgeFees:
        def ask(node: SubstrateInterface) -> BridgeFees:
            deposit, withdrawal = (
                read(node, "TFTBridgeModule", name) for name in ("DepositFee", "WithdrawFee")
            )
            return BridgeFees(Tft(deposit), Tft(withdrawal))

        return self._ask(ask)

    def close(self) -> None:
        for each in (self._node, *self._others):
            each.close()

    def _ask(self, question: Callable[[SubstrateInterface], T], block_hash: str | None = None) -> T:
        """At this block, or at the newest."""
        try:
            return _answer(self._node, question, block_hash)
        except StateGone as gone:
            for other in self._others:
                try:
                    return _answer(other, question, block_hash)
                except (StateGone, Unavailable):
                    continue
            raise gone from None


class ThreefoldPayer(ThreefoldPaymentChain):
    def __init__(self, network: str, url: str, mnemonic: Secret) -> None:
        super().__init__(network, url)
        self._mnemonic = mnemonic

    @cached_property
    def _key(self) -> Keypair:
        return key_pair(self._mnemonic)

    def address(self) -> str:
        return addresses.encode(self._key.public_key)

    def sub_address(self, index: int) -> str:
        return addresses.sub_address(self.address(), index)

    def fee(self, call: PaymentCall) -> Tft:
        key = self._key

        def ask(node: SubstrateInterface) -> Tft:
            composed = payment_calls.composed(node, call, self.address())
            return Tft(node.get_payment_info(composed, key)["partialFee"])

        return self._ask(ask)

    def next_nonce(self) -> int:
        return self._ask(self._next_nonce)

    def _next_nonce(self, node: SubstrateInterface) -> int:
        nonce: int = node.rpc_request("system_accountNextIndex", [self.address()])["result"]
        return nonce

    def sign(self, call: PaymentCall) -> SignedCall:
        """Its time begins at the finalized head, which no fork takes away."""
        key = self._key

        def ask(node: SubstrateInterface) -> SignedCall:
            nonce = self._next_nonce(node)
            born = node.get_block_number(node.get_chain_finalised_head())
            era = {"period": ERA, "current": born}
            composed = payment_calls.composed(node, call, self.address())
            data = str(node.create_signed_extrinsic(composed, key, era=era, nonce=nonce).data)
            return SignedCall(data, _hash(data), nonce, born, born + ERA)

        return self._ask(ask)

    def send(self, signed: SignedCall) -> None:
        def ask(node: SubstrateInterface) -> bool:
            """False where the fee can't be paid."""
            try:
                node.rpc_request("author_submitExtrinsic", [signed.data])
            except SubstrateRequestException as error:
                if not number_taken(error):
                    raise
                return NO_FEE not in str(error).lower()
            return True

        if not self._ask(ask):
            raise OutOfFunds(AccountLacksFee())

    def outcome(self, signed: SignedCall) -> Outcome:
        final = self.final()

        def next_nonce(node: SubstrateInterface) -> int:
            return read(node, "System", "Account", self.address())["nonce"]

        used = self._ask(next_nonce, final.hash)
        return outcome(signed, final.number, used, partial(self._in_block, signed))

    def _in_block(self, signed: SignedCall, number: int) -> Outcome | None:
        def place(node: SubstrateInterface) -> tuple[str, int] | None:
            block_hash = node.get_block_hash(number)
            answer = node.rpc_request("chain_getBlock", [block_hash])["result"]["block"]
            hashes = [_hash(data) for data in answer["extrinsics"]]
            return (block_hash, hashes.index(signed.hash)) if signed.hash in hashes else None

        if not (found := self._ask(place)):
            return None
        block_hash, act = found
        return self._ask(lambda node: payment_events.ended(node, _block(node, block_hash), act), block_hash)


def _answer(
    connection: NodeConnection, question: Callable[[SubstrateInterface], T], block_hash: str | None
) -> T:
    with connection.session(block_hash) as node:
        return question(node)


def _block(node: SubstrateInterface, block_hash: str) -> ChainBlock:
    header = node.rpc_request("chain_getHeader", [block_hash])["result"]
    at = block_time(node, block_hash)
    return ChainBlock(int(header["number"], 16), block_hash, header["parentHash"], at)


def _of_accounts(node: SubstrateInterface, pallet: str, item: str, of: Sequence[str]) -> dict[str, Any]:
    by_key = {addresses.decode(address): address for address in of}
    return {by_key[key]: value for key, value in read_many(node, pallet, item, NOBODY, list(by_key))}


def _hash(data: str) -> str:
    return f"0x{blake2b(bytes.fromhex(data.removeprefix('0x')), digest_size=32).hexdigest()}"
