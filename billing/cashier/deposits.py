"""TFT that teams pay in: the chain's final blocks, read one after the other, become rows and credits.

One row an event, credited in the transaction that moves the cursor. What the chain has at an address is compared with
what came and went; where it differs, nothing more is credited there until the two agree again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When

from billing import ledger, ledger_accounts, wallets
from billing.models import Cashier, CashierAct, ChainTransfer, DepositAddress
from tfci.accounts.models import Team
from tfci.core.reasons import Reason
from tfci.core.tft import Tft
from tfci.grid import reasons
from tfci.grid.payment_ports import ChainBlock, PaymentChain, StateGone, TransferSeen

BLOCKS = 100  # that one turn reads at most: ten minutes' worth
UNFINAL = 32  # blocks after the final one that are looked at
OPENING = Tft(10_000)  # 0.001 TFT of the operator's, which keeps an address alive
CHECKED = 50  # blocks after which all addresses are compared, five minutes
Transfer: TypeAlias = ChainTransfer  # the name for other apps
ROLE, KIND = ChainTransfer.Movement, ChainTransfer.Kind
HELD = Sum(
    Case(When(role=ROLE.SWEEP, then=-F("amount")), default=F("amount"), output_field=BigIntegerField())
)


@dataclass(frozen=True, slots=True)
class SeenDeposit:
    """In a block that is not final."""

    amount: Tft
    kind: ChainTransfer.Kind
    block_number: int
    at: datetime


def watch(cashier: Cashier, chain: PaymentChain, now: datetime) -> Reason | None:
    """Read what is new. Returns what is wrong with the chain, if anything is: then nothing was read. Raises
    GridError."""
    final = chain.final()
    if not cashier.genesis:
        _begin(cashier, chain, final)
        return None
    if problem := _problem(cashier, chain, final):
        return problem
    by_address = {each.address: each for each in DepositAddress.objects.filter(cashier=cashier)}
    before = cashier.block_number
    try:
        last = _walk(cashier, chain, final, by_address, now)
    except StateGone:
        last = _leap(cashier, chain, final, by_address, now)
    if last is None:
        return None  # another watcher was faster
    if last.number // CHECKED != (before or 0) // CHECKED:
        _compare(cashier, chain, last, by_address, now)
    _note_seen(cashier, chain, last, by_address)
    return None


def _begin(cashier: Cashier, chain: PaymentChain, final: ChainBlock) -> None:
    """From now on: no address was opened before."""
    facts = {"genesis": chain.genesis(), "bridge_fee": chain.bridge_fees().deposit}
    Cashier.objects.filter(pk=cashier.pk, genesis="").update(**facts, **_cursor(final))


def _problem(cashier: Cashier, chain: PaymentChain, final: ChainBlock) -> Reason | None:
    """A node of another chain, or one that lags or lies, changes nothing."""
    if chain.genesis() != cashier.genesis:
        return reasons.ChainReplaced()
    if final.number < (cashier.block_number or 0):
        return reasons.ChainBehind(cashier.block_number or 0, final.number)
    if chain.block_hash(cashier.block_number or 0) != cashier.block_hash:
        return reasons.FinalBlockReplaced(cashier.block_number or 0)
    return None


def _walk(
    cashier: Cashier,
    chain: PaymentChain,
    final: ChainBlock,
    by_address: Mapping[str, DepositAddress],
    now: datetime,
) -> ChainBlock | None:
    """Block by block: what moved at addresses, and what came to the cashier. Returns the last one that was read. None
    where the cursor was moved by another watcher, or a block does not stand on the one before. Raises StateGone."""
    watched = [cashier.address, *by_address]
    last = ChainBlock(cashier.block_number or 0, cashier.block_hash, "", cashier.block_at or final.at)
    end = min(final.number, last.number + BLOCKS)
    while last.number < end:
        block = final if last.number + 1 == final.number else chain.block(last.number + 1)
        if block is None or block.parent != last.hash:
            return None
        moved = chain.transfers(block.hash, watched)
        if seen := [each for each in moved if each.source != cashier.address or each.target in by_address]:
            touched = sorted(
                {side for each in seen for side in (each.source, each.target)} & by_address.keys()
            )
            holds = chain.balances(touched, block.hash) if touched else {}
            rows = [_row(cashier, block, each, by_address) for each in seen]
            checked = {by_address[each].pk: holds[each] for each in touched}
            if not _record(cashier, block, rows, checked, now):
                return None
        last = block
    if last.number == cashier.block_number or _record(cashier, last, [], {}, now):
        return last
    return None


def _leap(
    cashier: Cashier,
    chain: PaymentChain,
    final: ChainBlock,
    by_address: Mapping[str, DepositAddress],
    now: datetime,
) -> ChainBlock | None:
    """Over blocks whose events no node has any more: what is there more than came and went was paid in, for an address
    has one owner. Where something may have been swept meanwhile, or there is less, nothing is credited."""
    holds = chain.balances([*by_address], final.hash)
    known, swept = _held(each.pk for each in by_address.values()), _sweeps_unread(cashier)
    rows: list[ChainTransfer] = []
    for text, address in by_address.items():
        had = known.get(address.pk, Tft())
        more = holds[text] - had
        if swept and had > OPENING:
            continue
        if address.pk not in known and more >= OPENING:
            rows.append(_unnamed(cashier, final, address, ROLE.OPENING, OPENING))
            more = more - OPENING
        if more > 0 and address.stopped_at is None:
            rows.append(_unnamed(cashier, final, address, ROLE.DEPOSIT, more))
    checked = {by_address[text].pk: amount for text, amount in holds.items()}
    return final if _record(cashier, final, rows, checked, now) else None


def _sweeps_unread(cashier: Cashier) -> bool:
    """Whether a sweep may stand in blocks that were not read."""
    sweeps = CashierAct.objects.filter(cashier=cashier, purpose=CashierAct.Purpose.SWEEP)
    done = Q(state=CashierAct.State.DONE, block_number__gt=cashier.block_number)
    return sweeps.filter(Q(state=CashierAct.State.SENT) | done).exists()


def _unnamed(
    cashier: Cashier, block: ChainBlock, address: DepositAddress, role: ChainTransfer.Movement, amount: Tft
) -> ChainTransfer:
    return ChainTransfer(
        key=f"{cashier.genesis}:{block.hash}:{role} of {address.index}",
        address=address,
        role=role,
        kind=KIND.UNNAMED,
        target=address.address,
        amount=amount,
        block_number=block.number,
        at=block.at,
    )


def _row(
    cashier: Cashier, block: ChainBlock, seen: TransferSeen, by_address: Mapping[str, DepositAddress]
) -> ChainTransfer:
    return ChainTransfer(
        key=f"{cashier.genesis}:{block.hash}:{seen.index}",
        address=by_address.get(seen.source) or by_address.get(seen.target),
        role=_role(seen, cashier.address, by_address.keys()),
        kind=KIND(seen.kind),
        source=seen.source,
        target=seen.target,
        amount=seen.amount,
        stellar_transaction=seen.stellar_transaction,
        block_number=block.number,
        at=block.at,
    )


def _role(seen: TransferSeen, cashier: str, addresses: Collection[str]) -> ChainTransfer.Movement:
    if seen.source in addresses:
        return ROLE.SWEEP if seen.target == cashier else ROLE.STRAY
    if seen.target not in addresses:
        return ROLE.CASHIER
    return ROLE.OPENING if seen.source == cashier else ROLE.DEPOSIT


@transaction.atomic
def _record(
    cashier: Cashier,
    block: ChainBlock,
    rows: Sequence[ChainTransfer],
    holds: Mapping[int, Tft],
    now: datetime,
) -> bool:
    """Keep these rows, book them, and move the cursor to the block. `holds`: what the chain has at addresses after it.
    False, and nothing is done, where another watcher has moved the cursor."""
    locked = Cashier.objects.select_for_update(no_key=True).get(pk=cashier.pk)
    if locked.block_hash != cashier.block_hash:
        return False
    ChainTransfer.objects.bulk_create(rows)
    _check(holds, now)
    _book([*holds], now)
    cashier.block_number, cashier.block_hash, cashier.block_at = block.number, block.hash, block.at
    Cashier.objects.filter(pk=cashier.pk).update(**_cursor(block))
    return True


def _check(holds: Mapping[int, Tft], now: datetime) -> None:
    """Stop the addresses where the chain has something else than came and went; let the others go on."""
    held = _held(holds)
    differing = [pk for pk, amount in holds.items() if amount != held.get(pk, Tft())]
    DepositAddress.objects.filter(pk__in=differing, stopped_at=None).update(stopped_at=now)
    right = holds.keys() - set(differing)
    DepositAddress.objects.filter(pk__in=right).exclude(stopped_at=None).update(stopped_at=None)


def _held(addresses: Iterable[int]) -> dict[int, Tft]:
    """What came and was not swept, by address; those where nothing ever came are left out. What went elsewhere is
    missed on purpose: it stops the address."""
    rows = ChainTransfer.objects.filter(address__in=list(addresses)).exclude(role=ROLE.STRAY).order_by()
    return {pk: Tft(amount) for pk, amount in rows.values_list("address").annotate(held=HELD)}


def _book(addresses: Sequence[int], now: datetime) -> None:
    """Credit what came and write down what was swept, of those that are not stopped."""
    for address in DepositAddress.objects.filter(pk__in=addresses, stopped_at=None).select_related("team"):
        due = address.transfers.filter(booked_at=None, role__in=[ROLE.DEPOSIT, ROLE.SWEEP])
        wallet, source = wallets.for_team(address.team, now), ledger_accounts.deposit(address.team_id)
        for row in due.order_by("pk"):
            if row.role == ROLE.SWEEP:
                ledger.sweep(wallet, row.key, row.amount, now)
            else:
                ledger.deposit(wallet, row.key, row.amount, now, source)
        due.update(booked_at=now)


def _compare(
    cashier: Cashier,
    chain: PaymentChain,
    block: ChainBlock,
    by_address: Mapping[str, DepositAddress],
    now: datetime,
) -> None:
    """All addresses with the chain, also those where nothing was seen to move."""
    Cashier.objects.filter(pk=cashier.pk).update(bridge_fee=chain.bridge_fees().deposit)
    opened = [text for text, each in by_address.items() if each.twin_id]
    try:
        holds = chain.balances(opened, block.hash)
    except StateGone:
        return
    _record(cashier, block, [], {by_address[text].pk: amount for text, amount in holds.items()}, now)


def _note_seen(
    cashier: Cashier, chain: PaymentChain, final: ChainBlock, by_address: Mapping[str, DepositAddress]
) -> None:
    """What blocks show that are not final yet; a block that is replaced takes it along."""
    seen: dict[str, list[dict[str, object]]] = {text: [] for text in by_address}
    for number in range(final.number + 1, min(chain.best().number, final.number + UNFINAL) + 1):
        if block := chain.block(number):
            for each in chain.transfers(block.hash, by_address.keys()):
                if _role(each, cashier.address, by_address.keys()) == ROLE.DEPOSIT:
                    facts = {"amount": int(each.amount), "kind": each.kind, "at": block.at.isoformat()}
                    seen[each.target].append(facts | {"block": number})
    for text, address in by_address.items():
        if seen[text] != address.seen:
            DepositAddress.objects.filter(pk=address.pk).update(seen=seen[text])


def seen(address: DepositAddress) -> list[SeenDeposit]:
    """Newest first."""
    return [
        SeenDeposit(Tft(one["amount"]), KIND(one["kind"]), one["block"], datetime.fromisoformat(one["at"]))
        for one in reversed(address.seen)
    ]


def _cursor(block: ChainBlock) -> dict[str, object]:
    return {"block_number": block.number, "block_hash": block.hash, "block_at": block.at}


def unassigned(cashier: Cashier) -> QuerySet[ChainTransfer]:
    """What came to the cashier itself, of nobody that we know; newest first."""
    found = ChainTransfer.objects.filter(role=ROLE.CASHIER, target=cashier.address)
    return found.order_by("-pk")


def stopped(cashier: Cashier) -> QuerySet[DepositAddress]:
    """Addresses where nothing is credited, because the chain has something else there."""
    rows = DepositAddress.objects.filter(cashier=cashier).exclude(stopped_at=None)
    return rows.select_related("team").order_by("stopped_at")


def of_team(team: Team) -> QuerySet[ChainTransfer]:
    """What was paid in and is final, newest first."""
    return ChainTransfer.objects.filter(address__team=team, role=ROLE.DEPOSIT).order_by("-pk")
