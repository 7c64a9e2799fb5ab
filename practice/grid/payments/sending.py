"""Acts that ask to move TFT, as they come in."""

from practice.chain.errors import Invalid, Invalidity
from practice.grid import contracts
from practice.grid.book import InsufficientFunds
from practice.grid.grid import Grid
from practice.grid.payments import signing


class NotTheSigner(Exception):
    """Somebody else's act."""


def send(grid: Grid, data: str, words: str) -> None:
    """In a block at once, if its turn has come; else nothing happens, as when it was done before. Raises ValueError for
    what is no act, NotTheSigner, InsufficientFunds."""
    contracts.settle(grid)
    with grid.transaction():
        chain = grid.book.chain
        act = signing.read(data, chain)
        if act.signer != signing.account_of(words):
            raise NotTheSigner
        if act.nonce != chain.state.account(act.signer).nonce:
            return
        try:
            chain.check(act)
        except Invalid as invalid:
            if invalid.why == Invalidity.NO_FEE:
                raise InsufficientFunds("the account can't pay the fee of an act") from None
            return
        followed = grid.seal(signed=data)
    contracts.carry_out(grid, followed)
