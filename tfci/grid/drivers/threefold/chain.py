"""ThreeFold's chain, over a node's websocket: one account's contracts and balance, prices, time, and cancels.

Names of storage and calls are threefoldtech/tfchain's (pallets smart-contract, tfgrid and tft-price); their shapes
come from the node's own metadata, so a new runtime needs no new release of ours.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar

from substrateinterface import Keypair, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid.addresses import PREFIX
from tfci.grid.drivers.threefold.connection import (
    AT_ONCE,
    NodeConnection,
    block_time,
    read,
    read_many,
)
from tfci.grid.drivers.threefold.signed_acts import (
    Calls,
    SignedAct,
    number_taken,
    send,
    send_again,
    sign,
    unsettled,
)
from tfci.grid.ports import GridError, Holdings, Prices, Unavailable
from tfci.grid.reasons import AccountUnknown

INCLUDED = 60.0  # seconds until an act of ours stands in a block; one takes 6
SETTLED = 30.0  # seconds that a program's act may wait for its block
POLL = 0.5  # seconds
NONCES = 3  # tries, where another program used the number first
POLICY = 1  # the pricing policy of farms
EXISTENTIAL_DEPOSIT = 500  # 1e-7 TFT that an account keeps
T = TypeVar("T")


def addresses(network: str, url: str = "") -> Sequence[str]:
    """The nodes of a network that its own programs call (grid-client/deployer/stacks.go); the one at `url`, which
    serves the proxy too, where that is another."""
    if url:
        return [f"ws{url.removeprefix('http')}/ws"]
    name = "" if network == "main" else f"{network}."
    return [f"wss://tfchain.{name}grid.tf/ws", f"wss://tfchain.02.{name}grid.tf/ws"]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that stands on the chain. `data` is what its deployer wrote beside it; `paused`: out of funds."""

    contract_id: int
    twin_id: int
    node_id: int
    data: Mapping[str, Any]
    paused: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The time of the block in which contracts ended, and those that the chain kept."""

    at: datetime
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Of one account; what AccountFacts says, but for its owner, whom the chain does not know."""

    address: str
    twin_id: int | None
    accepted_terms: bool
    signing: bool
    holdings: Holdings


class ChainNode(NodeConnection):
    """One account's view of the chain, by the first of these nodes that answers."""

    def __init__(self, urls: Sequence[str], mnemonic: Secret) -> None:
        super().__init__(urls)
        self._mnemonic = mnemonic

    @cached_property
    def _key(self) -> Keypair:
        return key_pair(self._mnemonic)

    @property
    def account(self) -> bytes:
        return self._key.public_key

    @contextmanager
    def _session(self) -> Iterator[SubstrateInterface]:
        self._key  # noqa: B018 (wrong words are no fault of the chain)
        with self.session() as node:
            yield node

    def twin_id(self) -> int:
        """Raises GridError where the account has none."""
        with self._session() as node:
            twin = read(node, "TfgridModule", "TwinIdByAccountID", self._key.ss58_address)
        if not twin:
            raise GridError(AccountUnknown())
        return twin

    def now(self) -> datetime:
        with self._session() as node:
            return block_time(node)

    def balance(self) -> Tft:
        """What is free, less what is held back."""
        with self._session() as node:
            return _spendable(node, self._key.ss58_address)

    def holdings(self, twin_id: int) -> Holdings:
        with self._session() as node:
            return _holdings(node, self._key.ss58_address, twin_id)

    def facts(self) -> ChainFacts:
        """What the chain has of the account, whether it knows it or not."""
        with self._session() as node:
            address = self._key.ss58_address
            twin_id = read(node, "TfgridModule", "TwinIdByAccountID", address) or None
            head = node.get_chain_finalised_head()
            final = node.query("System", "Account", [address], block_hash=head).value
            return ChainFacts(
                address,
                twin_id,
                accepted_terms=bool(read(node, "TfgridModule", "UsersTermsAndConditions", address)),
                signing=final["nonce"] != self._next_nonce(node),
                holdings=_holdings(node, address, twin_id),
            )

    def prices(self) -> Prices:
        with self._session() as node:
            policy = read(node, "TfgridModule", "PricingPolicies", POLICY)
            return Prices(policy["cu"]["value"], policy["su"]["value"], _tft_musd(node), block_time(node))

    def newest(self) -> int:
        """The number of the contract that was made last, anybody's."""
        with self._session() as node:
            return read(node, "SmartContractModule", "ContractID")

    def contracts(self, numbers: Iterable[int]) -> list[Contract]:
        """Those of these that stand, for deployments on a node."""
        with self._session() as node:
            return _contracts(node, sorted(set(numbers)))

    def settle(self) -> None:
        """Wait until nothing of this account waits for a block: what was sent is done by then, or never will be."""
        _until(self._settled, SETTLED, "The chain did not take up what this account had sent")

    def _settled(self) -> bool:
        with self._session() as node:
            return self._next_nonce(node) == self._included_count(node)

    def cancel(self, numbers: Iterable[int]) -> Cancelled:
        """Each of these by itself: one that the chain does not cancel holds no other back."""
        at: datetime | None = None
        left: list[int] = []
        for some in _parts(sorted(set(numbers)), AT_ONCE):
            calls = [("SmartContractModule", "cancel_contract", {"contract_id": number}) for number in some]
            included = partial(self._included, self._submit(calls), some)
            block = present(_until(included, INCLUDED, "The chain took no notice of a cancel"))
            at, left = block.at, [*left, *block.left]
        return Cancelled(at or self.now(), tuple(left))

    def _included(self, nonce: int, numbers: Sequence[int]) -> Cancelled | None:
        """The result in the first block that has our act; None before that."""
        with self._session() as node:
            if self._included_count(node) <= nonce:
                return None
            return Cancelled(block_time(node), tuple(c.contract_id for c in _contracts(node, numbers)))

    def _submit(self, calls: Calls) -> int:
        """All in one act; returns its number. Where another program used that first, the next one is taken. Where an
        act of ours may still do this, it is that one, and nothing is signed anew."""
        waiting = self._unsettled()
        for tries in range(1, NONCES + 1):
            with self._session() as node:
                done = self._included_count(node)
                for act in waiting:
                    if act.nonce >= done:
                        send_again(node, act)
                if known := next((act for act in waiting if act.calls == calls), None):
                    return known.nonce
                act = sign(node, self._key, calls, self._next_nonce(node))
                unsettled[self.account].append(act)  # before it is sent: its answer may be lost
                try:
                    send(node, act)
                except SubstrateRequestException as error:
                    unsettled[self.account].remove(act)  # nobody has it
                    if tries == NONCES or not number_taken(error):
                        raise
                else:
                    return act.nonce
        raise AssertionError("the last try returns or raises")

    def _unsettled(self) -> list[SignedAct]:
        """Acts of ours whose number is free in the finalized state, and whose era is not over there."""
        if acts := unsettled[self.account]:
            with self._session() as node:
                head = node.get_chain_finalised_head()
                number = node.get_block_number(head)
                account = node.query("System", "Account", [self._key.ss58_address], block_hash=head).value
            acts[:] = [act for act in acts if act.nonce >= account["nonce"] and number < act.dies_at]
        return list(acts)

    def _next_nonce(self, node: SubstrateInterface) -> int:
        """The number of our next act, with those counted that wait for a block."""
        return node.rpc_request("system_accountNextIndex", [self._key.ss58_address])["result"]

    def _included_count(self, node: SubstrateInterface) -> int:
        """How many of our acts stand in blocks."""
        return read(node, "System", "Account", self._key.ss58_address)["nonce"]


def key_pair(mnemonic: Secret) -> Keypair:
    """Raises GridError, without the library's message, which would show the mnemonic."""
    try:
        return Keypair.create_from_mnemonic(mnemonic.reveal().strip(), ss58_format=PREFIX)
    except ValueError:
        raise GridError(AccountUnknown()) from None


def _holdings(node: SubstrateInterface, address: str, twin_id: int | None) -> Holdings:
    stash = read(node, "TfgridModule", "TwinBoundedAccountID", twin_id) if twin_id else None
    return Holdings(
        _spendable(node, address, keeps=EXISTENTIAL_DEPOSIT),
        _spendable(node, stash, keeps=EXISTENTIAL_DEPOSIT) if stash else Tft(),
        Tft(read(node, "System", "Account", address)["data"]["reserved"]),
        block_time(node),
    )


def _spendable(node: SubstrateInterface, address: str, keeps: int = 0) -> Tft:
    """What is free of an account, less what is held back and the least that it has to keep."""
    account = read(node, "System", "Account", address)["data"]
    frozen = account.get("frozen", account.get("misc_frozen", 0))
    return Tft(max(0, account["free"] - max(frozen, keeps)))


def _tft_musd(node: SubstrateInterface) -> int:
    items = ("AverageTftPrice", "MinTftPrice", "MaxTftPrice")
    return billed_musd(*(read(node, "TFTPriceModule", item) or 0 for item in items))


def billed_musd(average: int, lowest: int, highest: int) -> int:
    """The price of a TFT that bills go by: the average, within the bounds that the chain's council has set (cost.rs).
    Raises Unavailable where there is none."""
    price = min(max(average, lowest), highest)
    if price < 1:
        raise Unavailable("The chain has no price of a TFT.")
    return price


def _contracts(node: SubstrateInterface, numbers: Sequence[int]) -> list[Contract]:
    keys = [number.to_bytes(8, "little") for number in numbers]
    found = read_many(node, "SmartContractModule", "Contracts", 0, keys)
    return [contract for _, value in found if (contract := _contract(value))]


def _contract(contract: Mapping[str, Any]) -> Contract | None:
    """None for one that is deleted and not yet cleared away, and for what is no deployment on a node."""
    kind, state = contract["contract_type"], contract["state"]
    if "NodeContract" not in kind or "Deleted" in state:
        return None
    node = kind["NodeContract"]
    return Contract(
        contract["contract_id"],
        contract["twin_id"],
        node["node_id"],
        data(node["deployment_data"]),
        "GracePeriod" in state,
    )


def data(text: str | bytes) -> Mapping[str, Any]:
    """What a deployer writes beside a contract: {"type", "name", "projectName", …}; {} where it is no such thing."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _parts(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def _until(done: Callable[[], T], seconds: float, message: str) -> T:
    end = time.monotonic() + seconds
    while not (answer := done()):
        if time.monotonic() > end:
            raise Unavailable(f"{message} in {seconds:.0f} seconds.")
        time.sleep(POLL)
    return answer
