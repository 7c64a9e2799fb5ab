"""The control API for tests: needs the token of ready.json."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from practice.grid import accounts, control
from practice.grid.api.chain import prices_of, time_of
from practice.grid.api.reading import field, number
from practice.grid.server import Problem, Request, route

NUMBER = (int, float)


@route("POST", "/control/accounts", "control")
def open_account(request: Request) -> dict[str, Any]:
    """A new account with `amount` of 1e-7 TFT, or the one that has this mnemonic already."""
    words, amount = field(request.body, "mnemonic", str, None), field(request.body, "amount", int, 0)
    opened, words = accounts.open_account(request.grid, words, amount)
    return {"twin_id": opened.twin_id, "mnemonic": words, "free": request.grid.book.free(opened)}


@route("POST", "/control/accounts/{twin_id}/fund", "control")
def fund(request: Request) -> dict[str, Any]:
    account = request.grid.book.accounts.get(number(request.parts, "twin_id"))
    if account is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no twin {request.parts['twin_id']}")
    accounts.fund(request.grid, account, field(request.body, "amount", int))
    return {"twin_id": account.twin_id, "free": request.grid.book.free(account)}


@route("POST", "/control/mints", "control")
def mint(request: Request) -> dict[str, Any]:
    """`amount` arrives at an `account` from Stellar, by the payment `transaction`."""
    account, transaction = (field(request.body, name, str) for name in ("account", "transaction"))
    try:
        accounts.mint(request.grid, bytes.fromhex(account), field(request.body, "amount", int), transaction)
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "account has hexadecimal digits") from None
    return {}


@route("POST", "/control/clock", "control")
def set_clock(request: Request) -> dict[str, Any]:
    """`advance` the chain's time by seconds, set its `speed`; 0 freezes it."""
    advance, speed = field(request.body, "advance", NUMBER, 0), field(request.body, "speed", NUMBER, None)
    if advance < 0 or (speed or 0) < 0:
        raise Problem(HTTPStatus.BAD_REQUEST, "chain time does not run backward")
    control.set_clock(request.grid, advance, speed)
    return time_of(request.grid)


@route("POST", "/control/price", "control")
def set_price(request: Request) -> dict[str, Any]:
    """Hold the price of a TFT at `tft_musd`; null lets it move again."""
    musd = field(request.body, "tft_musd", int, None)
    if musd is not None and musd <= 0:
        raise Problem(HTTPStatus.BAD_REQUEST, "a TFT costs at least 1")
    control.fix_price(request.grid, musd)
    return prices_of(request.grid)


@route("POST", "/control/pace", "control")
def set_pace(request: Request) -> dict[str, Any]:
    """How many real seconds a block (`chain_latency`) and a boot take; not kept over a restart."""
    pace = request.grid.pace
    pace.chain_latency = max(0, field(request.body, "chain_latency", NUMBER, pace.chain_latency))
    pace.boot = max(0, field(request.body, "boot", NUMBER, pace.boot))
    return asdict(pace)


@route("POST", "/control/nodes/{node_id}", "control")
def set_node(request: Request) -> dict[str, Any]:
    node = request.grid.nodes.by_id.get(number(request.parts, "node_id"))
    if node is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no node {request.parts['node_id']}")
    up = field(request.body, "up", bool, node.up)
    control.set_node(request.grid, node.node_id, up, field(request.body, "healthy", bool, up))
    return {"node_id": node.node_id, "up": node.up, "healthy": node.healthy}


@route("POST", "/control/machines/{name}/kill", "control")
def kill(request: Request) -> dict[str, Any]:
    return {"killed": control.kill(request.grid, request.parts["name"])}


@route("GET", "/control/faults", "control")
def list_faults(request: Request) -> list[dict[str, Any]]:
    return request.grid.faults.listed()


@route("POST", "/control/faults", "control")
def add_fault(request: Request) -> dict[str, Any]:
    try:
        return asdict(control.add_fault(request.grid, request.body))
    except (TypeError, ValueError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None


@route("DELETE", "/control/faults", "control")
def end_faults(request: Request) -> dict[str, Any]:
    control.end_faults(request.grid)
    return {}


@route("DELETE", "/control/faults/{fault_id}", "control")
def end_fault(request: Request) -> dict[str, Any]:
    control.end_faults(request.grid, number(request.parts, "fault_id"))
    return {}
