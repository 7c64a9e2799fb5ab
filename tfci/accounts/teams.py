"""Teams and their members; the deletion of a team is at the end of the file."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal
from django.utils.text import slugify
from django.utils.translation import gettext

from tfci.accounts import months, tokens
from tfci.accounts.audit import Actor, record
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Invitation, Membership, Role, Team, Token, User

TRIES = 5
team_created = Signal()  # sent with `team`, `owner` and `now`, in the transaction that creates the team
signed_in = Signal()  # sent with `user` and `now`: somebody signed in, which requires a confirmed address


class NotAllowed(Exception):
    """A change of members that the rules forbid; its text says why and what to do."""


@transaction.atomic
def begin(name: str, owner: User, now: datetime) -> Team:
    """A new team with its owner as the first of its people. Raises NotAllowed where they own as many as they may."""
    refuse_too_many(owner)
    team = create(name, owner.time_zone, now)
    Membership.objects.create(team=team, user=owner, role=Role.OWNER, joined_at=now)
    record(team, owner, Action.TEAM_CREATED, team.name, at=now)
    team_created.send(Team, team=team, owner=owner, now=now)
    return team


def refuse_too_many(person: User) -> None:
    """One at a time for a person, so that requests at the same moment can't pass together."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    owned = Membership.objects.filter(user=person, role=Role.OWNER, team__closed_at=None).count()
    if owned >= settings.TEAMS_PER_PERSON:
        raise NotAllowed(
            gettext(
                "You own {owned} teams, which is the limit. Delete or transfer a team, or ask the operator to "
                "raise the limit."
            ).format(owned=owned)
        )


def create(name: str, time_zone: str, now: datetime) -> Team:
    """The team's row under a free slug: its name's, else with a few random characters behind it."""
    base = slugify(name)[:50].strip("-") or "team"
    for slug in [base, *(f"{base}-{secrets.token_hex(2)}" for _ in range(TRIES))]:
        try:
            with transaction.atomic():
                return Team.objects.create(
                    name=name,
                    slug=slug,
                    time_zone=time_zone,
                    month_zones=months.always(time_zone),
                    created_at=now,
                )
        except IntegrityError:
            continue
    raise RuntimeError(f"no free slug for a team after {TRIES} tries")


@transaction.atomic
def rename(team: Team, name: str, who: Actor, now: datetime) -> None:
    """Another name; the slug stays, so that addresses do."""
    before, team.name = team.name, name
    team.save(update_fields=["name"])
    record(team, who, Action.TEAM_CHANGED, name, before={"name": before}, after={"name": name}, at=now)


@transaction.atomic
def change_time_zone(team: Team, zone: str, who: Actor, now: datetime) -> None:
    """Another time zone, in which its days and hours count from now on; the months of its statements from the next one
    on, so that none that has begun moves."""
    team = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    before, team.time_zone = team.time_zone, zone
    team.month_zones = months.changed(team.month_zones, zone, now)
    team.save(update_fields=["time_zone", "month_zones"])
    facts = [{"time_zone": name} for name in (before, zone)]
    record(team, who, Action.TEAM_CHANGED, team, at=now, before=facts[0], after=facts[1])


@transaction.atomic
def change_billing_details(team: Team, details: str, who: Actor, now: datetime) -> None:
    """What its statements say of whom they are for. The audit log outlives it, so it gets no address."""
    team.billing_details = details
    team.save(update_fields=["billing_details"])
    after = {"billing_details": "changed" if details else "removed"}
    record(team, who, Action.TEAM_CHANGED, team, before=None, after=after, at=now)


@transaction.atomic
def change_role(membership: Membership, role: Role, actor: Membership, now: datetime) -> None:
    """Give a person of the team another role; `actor` is the membership of who does it."""
    if role == Role.OWNER or membership.role == Role.OWNER:
        only_owners_touch_owners(actor)
    keep_an_owner(membership, role)
    before, membership.role, membership.role_changed_at = membership.role, role, now
    membership.save(update_fields=["role", "role_changed_at"])
    record(
        membership.team,
        actor.user,
        Action.MEMBER_ROLE_CHANGED,
        membership.user,
        before={"role": before},
        after={"role": role},
        at=now,
    )


@transaction.atomic
def hand_over(membership: Membership, actor: Membership, now: datetime) -> None:
    """Make that person an owner, and the owner who does it an admin: both or neither."""
    if membership.pk == actor.pk:
        raise NotAllowed(gettext("You already own this team. Choose another member."))
    change_role(membership, Role.OWNER, actor, now)
    change_role(actor, Role.ADMIN, actor, now)


@transaction.atomic
def need_two_factors(team: Team, needed: bool, who: Actor, now: datetime) -> None:
    """Whether its pages open only to people who sign in with two factors."""
    before, team.needs_two_factors = team.needs_two_factors, needed
    team.save(update_fields=["needs_two_factors"])
    facts = [{"two factors": word(need)} for need in (before, needed)]
    record(team, who, Action.TEAM_CHANGED, team, at=now, before=facts[0], after=facts[1])


def word(needed: bool) -> str:
    return "needed" if needed else "up to each"


def live_tokens(membership: Membership, now: datetime) -> QuerySet[Token]:
    """API tokens that the person made and that still open the team."""
    active = Q(expires_at=None) | Q(expires_at__gt=now)
    return Token.objects.of(membership.team).filter(active, created_by=membership.user, revoked_at=None)


@transaction.atomic
def remove(membership: Membership, actor: Membership, now: datetime, *, revoke_tokens: bool = True) -> None:
    """Take a person out of the team, or let them leave by themselves. Invitations that they sent open nothing any
    more, or they could come back by one; API tokens that they made are revoked too, unless the team keeps them."""
    if membership.role == Role.OWNER:
        only_owners_touch_owners(actor)
    keep_an_owner(membership, None)
    record(
        membership.team,
        actor.user,
        Action.MEMBER_LEFT if membership.user == actor.user else Action.MEMBER_REMOVED,
        membership.user,
        before={"role": membership.role},
        after=None,
        at=now,
    )
    if revoke_tokens:
        for token in live_tokens(membership, now):
            tokens.revoke(token, actor.user, now)
    sent = Invitation.objects.of(membership.team).filter(invited_by=membership.user)
    sent.filter(accepted_at=None, revoked_at=None).update(revoked_at=now)
    membership.delete()


def only_owners_touch_owners(actor: Membership) -> None:
    if actor.role != Role.OWNER:
        raise NotAllowed(gettext("Only owners can add, change or remove owners. Ask an owner of the team."))


def keep_an_owner(membership: Membership, role: Role | None) -> None:
    """Refuse to lose the last owner; the rows are locked, so that two owners can't leave at the same moment."""
    owners = Membership.objects.select_for_update().filter(team=membership.team, role=Role.OWNER)
    if role != Role.OWNER and [owner.pk for owner in owners] == [membership.pk]:
        raise NotAllowed(gettext("A team needs an owner. Make another member an owner first."))


# --- The end of a team: it closes, runners/team_deletion.py drains it, and then it is gone from all pages ---------


@transaction.atomic
def close(team: Team, who: Actor, now: datetime) -> bool:
    """Begin to delete it. False when that had begun before."""
    if not Team.objects.filter(pk=team.pk, closing_at=None).update(closing_at=now):
        return False
    team.closing_at = now
    record(team, who, Action.TEAM_DELETION_STARTED, team.name, at=now)
    return True


@transaction.atomic
def cancel_deletion(team: Team, who: Actor, now: datetime) -> bool:
    """Cancel the deletion; what has been drained by now stays so. False if it was too late, or not closing."""
    if not Team.objects.filter(pk=team.pk, closed_at=None).exclude(closing_at=None).update(closing_at=None):
        return False
    team.closing_at = None
    record(team, who, Action.TEAM_DELETION_STOPPED, team.name, at=now)
    return True


@transaction.atomic
def end(team: Team, now: datetime) -> bool:
    """Nothing of it is left outside: no person, token or invitation reaches it from now on. What it did and paid
    stays written down. False when somebody kept it, or it had ended before."""
    closing = Team.objects.filter(pk=team.pk, closed_at=None).exclude(closing_at=None)
    if not closing.update(closed_at=now):
        return False
    record(team, "Farmhand", Action.TEAM_DELETED, team.name, at=now)
    Membership.objects.filter(team=team).delete()
    Token.objects.of(team).filter(revoked_at=None).update(revoked_at=now)
    Invitation.objects.of(team).filter(accepted_at=None, revoked_at=None).update(revoked_at=now)
    return True
