"""Pallet Balances: who has how much. Nothing appears or goes but by issue() and burn()."""

from dataclasses import replace

from practice.chain import events
from practice.chain.addresses import AccountId
from practice.chain.errors import Refused
from practice.chain.execution import Execution
from practice.chain.state import EXISTENTIAL_DEPOSIT, NOBODY


def transfer(run: Execution, source: AccountId, to: AccountId, amount: int, keep_alive: bool) -> None:
    """Raises Refused. Who keeps less than the existential deposit ends, if that may be, and the rest is burnt."""
    payer = run.state.account(source)
    keeps = keep_alive or bool(payer.reserved)
    if amount > (payer.usable if keeps else payer.free - payer.frozen):
        raise Refused("Token", "NotExpendable" if keeps and amount <= payer.free else "FundsUnavailable")
    if run.state.account(to).free + amount < EXISTENTIAL_DEPOSIT:
        raise Refused("Token", "BelowMinimum")
    if source != to:
        _add(run, source, -amount)
        _add(run, to, amount)
    run.emit(events.Transfer(source, to, amount))


def transfer_all(run: Execution, source: AccountId, to: AccountId, keep_alive: bool) -> None:
    payer = run.state.account(source)
    keeps = keep_alive or bool(payer.reserved)
    transfer(run, source, to, payer.usable if keeps else payer.free - payer.frozen, keep_alive)


def issue(run: Execution, to: AccountId, amount: int) -> None:
    """What is too little to found an account is lost."""
    if run.state.account(to).free + amount < EXISTENTIAL_DEPOSIT:
        return
    run.state.issuance += amount
    _add(run, to, amount)
    run.emit(events.Deposit(to, amount))


def burn(run: Execution, source: AccountId, amount: int) -> None:
    """Raises Refused where the account would end by it."""
    if amount > run.state.account(source).usable:
        raise Refused("Token", "FundsUnavailable")
    run.state.issuance -= amount
    _add(run, source, -amount)
    run.emit(events.Withdraw(source, amount))


def reserve(run: Execution, who: AccountId, amount: int) -> None:
    """Hold back what the account can spare; the caller has asked how much that is."""
    account = run.state.account(who)
    run.state.accounts[who] = replace(account, free=account.free - amount, reserved=account.reserved + amount)
    run.emit(events.Reserved(who, amount))


def pay_reserved(run: Execution, source: AccountId, to: AccountId, amount: int) -> None:
    """From what is held back to another account's free balance."""
    if not amount:
        return
    account = run.state.account(source)
    run.state.accounts[source] = replace(account, reserved=account.reserved - amount)
    if to in run.state.accounts:
        _add(run, to, amount)
        run.emit(events.ReserveRepatriated(source, to, amount))
    else:
        run.state.issuance -= amount
        run.emit(events.Slashed(source, amount))
        issue(run, to, amount)


def _add(run: Execution, who: AccountId, amount: int) -> None:
    """An account exists from its first units to its last; its nonce restarts with it."""
    account = run.state.account(who)
    changed = replace(account, free=account.free + amount)
    run.state.accounts[who] = changed
    if account is NOBODY:
        run.emit(events.NewAccount(who))
        run.emit(events.Endowed(who, changed.free))
    elif changed.free < EXISTENTIAL_DEPOSIT and not changed.reserved:
        del run.state.accounts[who]
        run.emit(events.KilledAccount(who))
        if changed.free:
            run.state.issuance -= changed.free
            run.emit(events.DustLost(who, changed.free))
