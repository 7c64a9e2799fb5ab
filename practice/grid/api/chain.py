"""The chain: its time and prices for all, and what an account has and does."""

from typing import Any

from practice.chain import prices
from practice.grid import acts
from practice.grid.api.reading import batch, field, number, raise_if_silent, texts
from practice.grid.grid import Grid
from practice.grid.orders import Order
from practice.grid.server import Request, route


@route("GET", "/clock")
def clock(request: Request) -> dict[str, Any]:
    raise_if_silent(request, "chain_silent")
    return time_of(request.grid)


@route("GET", "/prices")
def policy(request: Request) -> dict[str, Any]:
    raise_if_silent(request, "chain_silent")
    return prices_of(request.grid)


@route("GET", "/account", "account")
def account(request: Request) -> dict[str, Any]:
    raise_if_silent(request, "chain_silent")
    grid, caller = request.grid, request.caller
    usable, stash = grid.book.holdings(caller)
    return {
        "twin_id": caller.twin_id,
        "free": grid.book.free(caller),
        "usable": usable,
        "stash": stash,
        "reserved": grid.book.chain.state.account(caller.address).reserved,
        "now": grid.clock.second(),
    }


@route("GET", "/account/bills", "account")
def bills(request: Request) -> list[dict[str, Any]]:
    """What was taken of the account for each contract, from chain time `since` on; as an indexer tells it, which leaves
    out what an account that ran dry has paid in part."""
    raise_if_silent(request, "chain_silent")
    since = number(request.query, "since")
    return [
        {
            "contract_id": bill["contract_id"],
            "amountBilled": bill["taken"],
            "discountReceived": bill["discount"],
            "timestamp": bill["at"],
            "tft_musd": bill["tft_musd"],
        }
        for bill in request.caller.bills
        if bill["at"] >= since and bill["taken"] == bill["owed"]
    ]


@route("GET", "/machines", "account")
def machines(request: Request) -> list[dict[str, Any]]:
    raise_if_silent(request, "chain_silent")
    return acts.machines(request.grid, request.caller, request.query.get("prefix", ""))


@route("POST", "/machines", "account")
def deploy(request: Request) -> list[dict[str, Any]]:
    raise_if_silent(request, "chain_silent")
    orders = [_order(entry) for entry in batch(request, "machines", dict)]
    return acts.deploy(request.grid, request.caller, orders)


@route("POST", "/machines/remove", "account")
def remove(request: Request) -> list[dict[str, Any]]:
    raise_if_silent(request, "chain_silent")
    return acts.remove(request.grid, request.caller, batch(request, "names", str))


def time_of(grid: Grid) -> dict[str, Any]:
    return {"now": grid.clock.second(), "speed": grid.clock.speed}


def prices_of(grid: Grid) -> dict[str, Any]:
    """Pricing policy 1 in 1e-7 USD an hour, and what a TFT costs in 1e-3 USD."""
    now = grid.clock.second()
    return {
        "cu": prices.CU,
        "su": prices.SU,
        "certified_percent": prices.CERTIFIED_PERCENT,
        "tft_musd": grid.book.billed_musd(now),
        "now": now,
    }


def _order(entry: dict[str, Any]) -> Order:
    return Order(
        name=field(entry, "name", str),
        **{key: field(entry, key, int) for key in ("node_id", "cpu", "memory", "disk")},
        environment=texts(entry, "environment"),
        image=field(entry, "image", str, ""),
    )
