"""The model of the chain as a Payer, without sockets: blocks are made, become final, are replaced when a test says
so."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b, sha256

from practice.chain import calls, fees
from practice.chain.acts import Act, Era
from practice.chain.calls import Call
from practice.chain.errors import Invalid, Invalidity
from practice.chain.notices import Minted, Notice
from practice.chain.state import Account, State
from practice.chain.tree import Chain, StateDiscarded
from practice.chain.view import View
from practice.grid.payments import reading
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid import addresses, registry
from tfci.grid.outcomes import outcome
from tfci.grid.payment_ports import (
    ERA,
    BridgeFees,
    CarriedOut,
    ChainBlock,
    Failed,
    OpenAddresses,
    Pay,
    SignedCall,
    StateGone,
    SwapToStellar,
    Sweep,
    TransferKind,
    TransferSeen,
)
from tfci.grid.ports import OutOfFunds, Unavailable
from tfci.grid.reasons import AccountLacksFee

WORDS, RICH = "words of the cashier", "words of somebody"
TERMS = calls.UserAcceptTc("https://example.org", "abc")
SIZE = 140


def account_of(words: str) -> bytes:
    return sha256(words.encode()).digest()


class Till:
    """`view`: as the node shows the chain that answers. Tests make blocks; each is final at once unless `lag` says
    otherwise."""

    def __init__(self, lag: int = 0, kept: int = 256, cashier_holds: int = 1000 * UNIT) -> None:
        state = State.genesis({}, last_twin=100)
        for words, holds in ((WORDS, cashier_holds), (RICH, 1_000_000 * UNIT)):
            state.accounts[account_of(words)] = Account(free=holds)
            state.issuance += holds
        self.chain = Chain(state, 1_800_000_000, kept=kept)
        self.view, self.lag, self.acts = View(self.chain), lag, {}
        self.silent = self.deaf = False  # no answer at all; acts are taken and forgotten
        self.kept = kept  # final blocks of which the node that answers has what the chain held

    def payer(self, words: Secret | str = WORDS) -> "ModelPayer":
        return ModelPayer(self, words if isinstance(words, str) else words.reveal())

    def seal(self, *notices: Notice, count: int = 1) -> None:
        for notice in notices:
            self.chain.notice(notice)
        for _ in range(count):
            self.chain.seal(self.chain.best.at + 6)
            self.chain.finalize_behind(self.lag)

    def pay(self, target: str, amount: int, *others: tuple[str, int]) -> None:
        """From somebody, in one block; several payments by one act."""
        paid = [calls.Transfer(addresses.decode(to), value) for to, value in ((target, amount), *others)]
        self.act(RICH, paid[0] if not others else calls.BatchAll(tuple(paid)))
        self.seal()

    def mint(self, target: str, amount: int, transaction: str) -> None:
        fee = self.chain.state.terms.deposit_fee
        self.seal(Minted(transaction.encode(), addresses.decode(target), amount + fee))

    def act(self, words: str, call: Call) -> Act:
        """Signed by these words, for the next block."""
        account, state = account_of(words), self.chain.state
        nonce = self.chain.next_nonce(account)
        digest = blake2b(repr((account, nonce, call, self.chain.best.hash)).encode(), digest_size=32).digest()
        made = Act(account, nonce, call, digest, self.chain.genesis.hash, state.terms.spec)
        self.chain.submit(made)
        return made

    def holds(self, address: str) -> Tft:
        return Tft(self.chain.state.account(addresses.decode(address)).total)


def plug_in(monkeypatch, payer) -> None:
    """The simulated grid's payers are these: `payer` makes one of the words."""
    kind = replace(registry.KINDS["simulated"], payer=lambda url, secret, policy: payer(secret.reveal()))
    monkeypatch.setitem(registry.KINDS, "simulated", kind)


class ModelPayer:
    def __init__(self, till: Till, words: str) -> None:
        self.till, self.account = till, account_of(words)

    def genesis(self) -> str:
        return _shown(self._node().hash_at(0))

    def final(self) -> ChainBlock:
        return _block(self._node().final)

    def heads(self) -> tuple[ChainBlock, ChainBlock]:
        return self.final(), _block(self._node().best)

    def block_hash(self, number: int) -> str | None:
        found = self._node().hash_at(number)
        return _shown(found) if found else None

    def block(self, number: int) -> ChainBlock | None:
        found = self._node().hash_at(number)
        return _block(self.till.chain.block(found)) if found else None

    def transfers(self, block_hash: str, watched: Collection[str]) -> list[TransferSeen]:
        self._state(block_hash)
        ours = {addresses.decode(address) for address in watched}
        found = reading.transfers(self.till.chain.block(_bytes(block_hash)), ours)
        return [
            TransferSeen(
                each["index"],
                TransferKind.TRANSFER if each["source"] else TransferKind.MINT,
                addresses.encode(_bytes(each["source"])) if each["source"] else "",
                addresses.encode(_bytes(each["target"])),
                Tft(each["amount"]),
                each["stellar_transaction"],
            )
            for each in found
        ]

    def balances(self, of: Sequence[str], block_hash: str) -> dict[str, Tft]:
        state = self._state(block_hash)
        return {address: Tft(state.account(addresses.decode(address)).total) for address in of}

    def twins(self, of: Sequence[str], block_hash: str) -> dict[str, int]:
        known = self._state(block_hash).twin_ids
        return {each: known[addresses.decode(each)] for each in of if addresses.decode(each) in known}

    def bridge_fees(self) -> BridgeFees:
        terms = self.till.chain.state.terms
        return BridgeFees(Tft(terms.deposit_fee), Tft(terms.withdraw_fee))

    def address(self) -> str:
        return addresses.encode(self.account)

    def sub_address(self, index: int) -> str:
        return addresses.sub_address(self.address(), index)

    def fee(self, call: object) -> Tft:
        percent = self.till.chain.state.terms.fee_percent
        return Tft(fees.fee(self._call(call), SIZE, percent))

    def next_nonce(self) -> int:
        self._node()
        return self.till.chain.next_nonce(self.account)

    def sign(self, call: object) -> SignedCall:
        view, chain = self._node(), self.till.chain
        nonce, born = chain.next_nonce(self.account), view.final.number
        about = repr((self.account, nonce, call, born)).encode()
        digest = blake2b(about, digest_size=32).digest()
        checkpoint, spec = chain.hash_at(born), chain.state.terms.spec
        self.till.acts[_shown(digest)] = Act(
            self.account, nonce, self._call(call), digest, checkpoint, spec, Era.at(born, ERA)
        )
        return SignedCall(_shown(about), _shown(digest), nonce, born, born + ERA)

    def send(self, signed: SignedCall) -> None:
        self._node()
        if not self.till.deaf:
            try:
                self.till.chain.submit(self.till.acts[signed.hash])
            except Invalid as invalid:
                if invalid.why == Invalidity.NO_FEE:
                    raise OutOfFunds(AccountLacksFee()) from None

    def outcome(self, signed: SignedCall) -> object:
        final = self._node().final
        used = self._state(_shown(final.hash)).account(self.account).nonce
        return outcome(signed, final.number, used, lambda number: self._in_block(signed, number))

    def _in_block(self, signed: SignedCall, number: int) -> CarriedOut | Failed | None:
        block = self.till.chain.block(self.till.chain.hash_at(number))
        if not (act := reading.ended(block, _bytes(signed.hash))):
            return None
        self._state(_shown(block.hash))
        fee = Tft(act["fee"])
        if act["error"]:
            return Failed(_block(block), fee, act["error"])
        return CarriedOut(_block(block), fee, act["failed_calls"], act["burn_id"])

    def _call(self, call: object) -> Call:
        match call:
            case Pay(target, amount):
                return calls.TransferKeepAlive(addresses.decode(target), int(amount))
            case SwapToStellar(target, amount):
                return calls.SwapToStellar(target.encode(), int(amount))
            case Sweep(amounts):
                return calls.ForceBatch(
                    tuple(
                        calls.AsDerivative(index, calls.TransferKeepAlive(self.account, int(amount)))
                        for index, amount in amounts
                    )
                )
            case OpenAddresses(indexes, amount):
                return calls.ForceBatch(tuple(self._opening(index, int(amount)) for index in indexes))
        raise TypeError(call)

    def _opening(self, index: int, amount: int) -> Call:
        twin = [calls.AsDerivative(index, each) for each in (TERMS, calls.CreateTwin())]
        own = addresses.decode(self.sub_address(index))
        return calls.BatchAll((*twin, calls.TransferKeepAlive(own, amount)))

    def _node(self) -> View:
        if self.till.silent:
            raise Unavailable("the chain is silent")
        return self.till.view

    def _state(self, block_hash: str) -> State:
        final = self._node().final.number
        try:
            if self.till.chain.block(_bytes(block_hash)).number < final - self.till.kept:
                raise StateGone("pruned")
            return self.till.chain.state_at(_bytes(block_hash))
        except (KeyError, StateDiscarded):
            raise StateGone("discarded") from None


def _block(block: object) -> ChainBlock:
    at = datetime.fromtimestamp(block.at, UTC)
    return ChainBlock(block.number, _shown(block.hash), _shown(block.parent), at)


def _shown(value: bytes) -> str:
    return f"0x{value.hex()}"


def _bytes(shown: str) -> bytes:
    return bytes.fromhex(shown.removeprefix("0x"))
