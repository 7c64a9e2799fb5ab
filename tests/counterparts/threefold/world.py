"""What is around the chain of the stub grid: people with keys, time, nodes that run deployments, an indexer, faults."""

import copy
import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from substrateinterface import Keypair

from practice.chain import calls, events, notices
from practice.chain.acts import Act
from practice.chain.addresses import named
from practice.chain.errors import Invalid
from practice.chain.state import TFT, Node, State
from practice.chain.tree import Chain
from practice.chain.view import View
from tests.counterparts.gridproxy import landscape
from tests.counterparts.threefold.indexer import Indexer

LEAST = 2 * TFT  # the programs want it
MIB, GIB = 2**20, 2**30
TERMS = calls.UserAcceptTc("https://library.threefold.me/info/legal", "abc")
STRANGERS = json.dumps({"version": 3, "type": "vm", "name": "theirs", "projectName": "vm/theirs"})
FIRST_TWIN, FIRST_CONTRACT = 100, 1000  # a stranger's


class Refused(Exception):
    """Something is not done; `code` is the chain's RPC's where that says so."""

    def __init__(self, code, data):
        super().__init__("Priority is too low: (18 vs 18)" if code == 1014 else data)
        self.code, self.data = code, data


@dataclass
class Person:
    """Who signs with these words."""

    words: str
    key: Keypair
    verified: bool = True

    @property
    def address(self):
        return self.key.public_key


@dataclass
class Deployed:
    """What a node runs for a contract. `size`: processors, MiB and GiB; None for a network."""

    size: tuple | None
    environment: dict


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
    behind: int = 0  # blocks that the node has not heard of
    unfinal: int = 0  # final blocks that it does not know to be final
    genesis: bytes | None = None  # what it says the chain began with
    lost_acts: int = 0  # how many acts it takes and forgets


class World:
    """`block`: seconds between two blocks; 0: each act makes one at once. `lag`: of finality, in blocks."""

    def __init__(self, count=60, block=0.0, lag=0):
        self.lock, self.block, self.lag = threading.RLock(), block, lag
        self.farms, self.nodes = landscape.of(count, 13)
        for node in self.nodes:
            node.update(status="up", healthy=True, rented=False, dedicated=False, inDedicatedFarm=False)
            node.update(features=landscape.LIGHT)
        nodes = {
            node["nodeId"]: Node(named(f"farm {node['farmId']}"), node["certificationType"] == "Certified")
            for node in self.nodes
        }
        state = State.genesis(nodes, FIRST_TWIN - 1, FIRST_CONTRACT - 1)
        self.people, self.deployed, self.offset, self.frozen = {}, {}, 0.0, None
        self.chain, self.indexer, self.faults = Chain(state, int(self._clock())), Indexer(), Faults()
        self.sent = []  # acts that came by RPC, for tests to look at
        self.bytes_of = {}  # by their hash
        self.open()
        (stranger,) = self.people.values()
        theirs = calls.CreateNodeContract(1, b"0" * 32, STRANGERS)
        self.notice(notices.DispatchedAs(stranger.address, theirs))

    def _clock(self):
        return time.time() + self.offset

    def open(self, tft=1000, verified=True):
        """A new account with a twin; its words."""
        words = Keypair.generate_mnemonic()
        key = Keypair.create_from_mnemonic(words, ss58_format=42)
        person = Person(words, key, verified)
        with self.lock:
            self.people[key.public_key] = person
            payment = f"for {key.ss58_address}".encode()
            self.notice(
                notices.Minted(payment, key.public_key, tft * TFT + self.state.terms.deposit_fee),
                notices.DispatchedAs(key.public_key, TERMS),
                notices.DispatchedAs(key.public_key, calls.CreateTwin()),
            )
        return words

    def of_words(self, words):
        return next((person for person in self.people.values() if person.words == words), None)

    # Blocks and acts

    @property
    def state(self):
        return self.chain.state

    @property
    def view(self):
        """The chain as the node shows it that answers here."""
        return View(self.chain, self.faults.behind, self.faults.unfinal, self.faults.genesis)

    def account(self, person):
        return self.state.account(person.address)

    def twin_id(self, person):
        return self.state.twin_ids[person.address]

    def tick(self):
        """Seal a block where one is due."""
        with self.lock:
            if self._clock() - self.chain.best.at >= (self.block or 1):
                self.seal()

    def seal(self):
        """A block of what waits, and before it those in which bills are due."""
        now = int(self._clock())
        while (due := self.state.next_due()) is not None and due <= now:
            self._block(due)
        self._block(now)

    def _block(self, at):
        block = self.chain.seal(at)
        self.chain.finalize_behind(self.lag)
        self.indexer.follow(self.chain)
        if any(isinstance(record.event, events.NodeContractCanceled) for record in block.records):
            self._hush()

    def notice(self, *told):
        """In the next block, which is now."""
        with self.lock:
            for each in told:
                self.chain.notice(each)
            self.seal()

    def submit(self, act):
        """Into the pool. Raises Invalid as the chain does."""
        with self.lock:
            self.sent.append(act)
            if self.faults.lost_acts:
                self.faults.lost_acts -= 1
                return
            if self.faults.stolen_numbers:
                self.faults.stolen_numbers -= 1
                self.chain.submit(self._signed(act.signer, calls.RemarkWithEvent(b"faster")))
                self.seal()
            self.chain.submit(act)
            if self.block == 0:
                self.seal()

    def act(self, person, call):
        """As a program acts: with the number of the newest block, waiting until its own is there. Returns what that
        tells of it; raises Refused where it fails."""
        act = self._signed(person.address, call)
        begun = self.chain.best.number
        try:
            self.submit(act)
        except Invalid as invalid:
            raise Refused(1010, invalid.why.value) from None
        while (told := self._told(act, begun)) is None:
            time.sleep(self.block / 10)
            self.tick()
        for event in told:
            match event:
                case events.ExtrinsicFailed(error) | events.BatchInterrupted(_, error):
                    raise Refused(0, error.name)
        return told

    def _signed(self, address, call):
        """Immortal, as ThreeFold's programs sign."""
        nonce, spec = self.state.account(address).nonce, self.state.terms.spec
        return Act(address, nonce, call, os.urandom(32), self.chain.genesis.hash, spec)

    def _told(self, act, since):
        with self.lock:
            for block in self.chain.since(since):
                if act in block.acts:
                    place = block.acts.index(act)
                    return [record.event for record in block.records if record.act == place]
            return None

    def _hush(self):
        """After an act: whoever did it hears nothing."""
        self.faults.silent = self.faults.silent or self.faults.hush

    # Nodes

    def deploy(self, number, size, environment):
        """A node takes what a contract is for. Returns its address; raises Refused with what the node says."""
        with self.lock:
            node_id = self.state.contracts[number].node_id
            if node_id in self.faults.refusing:
                raise Refused(0, self.faults.refusing[node_id])
            if size and size[1] * MIB > self.free_memory(node_id):
                raise Refused(0, "failed to provision: cannot fulfil required memory size")
            self.deployed[number] = Deployed(size and tuple(size), environment)
            if size:
                used = notices.Resources(size[0], size[1] * MIB, size[2] * GIB)
                self.notice(notices.ReportResources(number, used))
                self._hush()
            return f"5{number:02x}:{node_id:x}::ff0f:1"

    def living(self, node_id=None):
        """Contracts that stand, of this node or of all."""
        return [c for c in self.state.contracts.values() if node_id in (None, c.node_id)]

    def standing(self, beginning=""):
        """The numbers of contracts for deployments whose names begin so."""
        return [c.contract_id for c in self.living() if name_of(c.deployment_data).startswith(beginning)]

    def sizes(self, node_id=None):
        """What each machine takes of its node: (node, size)."""
        placed = [(c.node_id, self.deployed.get(c.contract_id)) for c in self.living(node_id)]
        return [(node, deployed.size) for node, deployed in placed if deployed and deployed.size]

    def free_memory(self, node_id):
        node = next(node for node in self.nodes if node["nodeId"] == node_id)
        taken = sum(size[1] * MIB for _, size in self.sizes(node_id))
        return node["total_resources"]["mru"] - node["used_resources"]["mru"] - taken

    # What tests do

    def pass_time(self, seconds):
        with self.lock:
            self.offset += seconds
            self.seal()

    def indexed(self):
        """Contracts as far as the proxy has read them."""
        return self.indexer.contracts if self.frozen is None else self.frozen

    @contextmanager
    def behind(self):
        """The proxy reads nothing more."""
        self.frozen = copy.deepcopy(self.indexer.contracts)
        try:
            yield
        finally:
            self.frozen = None

    @contextmanager
    def with_faults(self, **faults):
        for name, value in faults.items():
            setattr(self.faults, name, value)
        self._keep(faults.get("no_cancel"))
        try:
            yield
        finally:
            self.faults = Faults()
            self._keep(faults.get("no_cancel") and ())

    def _keep(self, numbers):
        if numbers is not None:
            self.notice(notices.PaymentsLost(frozenset(numbers)))


def name_of(data):
    return json.loads(data)["name"]
