"""Twins: made with a mnemonic, which is kept by its holder only."""

import hashlib
import secrets

from practice.grid.book import Account
from practice.grid.grid import Grid

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"


def open_account(grid: Grid, mnemonic: str | None, amount: int) -> tuple[Account, str]:
    """The account of this mnemonic, or of a new one; only a new account gets the amount."""
    mnemonic = mnemonic or " ".join(_word() for _ in range(12))
    with grid.transaction():
        if known := find(grid, mnemonic):
            return known, mnemonic
        twin_id = grid.book.next_twin()
        grid.record("account", twin_id=twin_id, digest=_digest(mnemonic))
        grid.record("funded", twin_id=twin_id, amount=amount)
        return grid.book.accounts[twin_id], mnemonic


def find(grid: Grid, mnemonic: str) -> Account | None:
    return grid.book.account(_digest(mnemonic))


def _word() -> str:
    return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(3))


def _digest(mnemonic: str) -> str:
    return hashlib.sha256(mnemonic.encode()).hexdigest()
