"""What the chain does with a contract when its hour is full, and at its end. Pure: a book in, events out."""

from collections.abc import Iterator
from typing import Any

from practice.grid import prices
from practice.grid.book import Book, Contract

GRACE = 14 * prices.DAY  # a contract that stays unpaid for so long is deleted


def cycle(book: Book, contract: Contract, at: int) -> Iterator[dict[str, Any]]:
    """The hourly bill and what comes of it: paused when unpaid, resumed when paid, deleted in the end."""
    bill = _bill(book, contract, at)
    yield bill
    paid = bill["taken"] == bill["owed"]
    if paid:
        if contract.paused_at is not None:
            yield _event("resumed", contract, at)
    elif contract.paused_at is None:
        yield _event("paused", contract, at)
    elif at - contract.paused_at >= GRACE:
        yield _event("ended", contract, at, cause="unpaid")


def final(book: Book, contract: Contract, at: int, cause: str) -> Iterator[dict[str, Any]]:
    """The last bill, for the seconds since the one before, and the end of both contracts."""
    if at > contract.billed_until:
        yield _bill(book, contract, at)
    yield _event("ended", contract, at, cause=cause)


def _bill(book: Book, contract: Contract, at: int) -> dict[str, Any]:
    """`amount` is for these seconds, `owed` with older debt, `taken` what the account could give."""
    seconds, musd = at - contract.billed_until, book.tft_musd(at)
    amount = prices.billed(contract.usd_per_hour, musd, seconds)
    owed = contract.owed + amount
    taken = min(owed, book.accounts[contract.twin_id].free)
    return _event("bill", contract, at, seconds=seconds, tft_musd=musd, amount=amount, owed=owed, taken=taken)


def _event(kind: str, contract: Contract, at: int, **more: int | str) -> dict[str, Any]:
    return {
        "event": kind,
        "at": at,
        "twin_id": contract.twin_id,
        "contract_id": contract.contract_id,
        "network_id": contract.network_id,
        "name": contract.name,
        **more,
    }
