"""Invitations: a link that is shown once, mailed if there is an address, and valid for one person.

One with an address admits only a person who has confirmed that address, so a forwarded mail opens nothing."""

import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from tfci.accounts.audit import Actor, record
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Invitation, Membership, Role, Team, User
from tfci.accounts.teams import NotAllowed, only_owners_touch_owners
from tfci.core.secret import Secret
from tfci.core.vault import digest

LIFE = timedelta(days=7)

NO_LONGER = gettext_lazy("This invitation no longer works. Ask the sender for a new one.")


@transaction.atomic
def invite(team: Team, email: str, role: Role, actor: Membership, now: datetime) -> tuple[Invitation, Secret]:
    """Invite the owner of that address, or ("") anyone who has the link; returns the row and the link's secret part.

    It replaces an open invitation of the same address. `actor` is the inviting member."""
    email = email.lower()
    if role == Role.OWNER:
        only_owners_touch_owners(actor)
    if email and team.memberships.filter(user__email=email).exists():
        raise NotAllowed(gettext("{email} is already a member of this team.").format(email=email))
    if email:
        pending(team).filter(email=email).update(revoked_at=now)
    text = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        team=team,
        email=email,
        role=role,
        digest=digest(text),
        invited_by=actor.user,
        invited_at=now,
        expires_at=now + LIFE,
    )
    record(team, actor.user, Action.INVITATION_CREATED, invitation, after={"role": role}, at=now)
    return invitation, Secret(text)


@transaction.atomic
def renew(invitation: Invitation, actor: Membership, now: datetime) -> Secret:
    """Another link for seven more days; the old one works no longer. Returns the new secret part."""
    if invitation.role == Role.OWNER:
        only_owners_touch_owners(actor)
    text = secrets.token_urlsafe(32)
    row = pending(invitation.team).filter(pk=invitation.pk)
    if not row.update(digest=digest(text), invited_at=now, expires_at=now + LIFE):
        raise NotAllowed(NO_LONGER)
    record(invitation.team, actor.user, Action.INVITATION_RENEWED, invitation, at=now)
    return Secret(text)


@transaction.atomic
def revoke(invitation: Invitation, who: Actor, now: datetime) -> bool:
    """End it. True unless it was accepted or revoked before."""
    updated = pending(invitation.team).filter(pk=invitation.pk).update(revoked_at=now)
    if updated:
        record(invitation.team, who, Action.INVITATION_REVOKED, invitation, at=now)
    return bool(updated)


def pending(team: Team) -> QuerySet[Invitation]:
    """Those that nobody has accepted or revoked; they may have expired."""
    return Invitation.objects.of(team).filter(accepted_at=None, revoked_at=None)


def find(text: str, now: datetime) -> Invitation | None:
    """The open invitation with that link, or None."""
    found = Invitation.objects.select_related("team", "invited_by").filter(digest=digest(text)).first()
    return found if found and found.is_open(now) and not found.team.closing_at else None


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether that person may accept: the address it names, or any, is theirs and confirmed."""
    emails = EmailAddress.objects.filter(user=user, verified=True)
    return (emails.filter(email__iexact=invitation.email) if invitation.email else emails).exists()


@transaction.atomic
def accept(invitation: Invitation, user: User, now: datetime) -> Membership:
    """Make that person one of the team, once. Raises NotAllowed."""
    if not is_for(invitation, user):
        text = gettext("This invitation is for people with a confirmed address.")
        if invitation.email:
            text = gettext("This invitation is for {email}.")
        raise NotAllowed(text.format(email=invitation.email))
    row = pending(invitation.team).filter(pk=invitation.pk, digest=invitation.digest, expires_at__gt=now)
    if not row.update(accepted_at=now):
        raise NotAllowed(NO_LONGER)
    membership, new = Membership.objects.get_or_create(
        team=invitation.team, user=user, defaults={"role": invitation.role, "joined_at": now}
    )
    if not new:
        raise NotAllowed(gettext("You are already a member of this team."))
    record(invitation.team, user, Action.MEMBER_JOINED, user, after={"role": invitation.role}, at=now)
    return membership
