"""What the chain holds after a block."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from practice.chain.addresses import BLOCK_AUTHOR, BRIDGE_FEES, FOUNDATION, STAKING_POOL, AccountId
from practice.chain.contract import Contract

EXISTENTIAL_DEPOSIT = 500  # an account with less is none
TFT = 10_000_000
OWN = (BLOCK_AUTHOR, BRIDGE_FEES, FOUNDATION, STAKING_POOL)


@dataclass(frozen=True, slots=True)
class Account:
    """TFT in units of 1e-7, and how many of its acts stand in blocks."""

    nonce: int = 0
    free: int = 0
    reserved: int = 0
    frozen: int = 0

    @property
    def total(self) -> int:
        return self.free + self.reserved

    @property
    def usable(self) -> int:
        """What can be reserved, or paid without an end of the account."""
        return max(0, self.free - max(EXISTENTIAL_DEPOSIT, self.frozen))


NOBODY = Account()


@dataclass(frozen=True, slots=True)
class Twin:
    twin_id: int
    account: AccountId
    relay: str | None
    pk: bytes | None


@dataclass(frozen=True, slots=True)
class Node:
    """As far as the chain's rules know it."""

    farmer: AccountId
    certified: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What the chain's council and the price feed decide."""

    spec: int = 152
    average_musd: int = 10  # the price of a TFT in 1e-3 USD, as the feed has it
    lowest_musd: int = 1
    highest_musd: int = 1000
    fee_percent: int = 100
    deposit_fee: int = TFT
    withdraw_fee: int = TFT

    @property
    def tft_musd(self) -> int:
        """The price that bills go by."""
        return min(max(self.average_musd, self.lowest_musd), self.highest_musd)


@dataclass
class State:
    """Values never change, the maps do: a copy is as deep as it has to be."""

    nodes: Mapping[int, Node] = field(default_factory=dict)
    terms: Terms = Terms()
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    accepted: dict[AccountId, int] = field(default_factory=dict)  # terms and conditions: how often
    twins: dict[int, Twin] = field(default_factory=dict)
    twin_ids: dict[AccountId, int] = field(default_factory=dict)
    stashes: dict[int, AccountId] = field(default_factory=dict)
    contracts: dict[int, Contract] = field(default_factory=dict)
    by_hash: dict[tuple[int, bytes], int] = field(default_factory=dict)
    mints: frozenset[bytes] = frozenset()
    payments_lost: frozenset[int] = frozenset()
    last_twin: int = 0
    last_contract: int = 0
    last_burn: int = 0
    issuance: int = 0
    _due: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def genesis(cls, nodes: Mapping[int, Node], last_twin: int = 0, last_contract: int = 0) -> "State":
        """Only the chain's own accounts are there."""
        state = cls(nodes=nodes, last_twin=last_twin, last_contract=last_contract)
        state.accounts = {account: Account(free=TFT) for account in OWN}
        state.issuance = TFT * len(OWN)
        return state

    def copy(self) -> "State":
        return replace(
            self,
            accounts=dict(self.accounts),
            accepted=dict(self.accepted),
            twins=dict(self.twins),
            twin_ids=dict(self.twin_ids),
            stashes=dict(self.stashes),
            contracts=dict(self.contracts),
            by_hash=dict(self.by_hash),
            _due=list(self._due),
        )

    def account(self, who: AccountId) -> Account:
        return self.accounts.get(who, NOBODY)

    def put(self, contract: Contract) -> None:
        """Keep a contract as it is now, and its turn to be billed."""
        before = self.contracts.get(contract.contract_id)
        self.contracts[contract.contract_id] = contract
        if contract.used and (
            before is None or (before.used, before.due_at) != (contract.used, contract.due_at)
        ):
            heapq.heappush(self._due, (contract.due_at, contract.contract_id))

    def remove(self, contract: Contract) -> None:
        del self.contracts[contract.contract_id]
        del self.by_hash[contract.node_id, contract.deployment_hash]

    def next_due(self) -> int | None:
        """The second in which the next contract is to be billed."""
        while self._due:
            at, contract_id = self._due[0]
            contract = self.contracts.get(contract_id)
            if contract and contract.due_at == at and contract_id not in self.payments_lost:
                return at
            heapq.heappop(self._due)
        return None

    def pop_due(self, now: int) -> Contract | None:
        """A contract whose turn has come."""
        at = self.next_due()
        if at is None or at > now:
            return None
        return self.contracts[heapq.heappop(self._due)[1]]
