"""What the chain holds: accounts, contracts, bills. Changed by events only, so a replay gives the same."""

import heapq
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from practice.grid import prices

FIRST_TWIN = 1001
FIRST_CONTRACT = 100_001
BLOCK = 6  # seconds
CYCLE = 600  # blocks from one bill of a contract to its next


@dataclass
class Account:
    """One twin and its TFT, in units of 1e-7."""

    twin_id: int
    digest: str
    free: int = 0
    bills: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Contract:
    """One machine on the chain: its VM contract, and the network contract that costs nothing."""

    contract_id: int
    network_id: int
    twin_id: int
    name: str
    node_id: int
    cpu: int
    memory: int  # MiB
    disk: int  # GiB
    certified: bool
    created_at: int
    billed_until: int
    owed: int = 0
    paused_at: int | None = None
    ended_at: int | None = None

    @property
    def usd_per_hour(self) -> Fraction:
        return prices.usd_per_hour(self.cpu, Fraction(self.memory, 1024), Fraction(self.disk), self.certified)

    @property
    def due_at(self) -> int:
        """When the chain bills it next: the cycle starts at a block that its id decides."""
        cycle = CYCLE * BLOCK
        start = self.contract_id % CYCLE * BLOCK
        return self.billed_until + 1 + (start - self.billed_until - 1) % cycle


class Book:
    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.contracts: dict[int, Contract] = {}
        self.live: dict[int, Contract] = {}
        self.fixed_musd: int | None = None
        self._by_digest: dict[str, Account] = {}
        self._latest: dict[tuple[int, str], Contract] = {}
        self._due: list[tuple[int, int]] = []

    def account(self, digest: str) -> Account | None:
        """The account whose mnemonic has this digest."""
        return self._by_digest.get(digest)

    def latest(self, twin_id: int, name: str) -> Contract | None:
        """The newest contract of this name, ended or not."""
        return self._latest.get((twin_id, name))

    def standing(self, twin_id: int, name: str) -> Contract | None:
        """The contract of this name that is not ended."""
        found = self.latest(twin_id, name)
        return found if found and found.ended_at is None else None

    def next_twin(self) -> int:
        return FIRST_TWIN + len(self.accounts)

    def next_contract(self) -> int:
        """The next network contract's id; its VM contract has the one after it."""
        return FIRST_CONTRACT + 2 * len(self.contracts)

    def tft_musd(self, at: int) -> int:
        return self.fixed_musd or prices.tft_musd(at)

    def due(self, now: int) -> Contract | None:
        """The contract that is to be billed first, if that is not after now."""
        while self._due and self._due[0][0] <= now:
            at, contract_id = self._due[0]
            contract = self.live.get(contract_id)
            if contract and contract.due_at == at:
                return contract
            heapq.heappop(self._due)
        return None

    def apply(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "account", "twin_id": twin_id, "digest": digest}:
                self.accounts[twin_id] = self._by_digest[digest] = Account(twin_id, digest)
            case {"event": "funded", "twin_id": twin_id, "amount": amount}:
                self.accounts[twin_id].free += amount
            case {"event": "fee", "twin_id": twin_id, "amount": amount}:
                self.accounts[twin_id].free -= amount
            case {"event": "price", "tft_musd": musd}:
                self.fixed_musd = musd
            case {"event": "deployed"}:
                self._deployed(event)
            case {"event": "bill"}:
                self._billed(event)
            case {"event": "paused", "contract_id": contract_id, "at": at}:
                self.live[contract_id].paused_at = at
            case {"event": "resumed", "contract_id": contract_id}:
                self.live[contract_id].paused_at = None
            case {"event": "ended", "contract_id": contract_id, "at": at}:
                self.live.pop(contract_id).ended_at = at

    def _deployed(self, event: dict[str, Any]) -> None:
        contract = Contract(
            **{key: event[key] for key in ("contract_id", "network_id", "twin_id", "name", "node_id")},
            **{key: event[key] for key in ("cpu", "memory", "disk", "certified")},
            created_at=event["at"],
            billed_until=event["at"],
        )
        self.contracts[contract.contract_id] = self.live[contract.contract_id] = contract
        self._latest[contract.twin_id, contract.name] = contract
        heapq.heappush(self._due, (contract.due_at, contract.contract_id))

    def _billed(self, event: dict[str, Any]) -> None:
        account, contract = self.accounts[event["twin_id"]], self.live[event["contract_id"]]
        account.free -= event["taken"]
        account.bills.append(event)
        contract.owed += event["amount"] - event["taken"]
        contract.billed_until = event["at"]
        heapq.heappush(self._due, (contract.due_at, contract.contract_id))
