"""Twins: made with a mnemonic, which is kept by its holder only."""

import hashlib
import secrets

from practice.chain.addresses import AccountId
from practice.chain.calls import CreateTwin, UserAcceptTc
from practice.chain.notices import DispatchedAs, Minted, Notice
from practice.grid.book import Account
from practice.grid.grid import Grid

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
TERMS = UserAcceptTc("https://library.threefold.me/info/legal", "practice")


def open_account(grid: Grid, mnemonic: str | None, amount: int) -> tuple[Account, str]:
    """The account of this mnemonic, or of a new one; only a new account gets the amount."""
    mnemonic = mnemonic or " ".join(_word() for _ in range(12))
    address = _address(mnemonic)
    with grid.transaction():
        if not grid.book.account(address):
            twin = [DispatchedAs(address, TERMS), DispatchedAs(address, CreateTwin())]
            grid.seal(notices=[*twin, *_payment(grid, address, amount)])
        return grid.book.accounts[grid.book.chain.state.twin_ids[address]], mnemonic


def fund(grid: Grid, account: Account, amount: int) -> None:
    with grid.transaction():
        grid.seal(notices=_payment(grid, account.address, amount))


def find(grid: Grid, mnemonic: str) -> Account | None:
    return grid.book.account(_address(mnemonic))


def _payment(grid: Grid, address: AccountId, amount: int) -> list[Notice]:
    """Through the bridge, so that this amount arrives."""
    state = grid.book.chain.state
    number = f"payment {len(state.mints) + 1}"
    return [Minted(number.encode(), address, amount + state.terms.deposit_fee)] if amount else []


def _word() -> str:
    return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(3))


def _address(mnemonic: str) -> AccountId:
    return hashlib.sha256(mnemonic.encode()).digest()
