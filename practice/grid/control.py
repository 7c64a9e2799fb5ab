"""What a test can change: the clock, money, prices, nodes, machines, faults."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from practice.grid import contracts
from practice.grid.faults import Fault
from practice.grid.grid import Grid


def set_clock(grid: Grid, advance: float, speed: float | None) -> None:
    """Step the chain's time forward, set its speed (0 freezes it), and bill what became due."""
    with grid.lock:
        grid.set_clock(grid.clock.now() + advance, grid.clock.speed if speed is None else speed)
    contracts.settle(grid)


def fix_price(grid: Grid, tft_musd: int | None) -> None:
    """Hold the price of a TFT at this many 1e-3 USD, or let it move again."""
    with grid.transaction():
        grid.record("price", tft_musd=tft_musd)


def set_node(grid: Grid, node_id: int, up: bool, healthy: bool) -> None:
    """A node that goes down takes its machines along; one that comes back starts them again."""
    with grid.transaction():
        was_up = grid.nodes.by_id[node_id].up
        grid.record("node", node_id=node_id, up=up, healthy=healthy)
        here = [key for key, contract in grid.book.live.items() if contract.node_id == node_id]
    if was_up and not up:
        grid.machines.kill(here)
    if up and not was_up:
        for contract_id in here:
            grid.machines.boot(contract_id, grid.pace.boot)


def kill(grid: Grid, name: str) -> int:
    """The machines of this name die, their contracts stand. Returns how many there were."""
    with grid.lock:
        found = [key for key, contract in grid.book.live.items() if contract.name == name]
    grid.machines.kill(found)
    return len(found)


def add_fault(grid: Grid, rule: Mapping[str, Any]) -> Fault:
    """Raises TypeError or ValueError for an invalid rule."""
    with grid.transaction():
        fault = Fault(fault_id=grid.faults.next_id(), **rule)
        grid.record("fault", rule=asdict(fault))
        return fault


def end_faults(grid: Grid, fault_id: int | None = None) -> None:
    """This one, or all."""
    with grid.transaction():
        for rule in grid.faults.listed():
            if fault_id in (None, rule["fault_id"]):
                grid.record("fault_over", fault_id=rule["fault_id"])
