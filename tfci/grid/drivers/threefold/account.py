"""The ThreeFold Grid: one account's VMs (Deployer) and its money (Chain), by its programs, chain and proxy.

VMs are deployed by ThreeFold's programs and cancelled straight at the chain. What stands is the chain's word
alone: the proxy says which contracts to ask it for, and those that the proxy has not read yet are asked for by number.
So a VM is found however late the proxy is, and one that was refused has left nothing.
"""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from tfci.core.http_client import Policy
from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid.drivers.threefold import chain, programs, proxy, tfrobot
from tfci.grid.drivers.threefold.chain import ChainNode, Contract
from tfci.grid.drivers.threefold.index import LONGEST, Index, Indexed
from tfci.grid.drivers.threefold.tfcmd import Tfcmd
from tfci.grid.drivers.threefold.tfrobot import Tfrobot
from tfci.grid.ports import (
    Bill,
    Deployment,
    GridError,
    Order,
    OutOfFunds,
    Prices,
    Refusal,
    Removed,
    Unavailable,
    Within,
)
from tfci.grid.reasons import AccountBelowMinimum, DeploymentVanished

TURN = 120.0  # seconds after which a turn begins no further VM, so that the account's cancels get theirs
LEAST = Tft(2 * UNIT)  # what the programs want in the account before they do anything
BEHIND = 5_000  # contracts, of all of the grid, that the proxy may not have read yet
OVERLAP = 20  # of those that it has are asked for too: it may write a block's contracts one by one
NETWORK = re.compile(r"_?network$")  # what the programs append to a VM's name, for its network
Said = dict[str, Mapping[str, str] | Refusal]  # what a program made of each: its addresses, or why not
_turns: defaultdict[bytes, threading.RLock] = defaultdict(threading.RLock)


@dataclass(frozen=True, slots=True)
class ThreefoldOptions:
    """What the operator sets: where ThreeFold's programs are, and the image that VMs start from."""

    tfcmd: str
    image: str
    tfrobot: str = ""


@dataclass(slots=True)
class DeployedContracts:
    """What the chain has of one VM: contracts of its own and of its network. Without the first it is none."""

    created_at: datetime
    vm: Contract | None = None
    numbers: list[int] = field(default_factory=list)

    def shown(self, name: str, addresses: Mapping[str, str] | None = None) -> Deployment:
        numbers, vm = tuple(sorted(self.numbers)), present(self.vm)
        return Deployment(
            name,
            vm.node_id,
            numbers,
            self.created_at,
            addresses or {},
            running=not vm.paused,
        )


class ThreefoldAccount:
    """One account of a ThreeFold network. `url`: serves chain and proxy, where these are not the network's own."""

    def __init__(
        self, network: str, given: ThreefoldOptions, url: str, mnemonic: Secret, policy: Policy
    ) -> None:
        self._network, self._given, self._mnemonic = network, given, mnemonic
        self._chain = ChainNode([_socket(url)] if url else chain.addresses(network), mnemonic)
        self._index = Index([url] if url else proxy.addresses(network), policy)

    def deploy(self, orders: Sequence[Order]) -> list[Deployment | Refusal]:
        if not orders:
            return []
        with self._turn():
            answers = self._deploy({order.name: order for order in orders})
        return [answers[order.name] for order in orders if order.name in answers]

    def look(self, prefix: str) -> list[Deployment]:
        """A network without its VM is none: deploy() and remove() cancel it by its name."""
        standing = self._standing().items()
        return [found.shown(name) for name, found in standing if name.startswith(prefix) and found.vm]

    def remove(self, names: Sequence[str]) -> list[Removed]:
        if not names:
            return []
        with self._turn():
            standing = self._standing()
            ended = self._cancel({name: standing[name] for name in names if name in standing})
            ended |= self._ended_before({name for name in names if name not in standing})
        return [Removed(name, ended[name]) for name in names if name in ended]

    def now(self) -> datetime:
        return self._chain.now()

    def balance(self) -> Tft:
        self._chain.twin_id()
        return self._chain.balance()

    def prices(self) -> Prices:
        return self._chain.prices()

    def bills(self, since: datetime) -> list[Bill]:
        """As far as the proxy has read them. A network costs nothing, so nothing is asked about one."""
        made = [entry for entry in self._made_since(since - LONGEST) if not _of_network(entry.data)]
        bills = [bill for entry in made for bill in self._index.bills(entry.contract_id) if bill.at >= since]
        return sorted(bills, key=lambda bill: (bill.at, bill.contract_id))

    def _turn(self) -> threading.RLock:
        """One act at a time in this process; between processes the signing lease sees to it."""
        return _turns[self._chain.account]

    def _deploy(self, wanted: Mapping[str, Order]) -> dict[str, Deployment | Refusal]:
        standing = self._standing()
        there: dict[str, Deployment | Refusal] = {
            name: standing[name].shown(name) for name in wanted if name in standing and standing[name].vm
        }
        missing = [order for name, order in wanted.items() if name not in there]
        stays = self._clear({order.name for order in missing}, standing)
        fresh = [order for order in missing if order.name not in stays]
        return _told(there | (self._up(fresh) if fresh else {}), stays)

    def _up(self, orders: Sequence[Order]) -> dict[str, Deployment | Refusal]:
        """Run the programs for them, and tell what came of it by what the chain has afterwards."""
        if self._chain.balance() < LEAST:
            raise OutOfFunds(AccountBelowMinimum())
        said, trouble = self._run(orders)
        if trouble or any(isinstance(told, Refusal) for told in said.values()):
            self._chain.settle()
        standing = self._standing()
        came = {
            name
            for name, told in said.items()
            if not isinstance(told, Refusal) and _whole(standing.get(name))
        }
        stays = self._clear({order.name for order in orders} - came, standing)
        if trouble and not said:
            raise trouble
        outcomes = {
            name: _outcome(name, told, standing if name in came else {}) for name, told in said.items()
        }
        return _told({name: told for name, told in outcomes.items() if name not in stays}, stays)

    def _run(self, orders: Sequence[Order]) -> tuple[Said, GridError | None]:
        """What was said to those that got their turn, and what ended the turn before its time. Who got none is answered
        when asked again."""
        said: Said = {}
        end = time.monotonic() + TURN
        for run in self._runs(orders):
            if said and time.monotonic() > end:
                break
            try:
                said |= run()
            except GridError as trouble:
                return said, trouble
        return said, None

    def _runs(self, orders: Sequence[Order]) -> Iterator[Callable[[], Said]]:
        """Where tfrobot is there, batches of those for which any node of a kind will do; the others one by one. Who was
        asked for first is in the first run."""
        batches: dict[str | Within | None, list[Order]] = {}
        robot = programs.there("tfrobot", self._given.tfrobot)
        for order in orders:
            kind = order.within if robot and tfrobot.fits(order) else order.name
            batches.setdefault(kind, []).append(order)
        for kind, batch in batches.items():
            if isinstance(kind, str):
                yield partial(self._exactly, *batch)
            else:
                for at in range(0, len(batch), tfrobot.MOST):
                    yield partial(self._robot, batch[at : at + tfrobot.MOST])

    def _robot(self, orders: Sequence[Order]) -> Said:
        return Tfrobot(*self._started("tfrobot", self._given.tfrobot)).deploy(orders)

    def _exactly(self, order: Order) -> Said:
        return {order.name: Tfcmd(*self._started("tfcmd", self._given.tfcmd)).deploy(order)}

    def _started(self, name: str, given: str) -> tuple[str, str, str, Secret]:
        """What each program is made with. Raises GridError where it is missing, or too old."""
        return programs.found(name, given), self._network, self._given.image, self._mnemonic

    def _clear(self, names: Collection[str], standing: Mapping[str, DeployedContracts]) -> set[str]:
        """Cancel what a failed run left of these; returns those of which the chain keeps something."""
        left = {name: standing[name] for name in names if name in standing}
        return left.keys() - self._cancel(left).keys()

    def _cancel(self, going: Mapping[str, DeployedContracts]) -> dict[str, datetime]:
        """When those ended of which nothing is left."""
        numbers = [number for standing in going.values() for number in standing.numbers]
        if not numbers:
            return {}
        told = self._chain.cancel(numbers)
        return {
            name: told.at for name, standing in going.items() if not set(standing.numbers) & set(told.left)
        }

    def _ended_before(self, names: set[str]) -> dict[str, datetime]:
        """Of these the chain has nothing: by their last bill, which it writes when it ends a contract; now where there
        was none."""
        if not names:
            return {}
        ended = dict.fromkeys(names, self._chain.now())
        for entry in self._made_since(min(ended.values()) - LONGEST):
            if (name := _vm(entry.data)) in names and not _of_network(entry.data):
                names = names - {name}
                bills = self._index.bills(entry.contract_id)
                ended[name] = bills[0].at if bills else ended[name]
            if not names:
                break
        return ended

    def _made_since(self, since: datetime) -> Iterable[Indexed]:
        return self._index.made_since(self._chain.twin_id(), since)

    def _standing(self) -> dict[str, DeployedContracts]:
        """This account's VMs by name, and what is left of such, as the chain has them now."""
        twin = self._chain.twin_id()
        indexed = {entry.contract_id: entry for entry in self._index.living(twin)}
        mine = [
            found for found in self._chain.contracts([*indexed, *self._unread()]) if found.twin_id == twin
        ]
        now = self._chain.now()
        standing: dict[str, DeployedContracts] = {}
        for contract in sorted(mine, key=lambda contract: contract.contract_id):
            number, name = contract.contract_id, _vm(contract.data)
            made = indexed[number].at if number in indexed else now
            found = standing.setdefault(name, DeployedContracts(made))
            found.numbers.append(number)
            if not _of_network(contract.data):
                found.vm, found.created_at = contract, made
        return {name: found for name, found in standing.items() if name}

    def _unread(self) -> range:
        """Numbers of contracts that the proxy may not have read yet."""
        newest, read = self._chain.newest(), self._index.newest()
        if newest - read > BEHIND:
            raise Unavailable(f"The grid’s proxy is {newest - read} contracts behind the chain.")
        return range(max(1, read - OVERLAP), newest + 1)


def _told(answers: dict[str, Deployment | Refusal], stays: set[str]) -> dict[str, Deployment | Refusal]:
    """Of what stays nothing is said: it is looked for again. Raises Unavailable where nothing else can be said."""
    if stays and not answers:
        raise Unavailable(f"The chain keeps what a failed deployment left: {', '.join(sorted(stays))}.")
    return answers


def _outcome(
    name: str, told: Mapping[str, str] | Refusal, standing: Mapping[str, DeployedContracts]
) -> Deployment | Refusal:
    if isinstance(told, Refusal):
        return told
    return standing[name].shown(name, told) if name in standing else Refusal(name, DeploymentVanished())


def _whole(standing: DeployedContracts | None) -> bool:
    return bool(standing and standing.vm)


def _of_network(data: Mapping[str, object]) -> bool:
    return str(data.get("type", "")).startswith("network")


def _vm(data: Mapping[str, object]) -> str:
    """The name of the VM that a contract is for; "" where it is for something else. tfrobot, whose projects have
    the name of a group, puts a number behind it."""
    name = str(data.get("name", ""))
    name = NETWORK.sub("", name) if _of_network(data) else name
    return name if data.get("projectName") == f"vm/{name}" else name.removesuffix(tfrobot.END)


def _socket(url: str) -> str:
    """The chain's address beside a proxy's."""
    return f"ws{url.removeprefix('http')}/ws"
