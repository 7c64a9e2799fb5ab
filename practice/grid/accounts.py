"""Twins: made with a mnemonic, which is kept by its holder only."""

import secrets

from practice.chain.addresses import AccountId
from practice.chain.calls import CreateTwin, UserAcceptTc
from practice.chain.notices import DispatchedAs, Minted, Notice
from practice.grid.book import Account
from practice.grid.grid import Grid
from practice.grid.payments.signing import account_of

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
TERMS = UserAcceptTc("https://library.threefold.me/info/legal", "practice")


def open_account(grid: Grid, mnemonic: str | None, amount: int) -> tuple[Account, str]:
    """The account of this mnemonic, or of a new one; only a new account gets the amount."""
    mnemonic = mnemonic or " ".join(_word() for _ in range(12))
    opened = account_of(mnemonic)
    with grid.transaction():
        if not grid.book.account(opened):
            twin = [DispatchedAs(opened, TERMS), DispatchedAs(opened, CreateTwin())]
            grid.seal(notices=[*twin, *_payment(grid, opened, amount)])
        return grid.book.accounts[grid.book.chain.state.twin_ids[opened]], mnemonic


def fund(grid: Grid, account: Account, amount: int) -> None:
    with grid.transaction():
        grid.seal(notices=_payment(grid, account.address, amount))


def find(grid: Grid, mnemonic: str) -> Account | None:
    return grid.book.account(account_of(mnemonic))


def mint(grid: Grid, target: AccountId, amount: int, transaction: str) -> None:
    """So much arrives from Stellar."""
    fee = grid.book.chain.state.terms.deposit_fee
    with grid.transaction():
        grid.seal(notices=[Minted(transaction.encode(), target, amount + fee)])


def _payment(grid: Grid, target: AccountId, amount: int) -> list[Notice]:
    """Through the bridge, so that this amount arrives."""
    state = grid.book.chain.state
    number = f"payment {len(state.mints) + 1}"
    return [Minted(number.encode(), target, amount + state.terms.deposit_fee)] if amount else []


def _word() -> str:
    return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(3))
