"""The starter grant: once for each confirmed person. Where it is 0, the operator is asked instead."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef

from billing import credit_requests, ledger, wallets
from billing.models import StarterGrant
from tfci.accounts import email_identity
from tfci.accounts.models import Role, Team, User
from tfci.core.tft import Tft

FIRST = "First team of a new account."


def give(person: User, now: datetime) -> bool:
    """Give a person's first team the grant, or ask the operator for TFT. False where nothing was due: the address is
    not confirmed, person or mailbox had it before, or there is no team of theirs that is new."""
    if StarterGrant.objects.filter(person=person).exists():  # first of all, for this is asked at each sign-in
        return False
    address, team = _confirmed(person), _team(person)
    if not address or team is None:
        return False
    amount = Tft.parse(settings.GRANT)
    facts = {"person": person, "address": email_identity.fingerprint(address), "team": team}
    try:
        with transaction.atomic():
            StarterGrant.objects.create(amount=amount, at=now, **facts)
            if amount:
                ledger.grant(wallets.for_team(team), amount, now)
            else:
                credit_requests.ask(team, person, FIRST, now)
    except IntegrityError:  # the same mailbox, or the same person at the same moment
        return False
    return True


def _confirmed(person: User) -> str:
    """Their address, once they have shown that they read it; "" before."""
    known = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary", "pk")
    return known.values_list("email", flat=True).first() or ""


def _team(person: User) -> Team | None:
    """The oldest that they own and that never had the grant."""
    owned = Team.objects.filter(memberships__user=person, memberships__role=Role.OWNER, closing_at=None)
    return owned.exclude(ledger.had_grant(OuterRef("pk"))).order_by("pk").first()
