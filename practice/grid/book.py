"""The chain, and what an index makes of its blocks: machines by name, bills by account. Changed by events only, so a
replay gives the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from practice.chain import events, fees
from practice.chain.acts import Act
from practice.chain.addresses import AccountId, named
from practice.chain.blocks import Block
from practice.chain.calls import Call
from practice.chain.contract import Bill
from practice.chain.state import TFT, Account as Funded, Node as ChainNode, State
from practice.chain.tree import Chain
from practice.chain.writing import read
from practice.grid import data, prices
from practice.grid.landscape import Node
from practice.grid.payments import signing

LAST_TWIN = 1000  # of others, before the first of ours
LAST_CONTRACT = 100_000
WALLET, WALLET_HOLDS = "practice wallet", 1_000_000 * TFT  # anybody may pay with it
KEPT = 64  # blocks, with what the chain held after each


class InsufficientFunds(Exception):
    """The account can't pay for what it asks."""


@dataclass
class Account:
    """One twin: its account on the chain, which is its mnemonic's digest, and what it was billed."""

    twin_id: int
    address: AccountId
    bills: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Contract:
    """One machine's two contracts: its own, and its network's that costs nothing."""

    contract_id: int
    network_id: int
    twin_id: int
    name: str
    node_id: int
    created_at: int
    paused: bool = False
    ended_at: int | None = None


class Book:
    chain: Chain

    def __init__(self, nodes: Mapping[int, Node]) -> None:
        self.accounts: dict[int, Account] = {}
        self.contracts: dict[int, Contract] = {}
        self.live: dict[int, Contract] = {}
        self.fixed_musd: int | None = None
        self._nodes = nodes
        self._by_address: dict[AccountId, Account] = {}
        self._latest: dict[tuple[int, str], Contract] = {}
        self._parts: dict[tuple[int, str, str], int] = {}  # contracts that stand, by twin, kind and name
        self._parts_of: dict[int, tuple[int, str, str]] = {}

    def account(self, address: AccountId) -> Account | None:
        return self._by_address.get(address)

    def free(self, account: Account) -> int:
        """TFT in units of 1e-7, less what is reserved for bills."""
        return self.chain.state.account(account.address).free

    def holdings(self, account: Account) -> tuple[int, int]:
        """What the chain looks at for a discount: what the account can spend, and what its stash can."""
        state = self.chain.state
        stash = state.stashes.get(account.twin_id)
        return state.account(account.address).usable, state.account(stash).usable if stash else 0

    def latest(self, twin_id: int, name: str) -> Contract | None:
        """The newest contract of this name, ended or not."""
        return self._latest.get((twin_id, name))

    def standing(self, twin_id: int, name: str) -> Contract | None:
        """The contract of this name that is not ended."""
        found = self.latest(twin_id, name)
        return found if found and found.ended_at is None else None

    def part(self, twin_id: int, kind: str, name: str) -> int | None:
        """The standing contract of this kind for a machine of this name, also where no machine came of it."""
        return self._parts.get((twin_id, kind, name))

    def tft_musd(self, at: int) -> int:
        """As the price feed has it."""
        return self.fixed_musd or prices.tft_musd(at)

    def billed_musd(self, at: int) -> int:
        """As bills go by it: within the chain's bounds."""
        return replace(self.chain.state.terms, average_musd=self.tft_musd(at)).tft_musd

    def afford(self, account: Account, call: Call) -> None:
        """Raises InsufficientFunds where the account can't pay the act's fee."""
        state = self.chain.state
        fee = fees.fee(call, signing.SIZE, state.terms.fee_percent)
        if fee > state.account(account.address).usable:
            raise InsufficientFunds("the account can't pay the fee of an act")

    def apply(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "begun", "at": at, "seed": seed}:
                self.chain = Chain(self._genesis(), at, f"grid {seed} of {at}", kept=KEPT, archive=False)
            case {"event": "price", "tft_musd": musd}:
                self.fixed_musd = musd
            case {"event": "deployed"}:
                self._deployed(event)
            case {"event": "account", "twin_id": twin_id, "digest": digest}:
                opened = Account(twin_id, bytes.fromhex(digest))
                self.accounts[twin_id] = self._by_address[opened.address] = opened
            case {"event": "bill", "twin_id": twin_id}:
                self.accounts[twin_id].bills.append(event)
            case {"event": "paused" | "resumed" as kind, "contract_id": contract_id}:
                self.live[contract_id].paused = kind == "paused"
            case {"event": "ended", "contract_id": contract_id, "at": at}:
                self.live.pop(contract_id).ended_at = at

    def sealed(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """What a block told, as events of ours; it is final at once."""
        for notice in event["notices"]:
            self.chain.notice(read(notice))
        for act in event["acts"]:
            address = bytes.fromhex(act["account"])
            self.chain.submit(self._act(address, read(act["call"])))
        for signed in event.get("signed", ()):
            self.chain.submit(signing.read(signed, self.chain))
        block = self.chain.seal(event["at"])
        self.chain.finalize_behind(0)
        return list(self._acts_of(block, event["cause"]))

    def _act(self, address: AccountId, call: Call) -> Act:
        """As the account would sign it now."""
        state = self.chain.state
        nonce = state.account(address).nonce
        digest = blake2b(repr((address, nonce, call)).encode(), digest_size=32).digest()
        return Act(address, nonce, call, digest, self.chain.genesis.hash, state.terms.spec, size=signing.SIZE)

    def _genesis(self) -> State:
        """Each farm has an account that its nodes' bills are paid to; and somebody has TFT to pay with."""
        nodes = {
            node.node_id: ChainNode(named(f"farm {node.farm.farm_id}"), node.farm.certified)
            for node in self._nodes.values()
        }
        state = State.genesis(nodes, LAST_TWIN, LAST_CONTRACT)
        state.accounts[signing.account_of(WALLET)] = Funded(free=WALLET_HOLDS)
        state.issuance += WALLET_HOLDS
        return state

    def _acts_of(self, block: Block, cause: str) -> Iterator[dict[str, Any]]:
        bills = iter(block.bills)
        for record in block.records:
            match record.event:
                case events.TwinStored(twin_id, address):
                    yield {"event": "account", "at": block.at, "twin_id": twin_id, "digest": address.hex()}
                case events.MintCompleted(_, target, amount):
                    fee = self.chain.state.terms.deposit_fee
                    yield from self._moved("funded", block, target, amount - fee)
                case events.TransactionFeePaid(who, amount):
                    yield from self._moved("fee", block, who, amount)
                case events.ContractCreated(contract):
                    key = (contract.twin_id, *data.read(contract.deployment_data))
                    self._parts[key] = contract.contract_id
                    self._parts_of[contract.contract_id] = key
                case events.ContractBilled() | events.ContractPaymentOverdrawn():
                    yield from self._of(block, "bill", next(bills))
                case events.ContractGracePeriodStarted(contract_id):
                    yield from self._about(block, "paused", contract_id)
                case events.ContractGracePeriodEnded(contract_id):
                    yield from self._about(block, "resumed", contract_id)
                case events.ContractGracePeriodElapsed():
                    cause = "unpaid"
                case events.NodeContractCanceled(contract_id):
                    del self._parts[self._parts_of.pop(contract_id)]
                    yield from self._about(block, "ended", contract_id, cause=cause)

    def _moved(self, kind: str, block: Block, address: AccountId, amount: int) -> Iterator[dict[str, Any]]:
        """Nothing for an account without a twin."""
        if twin_id := self.chain.state.twin_ids.get(address):
            yield {"event": kind, "at": block.at, "twin_id": twin_id, "amount": amount}

    def _of(self, block: Block, kind: str, bill: Bill) -> Iterator[dict[str, Any]]:
        return self._about(
            block,
            kind,
            bill.contract_id,
            seconds=bill.seconds,
            tft_musd=bill.tft_musd,
            discount=bill.discount.title,
            amount=bill.due,
            owed=bill.owed,
            taken=bill.taken,
        )

    def _about(
        self, block: Block, kind: str, contract_id: int, **more: int | str
    ) -> Iterator[dict[str, Any]]:
        """Of a machine's contract; nothing for others."""
        if contract := self.live.get(contract_id):
            yield {
                "event": kind,
                "at": block.at,
                "twin_id": contract.twin_id,
                "contract_id": contract_id,
                "network_id": contract.network_id,
                "name": contract.name,
                **more,
            }

    def _deployed(self, event: dict[str, Any]) -> None:
        contract = Contract(
            **{key: event[key] for key in ("contract_id", "network_id", "twin_id", "name", "node_id")},
            created_at=event["at"],
        )
        self.contracts[contract.contract_id] = self.live[contract.contract_id] = contract
        self._latest[contract.twin_id, contract.name] = contract
