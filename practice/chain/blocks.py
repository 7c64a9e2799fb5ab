"""A block, and how one is made of the one before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from practice.chain import billing, events, fees
from practice.chain.acts import Act, Era
from practice.chain.contract import Bill
from practice.chain.dispatch import dispatch, heed
from practice.chain.errors import Invalid, Invalidity, Refused
from practice.chain.events import Record
from practice.chain.execution import Execution
from practice.chain.notices import Notice
from practice.chain.state import State

Hash = bytes
NO_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class Block:
    """`spec`: the runtime that made it. A real block has no bills: an index makes them of its events."""

    number: int
    hash: Hash
    parent: Hash
    at: int
    spec: int
    notices: tuple[Notice, ...] = ()
    acts: tuple[Act, ...] = ()
    records: tuple[Record, ...] = ()
    bills: tuple[Bill, ...] = ()


def genesis(name: str, at: int, spec: int) -> Block:
    return Block(0, blake2b(name.encode(), digest_size=32).digest(), NO_HASH, at, spec)


def made(
    parent: Block,
    state: State,
    at: int,
    notices: Sequence[Notice],
    acts: Sequence[Act],
    hash_at: Callable[[int], Hash],
    author: str,
) -> tuple[Block, State]:
    """What was noticed, then the acts that are valid in their turn, then the bills that are due. `hash_at` gives the
    hash of a block below by its number; `author` tells blocks of one height apart."""
    run = Execution(state.copy(), parent.number + 1, max(at, parent.at))
    spec = state.terms.spec
    heeded = [notice for notice in notices if _heeded(run, notice)]
    included: list[Act] = []
    for act in acts:
        run.act = len(included)
        if _applied(run, act, spec, hash_at):
            included.append(act)
    run.act = None
    billing.bill_due(run)
    content = b"".join(
        [parent.hash, repr((run.number, run.now, author, heeded)).encode(), *(a.digest for a in included)]
    )
    block = Block(
        run.number,
        blake2b(content, digest_size=32).digest(),
        parent.hash,
        run.now,
        spec,
        tuple(heeded),
        tuple(included),
        tuple(run.records),
        tuple(run.bills),
    )
    return block, run.state


def check(act: Act, state: State, number: int, spec: int, hash_at: Callable[[int], Hash]) -> None:
    """Whether block `number` could take it up, but for its turn. Raises Invalid."""
    if act.spec != spec or act.checkpoint != hash_at(_birth(act.era, number)):
        raise Invalid(Invalidity.BAD_PROOF)
    account = state.account(act.signer)
    if act.nonce < account.nonce:
        raise Invalid(Invalidity.OUTDATED)
    if fees.fee(act.call, act.size, state.terms.fee_percent) + act.tip > account.usable:
        raise Invalid(Invalidity.NO_FEE)


def _birth(era: Era | None, number: int) -> int:
    return era.birth(number) if era else 0


def _heeded(run: Execution, notice: Notice) -> bool:
    """One that is refused leaves nothing: the bridge and nodes try again, or not."""
    try:
        heed(run, notice)
    except Refused:
        return False
    return True


def _applied(run: Execution, act: Act, spec: int, hash_at: Callable[[int], Hash]) -> bool:
    """Its fee is paid and its number used, also where its call fails."""
    try:
        check(act, run.state, run.number, spec, hash_at)
    except Invalid:
        return False
    account = run.state.account(act.signer)
    if act.nonce != account.nonce:
        return False
    fee = fees.fee(act.call, act.size, run.state.terms.fee_percent)
    fees.charge(run, act.signer, fee, act.tip)
    charged = run.state.account(act.signer)
    run.state.accounts[act.signer] = replace(charged, nonce=act.nonce + 1)
    try:
        dispatch(run, act.signer, act.call)
    except Refused as refused:
        run.emit(events.ExtrinsicFailed(refused.error))
    else:
        run.emit(events.ExtrinsicSuccess())
    return True
