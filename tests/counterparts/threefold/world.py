"""Accounts, blocks, contracts, nodes and bills: what the chain and the nodes of the stub grid know."""

import copy
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from substrateinterface import Keypair

from tests.counterparts.gridproxy import landscape

TFT = 10_000_000
FEE = 10_000  # 0.001 TFT an act
LEAST = 2 * TFT  # the programs want it
GIB = 2**30
CU, SU = 100_000, 50_000  # 1e-7 USD an hour, policy 1 of the main network
HOUR = 3600
NO_ACT = {1010: "Invalid Transaction", 1014: "Priority is too low: (18 vs 18)"}
STRANGERS = json.dumps({"version": 3, "type": "vm", "name": "theirs", "projectName": "vm/theirs"})


class Refused(Exception):
    """The chain does not take an act; `code` is its RPC's."""

    def __init__(self, code, data):
        super().__init__(NO_ACT.get(code, data))
        self.code, self.data = code, data


@dataclass
class Account:
    words: str
    key: Keypair
    twin_id: int
    free: int
    nonce: int = 0
    verified: bool = True


@dataclass
class Contract:
    """`size`: processors, MiB and GiB, once its node has told the chain of them."""

    contract_id: int
    twin_id: int
    node_id: int
    data: str
    hash: str
    created: int
    state: str = "Created"
    size: tuple | None = None
    ended: int | None = None
    bills: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)

    @property
    def stands(self):
        return self.ended is None

    @property
    def told(self):
        return json.loads(self.data)


@dataclass
class Faults:
    """What goes wrong now; tests set it."""

    silent: bool = False
    hush: bool = False  # silent as soon as an act was done
    refusing: dict = field(default_factory=dict)  # node -> what it says
    hanging: set = field(default_factory=set)  # nodes that never answer
    unreachable: set = field(default_factory=set)  # nodes that no message reaches
    not_described: bool = False  # a machine is deployed, and its node does not tell of it
    no_cancel: set = field(default_factory=set)  # contracts that the chain keeps
    stolen_numbers: int = 0  # how many acts meet another program's that was faster
    dies_after_network: bool = False  # a program ends without a word between a network and its machine


class World:
    """`block`: seconds between two blocks; 0: each act makes one at once."""

    def __init__(self, count=60, block=0.0):
        self.lock, self.faults, self.block = threading.RLock(), Faults(), block
        self.farms, self.nodes = landscape.of(count, 13)
        for node in self.nodes:
            node.update(status="up", healthy=True, rented=False, dedicated=False, inDedicatedFarm=False)
            node.update(features=landscape.LIGHT)
        self.accounts, self.contracts, self.pool, self.offset = {}, {}, [], 0.0
        self.tft_musd, self.last, self.frozen = 10, 1000, None
        self.blocks = [int(self._clock() * 1000)]
        self.contracts[self.last] = Contract(self.last, 7, 1, STRANGERS, "0" * 32, self.now)  # a stranger's

    def _clock(self):
        return time.time() + self.offset

    def open(self, tft=1000, verified=True):
        """A new account; its words."""
        words = Keypair.generate_mnemonic()
        key = Keypair.create_from_mnemonic(words, ss58_format=42)
        with self.lock:
            self.accounts[key.public_key] = Account(
                words, key, 100 + len(self.accounts), tft * TFT, verified=verified
            )
        return words

    def of_words(self, words):
        return next((account for account in self.accounts.values() if account.words == words), None)

    # Blocks and acts

    @property
    def now(self):
        """Seconds, of the newest block."""
        return self.blocks[-1] // 1000

    def tick(self):
        """Seal a block where one is due."""
        with self.lock:
            if self._clock() * 1000 - self.blocks[-1] >= (self.block or 1) * 1000:
                self._seal()

    def _seal(self):
        self.blocks.append(max(self.blocks[-1], int(self._clock() * 1000)))
        for act in self.pool:
            act["answer"] = self._carry_out(act)
        self.pool = []
        self._bill()

    def _carry_out(self, act):
        act["account"].nonce += 1
        act["account"].free -= FEE
        try:
            return act["do"]()
        except Refused as refused:
            return refused

    def next_number(self, account):
        return account.nonce + sum(act["account"] is account for act in self.pool)

    def submit(self, account, nonce, do):
        """Into the pool. Raises Refused as the node's RPC does."""
        with self.lock:
            if self.faults.stolen_numbers:
                self.faults.stolen_numbers -= 1
                account.nonce += 1
            if nonce < account.nonce:
                raise Refused(1010, "Transaction is outdated")
            if any(act["account"] is account and act["nonce"] == nonce for act in self.pool):
                raise Refused(
                    1014,
                    "The transaction has too low priority to replace another transaction already in the pool.",
                )
            act = {"account": account, "nonce": nonce, "do": do}
            self.pool.append(act)
            if self.block == 0:
                self._seal()
            return act

    def act(self, account, do):
        """As a program acts: with the number of the newest block, waiting until its own is there."""
        act = self.submit(account, account.nonce, do)
        while "answer" not in act:
            time.sleep(self.block / 10)
            self.tick()
        if isinstance(act["answer"], Refused):
            raise act["answer"]
        return act["answer"]

    # Contracts

    def create(self, account, node_id, data, digest):
        with self.lock:
            if not any(node["nodeId"] == node_id for node in self.nodes):
                raise Refused(0, "NodeNotExists")
            self.last += 1
            self.contracts[self.last] = Contract(self.last, account.twin_id, node_id, data, digest, self.now)
            return self.last

    def cancel(self, account, number):
        with self.lock:
            contract = self.contracts.get(number)
            if contract is None or not contract.stands:
                raise Refused(0, "ContractNotExists")
            if contract.twin_id != account.twin_id:
                raise Refused(0, "TwinNotAuthorizedToCancelContract")
            if number in self.faults.no_cancel:
                raise Refused(0, "ContractPaymentStateNotExists")
            self._charge(contract, self.now)
            contract.ended = self.now
            self.hush()

    def hush(self):
        """After an act: whoever did it hears nothing."""
        self.faults.silent = self.faults.silent or self.faults.hush

    def deploy(self, number, size, environment):
        """A node takes what a contract is for. Returns its address; raises Refused with what the node says."""
        with self.lock:
            contract = self.contracts[number]
            if contract.node_id in self.faults.refusing:
                raise Refused(0, self.faults.refusing[contract.node_id])
            if size and size[1] * 2**20 > self.free_memory(contract.node_id):
                raise Refused(0, "failed to provision: cannot fulfil required memory size")
            contract.size, contract.environment = size and tuple(size), environment
            if size:
                self.hush()
            return f"5{number:02x}:{contract.node_id:x}::ff0f:1"

    def living(self, node_id=None):
        return [c for c in self.contracts.values() if c.stands and node_id in (None, c.node_id)]

    def free_memory(self, node_id):
        node = next(node for node in self.nodes if node["nodeId"] == node_id)
        taken = sum(c.size[1] * 2**20 for c in self.living(node_id) if c.size)
        return node["total_resources"]["mru"] - node["used_resources"]["mru"] - taken

    # Money

    def pass_time(self, seconds):
        with self.lock:
            self.offset += seconds
            self._seal()

    def _bill(self):
        """Each contract once in each hour of its own."""
        for contract in self.living():
            while contract.size and self._billed_to(contract) + HOUR <= self.now:
                self._charge(contract, self._billed_to(contract) + HOUR)

    def _billed_to(self, contract):
        return contract.bills[-1]["timestamp"] if contract.bills else contract.created

    def _charge(self, contract, until):
        seconds = until - self._billed_to(contract)
        if not contract.size:
            return
        amount = round(self._an_hour(contract) * seconds / HOUR)
        account = next(a for a in self.accounts.values() if a.twin_id == contract.twin_id)
        account.free -= amount
        contract.bills.append({"amountBilled": amount, "discountReceived": "None", "timestamp": until})

    def _an_hour(self, contract):
        """1e-7 TFT (pallet-smart-contract/src/cost.rs)."""
        cru, mru, sru = contract.size[0], contract.size[1] / 1024, contract.size[2]
        cu = min(max(mru / 4, cru / 2), max(mru / 8, cru), max(mru / 2, cru / 4))
        node = next(node for node in self.nodes if node["nodeId"] == contract.node_id)
        usd = (cu * CU + sru / 200 * SU) * (1.25 if node["certificationType"] == "Certified" else 1)
        return usd * 1000 / self.tft_musd

    # What the proxy has read

    def indexed(self):
        return self.contracts if self.frozen is None else self.frozen

    @contextmanager
    def behind(self):
        """The proxy reads nothing more."""
        self.frozen = copy.deepcopy(self.contracts)
        try:
            yield
        finally:
            self.frozen = None

    @contextmanager
    def mischief(self, **faults):
        for name, value in faults.items():
            setattr(self.faults, name, value)
        try:
            yield
        finally:
            self.faults = Faults()
