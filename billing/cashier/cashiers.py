"""The operator's account that takes TFT in and pays TFT out: one for each network, and those that it replaced."""

from datetime import datetime
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from billing.models import Cashier
from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.core.reasons import Reason, columns
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.payment_ports import Payer

CURSOR = (
    "genesis",
    "block_number",
    "block_hash",
    "block_at",
    "watched_at",
    "bridge_fee",
)  # how far the chain was read


class CashierKnown(Exception):
    """This account can't become the cashier."""


class NoCashier(Exception):
    """There is none that could be replaced."""


class CashierChange(StrEnum):
    """What a mnemonic came to."""

    WORDS = "words"  # of the same account: they are sealed with the newest key
    ACCOUNT = "account"


def current() -> Cashier | None:
    """Of this installation's network."""
    return Cashier.objects.filter(network=registry.network()).first()


def is_set() -> bool:
    """Whether there is one."""
    return Cashier.objects.filter(network=registry.network()).exists()


def with_predecessors(cashier: Cashier) -> QuerySet[Cashier]:
    """It and those that it replaced, the newest first."""
    return Cashier.objects.filter(Q(pk=cashier.pk) | Q(successor=cashier)).order_by("-pk")


def payer(cashier: Cashier) -> Payer:
    return registry.payer(cashier.mnemonic)


def open_cashier(mnemonic: Secret, who: Actor, now: datetime) -> Tft:
    """Take TFT in with this account from now on; returns what it holds. Raises CashierKnown, or GridError where the
    words are no account's or the chain does not answer."""
    network = registry.network()
    address, holds = _look_up(mnemonic)
    try:
        with transaction.atomic():
            Cashier.objects.create(network=network, address=address, mnemonic=mnemonic)
            audit.record(
                None, who, Action.CASHIER_SET, f"{address} on {network}", after={"holds": str(holds)}, at=now
            )
    except IntegrityError:
        raise CashierKnown(gettext("This grid already has a cashier. It was not changed.")) from None
    return holds


def replace(mnemonic: Secret, who: Actor, now: datetime) -> CashierChange:
    """The words of the cashier's account again, or those of another account in its place, which reads the chain on from
    where the old one came to. Raises NoCashier, CashierKnown, GridError."""
    address, holds = _look_up(mnemonic)
    with transaction.atomic():
        old = Cashier.objects.select_for_update().filter(network=registry.network()).first()
        if old is None:
            raise NoCashier
        if address == old.address:
            Cashier.objects.filter(pk=old.pk).update(mnemonic=mnemonic)
            audit.record(None, who, Action.CASHIER_WORDS_STORED, f"{address} on {old.network}", at=now)
            return CashierChange.WORDS
        if old.predecessors.filter(address=address).exists():
            raise CashierKnown(gettext("This account was the cashier before. Use a new one."))
        _hand_on(old, Cashier(network=old.network, address=address, mnemonic=mnemonic), now)
        before, after = {"address": old.address}, {"address": address, "holds": str(holds)}
        on = f"{address} on {old.network}"
        audit.record(None, who, Action.CASHIER_REPLACED, on, before=before, after=after, at=now)
    return CashierChange.ACCOUNT


def _hand_on(old: Cashier, new: Cashier, now: datetime) -> None:
    """The network and the cursor. The old row is locked, so nobody reads on by it."""
    network, new.network = new.network, None  # of one row at a time
    for name in CURSOR:
        setattr(new, name, getattr(old, name))
    new.save()
    with_predecessors(old).update(network=None, successor=new)
    Cashier.objects.filter(pk=old.pk).update(replaced_at=now)
    Cashier.objects.filter(pk=new.pk).update(network=network)


def _look_up(mnemonic: Secret) -> tuple[str, Tft]:
    """The account of these words, and what it holds. Raises GridError."""
    account = registry.payer(mnemonic)
    address = account.address()
    return address, account.balances([address], account.final().hash)[address]


def note_problem(cashier: Cashier, problem: Reason | None) -> None:
    """Of the last turn, for the operator; None if there was none."""
    if cashier.problem or problem:
        Cashier.objects.filter(pk=cashier.pk).update(**columns(problem, "problem"))
