"""A withdrawal's entries in the ledger, each written once.

    set aside     team:T    → held:T         amount and highest fee
    signed        held:T    → in_flight      the same
    signed anew   in_flight → held:T         the same
    paid          in_flight → chain:cashier  amount and the chain's fee
                  in_flight → team:T         what is left of the highest fee
    given back    held:T or in_flight → team:T
    returned      chain:cashier → team:T     what the bridge gave back

What the chain takes above the highest fee, or for what it refused, the operator pays: operator:fees → chain:cashier.
"""

from collections.abc import Iterable
from datetime import datetime

from billing import ledger, ledger_accounts as accounts, wallets
from billing.ledger import Entry, Transfer
from billing.models import Withdrawal
from tfci.core.tft import Tft


def set_aside(row: Withdrawal, now: datetime) -> None:
    team, held = accounts.team(row.team_id), accounts.held(row.team_id)
    _write(row, "held", Transfer(team, held, row.total), now)


def sign(row: Withdrawal, nth: int, now: datetime) -> None:
    """`nth`: of the acts that were signed for it."""
    _write(row, f"signed:{nth}", Transfer(accounts.held(row.team_id), accounts.IN_FLIGHT, row.total), now)


def sign_anew(row: Withdrawal, nth: int, now: datetime) -> None:
    """The `nth` act can never be carried out."""
    _write(row, f"void:{nth}", Transfer(accounts.IN_FLIGHT, accounts.held(row.team_id), row.total), now)


def pay(row: Withdrawal, source: str, fee: Tft, now: datetime) -> None:
    """`fee`: that the chain took. `source` here and below: held:T or in_flight, where its TFT are."""
    own = min(fee, row.highest_fee)
    _write(row, "paid", Transfer(source, accounts.CASHIER, row.amount + own), now)
    _write(row, "rest", Transfer(source, accounts.team(row.team_id), row.highest_fee - own), now)
    charge_operator(row, fee - own, now)


def fees(rows: Iterable[Withdrawal]) -> dict[int, Tft]:
    """By the row ids of those that were paid: what their teams paid for the chain's fee."""
    paid = {_key(row, "paid"): row for row in rows}
    moved = Entry.objects.filter(key__in=paid).values_list("key", "moved")
    return {paid[key].pk: Tft(whole - paid[key].amount) for key, whole in moved}


def give_back(row: Withdrawal, source: str, now: datetime) -> None:
    _write(row, "back", Transfer(source, accounts.team(row.team_id), row.total), now)


def charge_operator(row: Withdrawal, fee: Tft, now: datetime) -> None:
    _write(row, "fee", Transfer(accounts.FEES, accounts.CASHIER, fee), now)


def book_refund(row: Withdrawal, amount: Tft, now: datetime) -> None:
    """What the bridge could not deliver is on the cashier again."""
    _write(row, "returned", Transfer(accounts.CASHIER, accounts.team(row.team_id), amount), now)


def _write(row: Withdrawal, what: str, movement: Transfer, now: datetime) -> None:
    if movement.amount:
        wallet = wallets.for_team(row.team)
        ledger.transfer(wallet, _key(row, what), Entry.Kind.WITHDRAWAL, movement, now)


def _key(row: Withdrawal, what: str) -> str:
    return f"withdrawal:{row.pk}:{what}"
