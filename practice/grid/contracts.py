"""How contracts begin, cost and end, and what that does to their machines."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from practice.chain.calls import Call, CancelContract, ForceBatch
from practice.chain.notices import DispatchedAs, ReportResources, Resources
from practice.grid import data
from practice.grid.bodies import Body
from practice.grid.book import Account, Contract, InsufficientFunds
from practice.grid.grid import Grid
from practice.grid.landscape import GIB
from practice.grid.nodes import MIB
from practice.grid.orders import Order

TICK = 0.1  # seconds


def sign(grid: Grid, account: Account, kind: str, orders: Sequence[Order]) -> None:
    """One act for the contracts of this kind that these orders need. Raises InsufficientFunds."""
    book = grid.book
    needed = {order.name: order for order in orders if not order.refusal()}
    first = book.chain.state.last_contract + 1
    calls = [
        data.contract(kind, account.twin_id, name, order.node_id, first + place)
        for place, (name, order) in enumerate(needed.items())
        if not book.part(account.twin_id, kind, name)
    ]
    if calls:
        _act(grid, account, calls)


def create(grid: Grid, account: Account, order: Order) -> Contract:
    """The node takes a machine whose contracts stand; it boots a moment later."""
    network_id, contract_id = (
        grid.book.part(account.twin_id, kind, order.name) for kind in (data.NETWORK, data.MACHINE)
    )
    if network_id is None or contract_id is None:
        raise LookupError(f"the chain has no contracts for {order.name}")
    grid.machines.keep(order.name, contract_id, order.environment)
    grid.record(
        "deployed",
        contract_id=contract_id,
        network_id=network_id,
        twin_id=account.twin_id,
        name=order.name,
        node_id=order.node_id,
        cpu=order.cpu,
        memory=order.memory,
        disk=order.disk,
        port=grid.machines.port(),
        image=order.image,
        certified=grid.nodes.by_id[order.node_id].farm.certified,
    )
    _boot(grid, grid.book.live[contract_id])
    return grid.book.live[contract_id]


def report(grid: Grid) -> None:
    """Nodes tell the chain what machines take of them, so that these cost; also after a crash in between."""
    with grid.transaction():
        standing = grid.book.chain.state.contracts
        unreported = [body for key, body in grid.machines.bodies.items() if standing[key].used is None]
        if unreported:
            grid.seal(notices=[ReportResources(body.contract_id, _resources(body)) for body in unreported])


def withdraw(grid: Grid, account: Account, names: Sequence[str]) -> None:
    """Cancel what was signed for machines that no node took. What the account can't pay to cancel costs nothing."""
    with suppress(InsufficientFunds):
        cancel(grid, account, names)


def cancel(grid: Grid, account: Account, names: Sequence[str]) -> None:
    """The final bills of these machines, their end at one and the same time. Raises InsufficientFunds."""
    keys = (
        (account.twin_id, kind, name)
        for name in dict.fromkeys(names)
        for kind in (data.MACHINE, data.NETWORK)
    )
    calls = [CancelContract(number) for key in keys if (number := grid.book.part(*key))]
    if calls:
        _act(grid, account, calls)


def end(grid: Grid, cause: str, grace: float) -> None:
    """All contracts of all accounts, free of charge, and their machines."""
    by_twin: dict[int, list[Call]] = defaultdict(list)
    for contract in grid.book.live.values():
        by_twin[contract.twin_id] += map(CancelContract, (contract.contract_id, contract.network_id))
    accounts = grid.book.accounts
    with grid.transaction():
        ends = [
            DispatchedAs(accounts[twin_id].address, ForceBatch(tuple(calls)))
            for twin_id, calls in by_twin.items()
        ]
        events = grid.seal(notices=ends, cause=cause)
    carry_out(grid, events, grace)


def settle(grid: Grid) -> None:
    """Bill every hour that is full, in the order of chain time, and do what follows from it."""
    events: list[dict[str, Any]] = []
    with grid.transaction():
        now = grid.clock.second()
        while (due := grid.book.chain.state.next_due()) is not None and due <= now:
            events += grid.seal(at=due)
    carry_out(grid, events)


def run(grid: Grid, stop: threading.Event) -> None:
    """Time goes by, until stop is set."""
    while not stop.wait(TICK):
        settle(grid)
        grid.machines.watch()


def close(grid: Grid, keep: bool, grace: float) -> None:
    """The end of this process. Unless kept, all contracts and machines end with it."""
    grid.lock.acquire()  # for good: no act that still waits is done after the end
    settle(grid)
    if not keep:
        end(grid, "grid stopped", grace)
    with grid.transaction():
        grid.record("stopped", kept=len(grid.book.live))
    grid.close()


def _act(grid: Grid, account: Account, calls: Sequence[Call]) -> None:
    """Each call by itself, in one block. Raises InsufficientFunds."""
    batch = ForceBatch(tuple(calls))
    with grid.transaction():
        grid.book.afford(account, batch)
        events = grid.seal((account, batch))
    carry_out(grid, events)


def _resources(body: Body) -> Resources:
    return Resources(body.cpu, body.memory * MIB, body.disk * GIB)


def carry_out(grid: Grid, events: Iterable[dict[str, Any]], grace: float = 0.0) -> None:
    """What the chain decided happens to the machines."""
    ended = []
    for event in events:
        match event["event"]:
            case "paused":
                grid.machines.pause(event["name"], event["contract_id"])
            case "resumed":
                grid.machines.resume(event["name"], event["contract_id"])
            case "ended":
                ended.append(grid.machines.folder(event["name"], event["contract_id"]))
    if ended:
        grid.machines.remove(ended, grace)


def _boot(grid: Grid, contract: Contract) -> None:
    if grid.active_fault("never_boots", contract.node_id, [contract.name], contract.twin_id):
        grid.record("stillborn", contract_id=contract.contract_id, name=contract.name)
        return
    grid.machines.boot(contract.contract_id, grid.pace.boot)
    if rule := grid.active_fault("dies", contract.node_id, [contract.name], contract.twin_id):
        grid.machines.kill_later(contract.contract_id, grid.pace.boot + rule.seconds)
