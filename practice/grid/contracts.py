"""How contracts begin, cost and end, and what that does to their machines."""

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from practice.grid import billing
from practice.grid.book import Account, Contract
from practice.grid.grid import Grid
from practice.grid.orders import Order

TICK = 0.1  # seconds


def create(grid: Grid, account: Account, order: Order) -> Contract:
    """A machine's two contracts; the machine boots a moment later."""
    network_id = grid.book.next_contract()
    contract_id = network_id + 1
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


def end(grid: Grid, contracts: Sequence[Contract], cause: str, grace: float = 0.0) -> None:
    """The final bills of those that still stand, their end at one and the same time, their machines' end."""
    with grid.transaction():
        now = grid.clock.second()
        standing = [contract for contract in contracts if contract.ended_at is None]
        finals = (event for contract in standing for event in billing.final(grid.book, contract, now, cause))
        events = [grid.write(event) for event in finals]
    _carry_out(grid, events, grace)


def settle(grid: Grid) -> None:
    """Bill every hour that is full, in the order of chain time, and do what follows from it."""
    events: list[dict[str, Any]] = []
    with grid.transaction():
        now = grid.clock.second()
        while contract := grid.book.due(now):
            events += map(grid.write, billing.cycle(grid.book, contract, contract.due_at))
    _carry_out(grid, events)


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
        end(grid, list(grid.book.live.values()), "grid stopped", grace)
    with grid.transaction():
        grid.record("stopped", kept=len(grid.book.live))
    grid.close()


def _carry_out(grid: Grid, events: Iterable[dict[str, Any]], grace: float = 0.0) -> None:
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
    if grid.strikes("never_boots", contract.node_id, [contract.name], contract.twin_id):
        grid.record("stillborn", contract_id=contract.contract_id, name=contract.name)
        return
    grid.machines.boot(contract.contract_id, grid.pace.boot)
    if rule := grid.strikes("dies", contract.node_id, [contract.name], contract.twin_id):
        grid.machines.kill_later(contract.contract_id, grid.pace.boot + rule.seconds)
