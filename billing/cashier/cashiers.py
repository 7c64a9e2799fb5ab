"""The operator's account that takes TFT in and pays TFT out: set once for each network."""

from datetime import datetime

from django.db import IntegrityError, transaction
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


class CashierKnown(Exception):
    """This network has its cashier."""


def current() -> Cashier | None:
    """Of this installation's network."""
    return Cashier.objects.filter(network=registry.network()).first()


def payer(cashier: Cashier) -> Payer:
    return registry.payer(cashier.mnemonic)


def open_cashier(mnemonic: Secret, who: Actor, now: datetime) -> Tft:
    """Take TFT in with this account from now on; returns what it holds. Raises CashierKnown, or GridError where the
    words are no account's or the chain does not answer."""
    account, network = registry.payer(mnemonic), registry.network()
    address, final = account.address(), account.final()
    holds = account.balances([address], final.hash)[address]
    try:
        with transaction.atomic():
            Cashier.objects.create(network=network, address=address, mnemonic=mnemonic)
            audit.record(
                None, who, Action.CASHIER_SET, f"{address} on {network}", after={"holds": str(holds)}, at=now
            )
    except IntegrityError:
        raise CashierKnown(gettext("This grid already has a cashier. It was not changed.")) from None
    return holds


def note_problem(cashier: Cashier, problem: Reason | None) -> None:
    """Of the last turn, for the operator; None if there was none."""
    if cashier.problem or problem:
        Cashier.objects.filter(pk=cashier.pk).update(**columns(problem, "problem"))
