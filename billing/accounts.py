"""The operator's side of billing: chain accounts that pay for VMs, and manual credits."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext

from billing import credit_requests, ledger, wallets
from billing.models import Twin
from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.core.optional import present
from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid import registry


class AccountKnown(Exception):
    """This installation signs with that account already."""


@dataclass(frozen=True, slots=True)
class Account:
    """A chain account without its mnemonic. `acting`: it is signing on the chain at this moment."""

    twin_id: int
    network: str
    wallets: int
    acting: bool
    problem: Reason | None
    last_swept_at: datetime | None


def list_accounts(now: datetime) -> list[Account]:
    """All of the operator's, in one query."""
    rows = Twin.objects.filter(team=None).annotate(teams=Count("wallets")).order_by("network", "twin_id")
    return [
        Account(
            row.twin_id, row.network, row.teams, row.signing_until > now, row.typed_problem, row.last_swept_at
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class AccountHoldings:
    """What counts for a chain account's discount, as last read."""

    twin_id: int
    usable: Tft
    stash: Tft
    read_at: datetime


def holdings() -> list[AccountHoldings]:
    """Of the operator's accounts that were read."""
    rows = (
        Twin.objects.filter(network=registry.network(), team=None)
        .exclude(holdings_read_at=None)
        .order_by("twin_id")
    )
    return [
        AccountHoldings(row.twin_id, present(row.usable), present(row.stash), present(row.holdings_read_at))
        for row in rows
    ]


def add(twin_id: int, mnemonic: Secret, who: Actor, now: datetime) -> Tft:
    """Sign with one more chain account, once the chain has confirmed its mnemonic; returns its balance.

    Raises AccountKnown, or GridError where the chain does not know the mnemonic or does not answer."""
    if Twin.objects.filter(network=registry.network(), twin_id=twin_id).exists():  # also one of a team
        raise AccountKnown(
            gettext("Account {twin} already exists. Its mnemonic was not changed.").format(twin=twin_id)
        )
    holds = registry.account(mnemonic).balance()
    with transaction.atomic():
        wallets.open_twin(twin_id, mnemonic, now)
        on = f"account {twin_id} on {registry.network()}"
        audit.record(None, who, Action.ACCOUNT_ADDED, on, after={"holds": str(holds)}, at=now)
    return holds


@transaction.atomic
def credit(team: Team, key: str, amount: Tft, reason: str, who: Actor, now: datetime) -> bool:
    """Put TFT on a team's wallet, as a deposit. `key` names this one credit: sending it twice counts once, and then
    the answer is False."""
    new = ledger.deposit(wallets.for_team(team), f"operator:{key}", amount, now)
    if new:
        credit_requests.mark_answered(team, now)
        audit.record(
            team, who, Action.TFT_ADDED, team.name, after={"amount": f"{amount} TFT"}, note=reason, at=now
        )
    return new
