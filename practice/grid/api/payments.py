"""The chain's blocks, and what moved in them; acts that come as bytes."""

from http import HTTPStatus
from typing import Any

from practice.chain import fees
from practice.chain.addresses import AccountId
from practice.chain.blocks import Block
from practice.chain.calls import CALLS
from practice.chain.state import State
from practice.chain.tree import StateDiscarded
from practice.chain.writing import read
from practice.grid.acts import NoAnswer
from practice.grid.api.reading import batch, field, number, raise_if_silent
from practice.grid.payments import reading, sending, signing
from practice.grid.server import Problem, Request, route


@route("GET", "/chain")
def heads(request: Request) -> dict[str, Any]:
    raise_if_silent(request, "chain_silent")
    chain = request.grid.book.chain
    with request.grid.lock:
        return {
            "genesis": chain.genesis.hash.hex(),
            "best": _block_json(chain.best),
            "final": _block_json(chain.final),
        }


@route("GET", "/chain/hashes/{number}")
def hash_of(request: Request) -> dict[str, Any]:
    """`hash`: null where there is no block of this number yet."""
    raise_if_silent(request, "chain_silent")
    found = request.grid.book.chain.hash_at(number(request.parts, "number"))
    return {"hash": found.hex() if found else None}


@route("GET", "/chain/blocks/{number}")
def block_at(request: Request) -> dict[str, Any]:
    """`block`: null where there is none yet."""
    raise_if_silent(request, "chain_silent")
    chain = request.grid.book.chain
    with request.grid.lock:
        block_hash = chain.hash_at(number(request.parts, "number"))
        return {"block": _block_json(_block(request, block_hash)) if block_hash else None}


@route("GET", "/chain/blocks/{number}/acts/{digest}")
def act(request: Request) -> dict[str, Any]:
    """`act`: null where it doesn't stand in this block."""
    raise_if_silent(request, "chain_silent")
    with request.grid.lock:
        block_hash = request.grid.book.chain.hash_at(number(request.parts, "number"))
        if block_hash is None:
            return {"act": None, "block": None}
        block = _block(request, block_hash)
        return {
            "act": reading.ended(block, _bytes(request.parts["digest"])),
            "block": _block_json(block),
        }


@route("POST", "/chain/transfers")
def transfers(request: Request) -> list[dict[str, Any]]:
    raise_if_silent(request, "chain_silent")
    with request.grid.lock:
        block = _block(request, _bytes(field(request.body, "block", str)))
        return list(reading.transfers(block, set(_accounts(request))))


@route("POST", "/chain/balances")
def balances(request: Request) -> list[int]:
    raise_if_silent(request, "chain_silent")
    with request.grid.lock:
        state = _state(request)
        return [state.account(account).total for account in _accounts(request)]


@route("POST", "/chain/twins")
def twins(request: Request) -> list[int | None]:
    raise_if_silent(request, "chain_silent")
    with request.grid.lock:
        state = _state(request)
        return [state.twin_ids.get(account) for account in _accounts(request)]


@route("GET", "/chain/accounts/{account}")
def account(request: Request) -> dict[str, Any]:
    """`nonce`: the number of its next act. The rest is what it has, also where the chain has never seen it."""
    raise_if_silent(request, "chain_silent")
    with request.grid.lock:
        state, address = request.grid.book.chain.state, _bytes(request.parts["account"])
        held, twin_id = state.account(address), state.twin_ids.get(address)
        stash = state.stashes.get(twin_id) if twin_id else None
        return {
            "nonce": held.nonce,
            "twin_id": twin_id,
            "accepted_terms": address in state.accepted,
            "usable": held.usable,
            "reserved": held.reserved,
            "stash": state.account(stash).usable if stash else 0,
            "now": request.grid.clock.second(),
        }


@route("GET", "/chain/bridge")
def bridge(request: Request) -> dict[str, Any]:
    raise_if_silent(request, "chain_silent")
    terms = request.grid.book.chain.state.terms
    return {"deposit_fee": terms.deposit_fee, "withdraw_fee": terms.withdraw_fee}


@route("POST", "/chain/fee")
def fee(request: Request) -> dict[str, Any]:
    """Of this call."""
    raise_if_silent(request, "chain_silent")
    try:
        call = read(field(request.body, "call", dict))
    except (LookupError, TypeError, ValueError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"no call: {error}") from None
    if type(call) not in CALLS:
        raise Problem(HTTPStatus.BAD_REQUEST, "no call")
    percent = request.grid.book.chain.state.terms.fee_percent
    return {"fee": fees.fee(call, signing.SIZE, percent)}


@route("POST", "/chain/acts")
def send(request: Request) -> dict[str, Any]:
    """`bytes`, with the words of their signer in the header. What comes of them, the blocks tell."""
    raise_if_silent(request, "chain_silent")
    if rule := request.grid.active_fault("lost_call", act="pay"):
        raise NoAnswer(rule.seconds)
    try:
        sending.send(request.grid, field(request.body, "bytes", str), request.bearer)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    except sending.NotTheSigner:
        raise Problem(HTTPStatus.UNAUTHORIZED, "these words are not the signer's") from None
    if rule := request.grid.active_fault("lost_answer", act="pay"):
        raise NoAnswer(rule.seconds)
    return {}


def _block(request: Request, block_hash: bytes) -> Block:
    try:
        return request.grid.book.chain.block(block_hash)
    except KeyError:
        raise Problem(HTTPStatus.GONE, "this block is not kept") from None


def _state(request: Request) -> State:
    """After the block that the request names."""
    try:
        return request.grid.book.chain.state_at(_bytes(field(request.body, "block", str)))
    except (KeyError, StateDiscarded):
        raise Problem(HTTPStatus.GONE, "the state after this block is not kept") from None


def _accounts(request: Request) -> list[AccountId]:
    return [_bytes(each) for each in batch(request, "accounts", str)]


def _bytes(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "no hexadecimal digits") from None


def _block_json(block: Block) -> dict[str, Any]:
    return {
        "number": block.number,
        "hash": block.hash.hex(),
        "parent": block.parent.hex(),
        "at": block.at,
    }
