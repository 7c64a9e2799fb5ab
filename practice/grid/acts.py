"""What an account can do on the chain: deploy a batch, list machines, remove a batch."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from practice.grid import contracts, data, prices
from practice.grid.book import Account, Contract, InsufficientFunds
from practice.grid.grid import Grid
from practice.grid.orders import Order

LARGEST_BATCH = 400


class NoAnswer(Exception):
    """The connection is closed without an answer, after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def deploy(grid: Grid, account: Account, orders: Sequence[Order]) -> list[dict[str, Any]]:
    """An answer for each order: what stands, or why it was refused. Takes two blocks: networks, machines."""
    names = [order.name for order in orders]
    with _act(grid, account, "deploy", names):
        if any(not grid.book.standing(account.twin_id, name) for name in names):
            _afford(grid, account, names)
            for kind in (data.NETWORK, data.MACHINE):
                _wait_for_block(grid, account, "deploy", names)
                contracts.sign(grid, account, kind, orders)
        with grid.transaction():
            answers = [_place(grid, account, order) for order in orders]
            contracts.report(grid)
        contracts.withdraw(grid, account, [answer["name"] for answer in answers if "refused" in answer])
        return answers


def remove(grid: Grid, account: Account, names: Sequence[str]) -> list[dict[str, Any]]:
    """Each name with the chain time of its end; one that never was has its end now."""
    with _act(grid, account, "remove", names):
        if any(grid.book.standing(account.twin_id, name) for name in names):
            _wait_for_block(grid, account, "remove", names)
            contracts.cancel(grid, account, names)
        return [{"name": name, "ended_at": _ended_at(grid, account, name)} for name in names]


def machines(grid: Grid, account: Account, prefix: str) -> list[dict[str, Any]]:
    """All machines of this account whose names begin with the prefix."""
    with grid.lock:
        live = list(grid.book.live.values())
    return [
        shown(grid, contract)
        for contract in live
        if contract.twin_id == account.twin_id and contract.name.startswith(prefix)
    ]


def shown(grid: Grid, contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.name,
        "node_id": contract.node_id,
        "contract_ids": [contract.contract_id, contract.network_id],
        "created_at": contract.created_at,
        "addresses": dict(grid.machines.addresses(contract.contract_id)),
        "running": grid.machines.running(contract.contract_id),
        "paused": contract.paused,
    }


@contextmanager
def _act(grid: Grid, account: Account, kind: str, names: Sequence[str]) -> Iterator[None]:
    """The account's turn, around which its call or its answer may be lost."""
    with grid.turns.take(account.twin_id, f"{kind} {' '.join(names)}"):
        if rule := grid.active_fault("lost_call", twin_id=account.twin_id, act=kind, names=names):
            raise NoAnswer(rule.seconds)
        yield
        if rule := grid.active_fault("lost_answer", twin_id=account.twin_id, act=kind, names=names):
            raise NoAnswer(rule.seconds)


def _afford(grid: Grid, account: Account, names: Sequence[str]) -> None:
    fault = grid.active_fault("out_of_funds", twin_id=account.twin_id, act="deploy", names=names)
    if fault or grid.book.free(account) < prices.MIN_BALANCE:
        raise InsufficientFunds("the account needs at least 2 TFT to deploy")


def _wait_for_block(grid: Grid, account: Account, kind: str, names: Sequence[str]) -> None:
    """The real seconds until a block has an act."""
    rule = grid.active_fault("slow", twin_id=account.twin_id, act=kind, names=names)
    time.sleep(grid.pace.chain_latency + (rule.seconds if rule else 0))
    contracts.settle(grid)


def _place(grid: Grid, account: Account, order: Order) -> dict[str, Any]:
    if contract := grid.book.standing(account.twin_id, order.name):
        return shown(grid, contract)
    if reason := order.refusal():
        return {"name": order.name, "refused": reason, "node_at_fault": False}
    if reason := _node_refuses(grid, account, order):
        return {"name": order.name, "refused": reason, "node_at_fault": True}
    return shown(grid, contracts.create(grid, account, order))


def _node_refuses(grid: Grid, account: Account, order: Order) -> str | None:
    if grid.active_fault("refuse", order.node_id, [order.name], account.twin_id, "deploy"):
        return f"node {order.node_id} refused the deployment"
    return grid.nodes.refusal(order.node_id, order.cpu, order.memory, order.disk)


def _ended_at(grid: Grid, account: Account, name: str) -> int:
    known = grid.book.latest(account.twin_id, name)
    return known.ended_at if known and known.ended_at is not None else grid.clock.second()
