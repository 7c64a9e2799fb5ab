"""TFT that teams pay in: the chain's final blocks, read one after the other, become rows and credits.

One row an event, credited in the transaction that moves the cursor. What the chain has at an address is compared with
what came and went; where it differs, nothing more is credited there until the two agree again. Addresses of cashiers
that were replaced are watched with the others: one reader, one cursor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When

from billing import ledger, ledger_accounts, wallets
from billing.cashier import cashiers
from billing.models import Cashier, CashierAct, ChainTransfer, DepositAddress
from tfci.accounts.models import Team
from tfci.core.reasons import Reason
from tfci.core.tft import Tft
from tfci.grid import reasons
from tfci.grid.payment_ports import ChainBlock, PaymentChain, StateGone, TransferSeen

BLOCKS = 100  # that one turn reads at most: ten minutes' worth
UNFINAL = 32  # blocks after the final one that are looked at
OPENING = Tft(10_000)  # 0.001 TFT of the operator's, which keeps an address alive
WATCHED = timedelta(minutes=1)  # between two notes of that somebody watches
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


@dataclass(frozen=True, slots=True)
class Watched:
    """`cashiers`: addresses of the cashier and of those that it replaced; `by_address`: their sub-accounts."""

    cashiers: frozenset[str]
    by_address: Mapping[str, DepositAddress]

    def concerns(self, seen: TransferSeen) -> bool:
        """What cashiers pay out or hand over among themselves stands in their acts."""
        return seen.source not in self.cashiers or seen.target in self.by_address

    def role(self, seen: TransferSeen) -> ChainTransfer.Movement:
        if seen.source in self.by_address:
            return ROLE.SWEEP if seen.target in self.cashiers else ROLE.STRAY
        if seen.target not in self.by_address:
            return ROLE.CASHIER
        return ROLE.OPENING if seen.source in self.cashiers else ROLE.DEPOSIT

    def touched(self, seen: Iterable[TransferSeen]) -> list[str]:
        """Addresses where something moved."""
        return sorted({side for each in seen for side in (each.source, each.target)} & self.by_address.keys())


def _watched(cashier: Cashier) -> Watched:
    family = dict(cashiers.with_predecessors(cashier).values_list("pk", "address"))
    rows = DepositAddress.objects.filter(cashier__in=family)
    return Watched(frozenset(family.values()), {each.address: each for each in rows})


def watch(cashier: Cashier, chain: PaymentChain, now: datetime) -> Reason | None:
    """Read what is new. Returns what is wrong with the chain, if anything is: then nothing was read. Raises
    GridError."""
    final, best = chain.heads()
    if not cashier.genesis:
        _begin(cashier, chain, final)
        return None
    if final.hash == best.hash == cashier.block_hash:
        _note_watched(cashier, now)
        return None  # nothing is new, which this one question tells
    if problem := _problem(cashier, chain, final):
        return problem
    watched = _watched(cashier)
    before = cashier.block_number
    try:
        last = _walk(cashier, chain, final, watched, now)
    except StateGone:
        last = _leap(cashier, chain, final, watched.by_address, now)
    if last is None:
        return None  # another watcher was faster
    if last.number // CHECKED != (before or 0) // CHECKED:
        _compare(cashier, chain, last, watched.by_address, now)
    _note_seen(chain, last, best, watched)
    if last.number == final.number:
        _note_watched(cashier, now)
    return None


def _begin(cashier: Cashier, chain: PaymentChain, final: ChainBlock) -> None:
    """From now on: no address was opened before."""
    facts = {"genesis": chain.genesis(), "bridge_fee": chain.bridge_fees().deposit}
    Cashier.objects.filter(pk=cashier.pk, genesis="").update(**facts, **_cursor(final))


def _note_watched(cashier: Cashier, now: datetime) -> None:
    if cashier.watched_at is None or now - cashier.watched_at >= WATCHED:
        Cashier.objects.filter(pk=cashier.pk).update(watched_at=now)


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
    watched: Watched,
    now: datetime,
) -> ChainBlock | None:
    """Block by block: what moved at addresses, and what came to the cashier. Returns the last one that was read. None
    where the cursor was moved by another watcher, or a block does not stand on the one before. Raises StateGone."""
    accounts, by_address = [*watched.cashiers, *watched.by_address], watched.by_address
    last = ChainBlock(cashier.block_number or 0, cashier.block_hash, "", cashier.block_at or final.at)
    end = min(final.number, last.number + BLOCKS)
    while last.number < end:
        block = final if last.number + 1 == final.number else chain.block(last.number + 1)
        if block is None or block.parent != last.hash:
            return None
        if seen := [each for each in chain.transfers(block.hash, accounts) if watched.concerns(each)]:
            touched = watched.touched(seen)
            holds = chain.balances(touched, block.hash) if touched else {}
            rows = [_row(cashier, block, each, watched) for each in seen]
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
    family = cashiers.with_predecessors(cashier).values("pk")
    sweeps = CashierAct.objects.filter(cashier__in=family, purpose=CashierAct.Purpose.SWEEP)
    done = Q(state=CashierAct.State.DONE, block_number__gt=cashier.block_number)
    return sweeps.filter(Q(state=CashierAct.State.SENT) | done).exists()


def _unnamed(
    cashier: Cashier, block: ChainBlock, address: DepositAddress, role: ChainTransfer.Movement, amount: Tft
) -> ChainTransfer:
    return ChainTransfer(
        key=f"{cashier.genesis}:{block.hash}:{role} of {address.pk}",
        address=address,
        role=role,
        kind=KIND.UNNAMED,
        target=address.address,
        amount=amount,
        block_number=block.number,
        at=block.at,
    )


def _row(cashier: Cashier, block: ChainBlock, seen: TransferSeen, watched: Watched) -> ChainTransfer:
    return ChainTransfer(
        key=f"{cashier.genesis}:{block.hash}:{seen.index}",
        address=watched.by_address.get(seen.source) or watched.by_address.get(seen.target),
        role=watched.role(seen),
        kind=KIND(seen.kind),
        source=seen.source,
        target=seen.target,
        amount=seen.amount,
        stellar_transaction=seen.stellar_transaction,
        block_number=block.number,
        at=block.at,
    )


@transaction.atomic
def _record(
    cashier: Cashier,
    block: ChainBlock,
    rows: Sequence[ChainTransfer],
    holds: Mapping[int, Tft],
    now: datetime,
) -> bool:
    """Keep these rows, book them, and move the cursor to the block. `holds`: what the chain has at addresses after it.
    False, and nothing is done, where another watcher has moved the cursor, or another cashier reads on from it."""
    locked = Cashier.objects.select_for_update(no_key=True).get(pk=cashier.pk)
    if locked.block_hash != cashier.block_hash or locked.successor_id is not None:
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
        wallet, source = wallets.for_team(address.team), ledger_accounts.deposit(address.team_id)
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


def _note_seen(chain: PaymentChain, final: ChainBlock, best: ChainBlock, watched: Watched) -> None:
    """What blocks show that are not final yet; a block that is replaced takes it along."""
    by_address = watched.by_address
    seen: dict[str, list[dict[str, object]]] = {text: [] for text in by_address}
    for number in range(final.number + 1, min(best.number, final.number + UNFINAL) + 1):
        if block := chain.block(number):
            for each in chain.transfers(block.hash, by_address.keys()):
                if watched.role(each) == ROLE.DEPOSIT:
                    facts = {"amount": int(each.amount), "kind": each.kind, "at": block.at.isoformat()}
                    seen[each.target].append(facts | {"block": number})
    for text, address in by_address.items():
        if seen[text] != address.seen:
            DepositAddress.objects.filter(pk=address.pk).update(seen=seen[text])


def seen(addresses: Iterable[DepositAddress]) -> list[SeenDeposit]:
    """At any of these, newest first."""
    found = [one for address in addresses for one in address.seen]
    return [
        SeenDeposit(Tft(one["amount"]), KIND(one["kind"]), one["block"], datetime.fromisoformat(one["at"]))
        for one in reversed(sorted(found, key=lambda one: one["block"]))
    ]


def _cursor(block: ChainBlock) -> dict[str, object]:
    return {"block_number": block.number, "block_hash": block.hash, "block_at": block.at}


def unassigned(cashier: Cashier) -> QuerySet[ChainTransfer]:
    """What came to the cashier itself, or to one that it replaced, of nobody that we know; newest first."""
    own = cashiers.with_predecessors(cashier).values("address")
    return ChainTransfer.objects.filter(role=ROLE.CASHIER, target__in=own).order_by("-pk")


def is_ours(address: str) -> bool:
    """Whether it is a cashier's or a deposit address, of whatever team."""
    return (
        DepositAddress.objects.filter(address=address).exists()
        or Cashier.objects.filter(address=address).exists()
    )


def stopped(cashier: Cashier) -> QuerySet[DepositAddress]:
    """Addresses where nothing is credited, because the chain has something else there."""
    rows = DepositAddress.objects.filter(cashier__in=cashiers.with_predecessors(cashier).values("pk"))
    return rows.exclude(stopped_at=None).select_related("team").order_by("stopped_at")


def of_team(team: Team) -> QuerySet[ChainTransfer]:
    """What was paid in and is final, newest first."""
    return ChainTransfer.objects.filter(address__team=team, role=ROLE.DEPOSIT).order_by("-pk")
