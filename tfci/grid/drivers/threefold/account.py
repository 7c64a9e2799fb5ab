"""The ThreeFold Grid: one account's VMs (Deployer) and its money (Chain), by its programs, chain and proxy.

VMs are deployed by ThreeFold's programs and cancelled straight at the chain. What stands is the chain's word
alone: the proxy says which contracts to ask it for, and those that the proxy has not read yet are asked for by number.
So a VM is found however late the proxy is, and one that was refused has left nothing.
"""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from tfci.core.http_client import Policy
from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid.drivers.threefold import chain, kyc, programs, proxy, tfrobot
from tfci.grid.drivers.threefold.chain import ChainNode, Contract
from tfci.grid.drivers.threefold.index import MAX_AGE, Index, Indexed
from tfci.grid.drivers.threefold.kyc import Kyc
from tfci.grid.drivers.threefold.tfcmd import Tfcmd
from tfci.grid.drivers.threefold.tfrobot import Tfrobot
from tfci.grid.ports import (
    MIN_BALANCE,
    AccountFacts,
    Bill,
    Deployment,
    GridError,
    Holdings,
    Order,
    OutOfFunds,
    Prices,
    Refusal,
    Removed,
    Unavailable,
    Within,
)
from tfci.grid.reasons import AccountBelowMinimum, DeploymentVanished

TURN = 120.0  # seconds after which a turn starts no further VM, so that the account's cancels get their turn
MAX_PROXY_LAG = 5_000  # contracts, of all of the grid, that the proxy may not have read yet
OVERLAP = 20  # of those that it has are read too: it may write a block's contracts one by one
NETWORK = re.compile(r"_?network$")  # what the programs append to a VM's name, for its network
Results = dict[
    str, Mapping[str, str] | Refusal
]  # a program's result for each VM: its addresses, or a refusal
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
        self, network: str, options: ThreefoldOptions, url: str, mnemonic: Secret, policy: Policy
    ) -> None:
        self._network, self._options, self._mnemonic = network, options, mnemonic
        self._chain = ChainNode(chain.addresses(network, url), mnemonic)
        self._index = Index([url] if url else proxy.addresses(network), policy)
        self._kyc = Kyc(url or kyc.address(network), policy)

    def deploy(self, orders: Sequence[Order]) -> list[Deployment | Refusal]:
        if not orders:
            return []
        with self._turn():
            answers = self._deploy({order.name: order for order in orders})
        return [answers[order.name] for order in orders if order.name in answers]

    def list_vms(self, prefix: str) -> list[Deployment]:
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

    def holdings(self) -> Holdings:
        return self._chain.holdings(self._chain.twin_id())

    def facts(self) -> AccountFacts:
        found = self._chain.facts()
        return AccountFacts(
            found.address,
            found.twin_id,
            found.accepted_terms,
            verified=found.twin_id is not None and self._kyc.verified(found.twin_id),
            signing=found.signing,
            holdings=found.holdings,
        )

    def prices(self) -> Prices:
        return self._chain.prices()

    def bills(self, since: datetime, complete: Container[int] = ()) -> list[Bill]:
        """As far as the proxy has read them. A network costs nothing, so nothing is asked about one."""
        made = [
            entry
            for entry in self._made_since(since - MAX_AGE)
            if not _is_network(entry.data) and entry.contract_id not in complete
        ]
        bills = [bill for entry in made for bill in self._index.bills(entry) if bill.at >= since]
        return sorted(bills, key=lambda bill: (bill.at, bill.contract_id))

    def _turn(self) -> threading.RLock:
        """One act at a time in this process; between processes the signing lease sees to it."""
        return _turns[self._chain.account]

    def _deploy(self, wanted: Mapping[str, Order]) -> dict[str, Deployment | Refusal]:
        standing = self._standing()
        existing: dict[str, Deployment | Refusal] = {
            name: standing[name].shown(name) for name in wanted if name in standing and standing[name].vm
        }
        missing = [order for name, order in wanted.items() if name not in existing]
        kept = self._clear({order.name for order in missing}, standing)
        fresh = [order for order in missing if order.name not in kept]
        return _checked(existing | (self._run_programs(fresh) if fresh else {}), kept)

    def _run_programs(self, orders: Sequence[Order]) -> dict[str, Deployment | Refusal]:
        """Run the programs for them; the outcome is what the chain has afterwards."""
        if self._chain.balance() < MIN_BALANCE:
            raise OutOfFunds(AccountBelowMinimum())
        results, error = self._run(orders)
        if error or any(isinstance(result, Refusal) for result in results.values()):
            self._chain.settle()
        standing = self._standing()
        deployed = {
            name
            for name, result in results.items()
            if not isinstance(result, Refusal) and _has_vm(standing.get(name))
        }
        kept = self._clear({order.name for order in orders} - deployed, standing)
        if error and not results:
            raise error
        outcomes = {
            name: _outcome(name, result, standing if name in deployed else {})
            for name, result in results.items()
        }
        return _checked({name: result for name, result in outcomes.items() if name not in kept}, kept)

    def _run(self, orders: Sequence[Order]) -> tuple[Results, GridError | None]:
        """The results of the orders that were tried, and the error that ended the turn early. The others are tried when
        deploy() is called again."""
        results: Results = {}
        end = time.monotonic() + TURN
        for run in self._runs(orders):
            if results and time.monotonic() > end:
                break
            try:
                results |= run()
            except GridError as error:
                return results, error
        return results, None

    def _runs(self, orders: Sequence[Order]) -> Iterator[Callable[[], Results]]:
        """With tfrobot, batches of those for which any node of a kind will do; the others one by one. The first order
        is in the first run."""
        batches: dict[str | Within | None, list[Order]] = {}
        robot = programs.installed("tfrobot", self._options.tfrobot)
        for order in orders:
            kind = order.within if robot and tfrobot.fits(order) else order.name
            batches.setdefault(kind, []).append(order)
        for kind, batch in batches.items():
            if isinstance(kind, str):
                yield partial(self._deploy_one, *batch)
            else:
                for at in range(0, len(batch), tfrobot.MAX_BATCH):
                    yield partial(self._deploy_batch, batch[at : at + tfrobot.MAX_BATCH])

    def _deploy_batch(self, orders: Sequence[Order]) -> Results:
        return Tfrobot(*self._program_arguments("tfrobot", self._options.tfrobot)).deploy(orders)

    def _deploy_one(self, order: Order) -> Results:
        return {order.name: Tfcmd(*self._program_arguments("tfcmd", self._options.tfcmd)).deploy(order)}

    def _program_arguments(self, name: str, configured: str) -> tuple[str, str, str, Secret]:
        """The arguments of each program's class. Raises GridError where it is missing, or too old."""
        return programs.locate(name, configured), self._network, self._options.image, self._mnemonic

    def _clear(self, names: Collection[str], standing: Mapping[str, DeployedContracts]) -> set[str]:
        """Cancel what a failed run left of these; returns those of which the chain still has something."""
        left = {name: standing[name] for name in names if name in standing}
        return left.keys() - self._cancel(left).keys()

    def _cancel(self, deployments: Mapping[str, DeployedContracts]) -> dict[str, datetime]:
        """When they ended, of those that are gone entirely."""
        numbers = [number for standing in deployments.values() for number in standing.numbers]
        if not numbers:
            return {}
        cancelled = self._chain.cancel(numbers)
        return {
            name: cancelled.at
            for name, standing in deployments.items()
            if not set(standing.numbers) & set(cancelled.left)
        }

    def _ended_before(self, names: set[str]) -> dict[str, datetime]:
        """When VMs ended that the chain no longer has: at their last bill, which it writes when it ends a contract; now
        if there was none."""
        if not names:
            return {}
        ended = dict.fromkeys(names, self._chain.now())
        for entry in self._made_since(min(ended.values()) - MAX_AGE):
            if (name := _vm(entry.data)) in names and not _is_network(entry.data):
                names = names - {name}
                bills = self._index.bills(entry)
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
        own = [found for found in self._chain.contracts([*indexed, *self._unread()]) if found.twin_id == twin]
        now = self._chain.now()
        standing: dict[str, DeployedContracts] = {}
        for contract in sorted(own, key=lambda contract: contract.contract_id):
            number, name = contract.contract_id, _vm(contract.data)
            made = indexed[number].at if number in indexed else now
            found = standing.setdefault(name, DeployedContracts(made))
            found.numbers.append(number)
            if not _is_network(contract.data):
                found.vm, found.created_at = contract, made
        return {name: found for name, found in standing.items() if name}

    def _unread(self) -> range:
        """Numbers of contracts that the proxy may not have read yet."""
        newest, read = self._chain.newest(), self._index.newest()
        if newest - read > MAX_PROXY_LAG:
            raise Unavailable(f"The grid’s proxy is {newest - read} contracts behind the chain.")
        return range(max(1, read - OVERLAP), newest + 1)


def _checked(answers: dict[str, Deployment | Refusal], kept: set[str]) -> dict[str, Deployment | Refusal]:
    """The answers, without the kept ones: these are checked again. Raises Unavailable if there is no other answer."""
    if kept and not answers:
        raise Unavailable(f"The chain keeps what a failed deployment left: {', '.join(sorted(kept))}.")
    return answers


def _outcome(
    name: str, result: Mapping[str, str] | Refusal, standing: Mapping[str, DeployedContracts]
) -> Deployment | Refusal:
    if isinstance(result, Refusal):
        return result
    return standing[name].shown(name, result) if name in standing else Refusal(name, DeploymentVanished())


def _has_vm(standing: DeployedContracts | None) -> bool:
    return bool(standing and standing.vm)


def _is_network(data: Mapping[str, object]) -> bool:
    return str(data.get("type", "")).startswith("network")


def _vm(data: Mapping[str, object]) -> str:
    """The name of the VM that a contract is for; "" where it is for something else. tfrobot, whose projects have
    the name of a group, puts a number behind it."""
    name = str(data.get("name", ""))
    name = NETWORK.sub("", name) if _is_network(data) else name
    return name if data.get("projectName") == f"vm/{name}" else name.removesuffix(tfrobot.END)
