"""What people do about withdrawals: ask, confirm, stop. Nothing here moves TFT."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from billing.models import Withdrawal as Withdrawal
from billing.withdrawal_rules.addresses import Route as Route
from billing.withdrawal_rules.life import CONFIRM_WITHIN, OPEN, STOPPABLE, WithdrawalState
from billing.withdrawal_rules.pause import Pause, pause
from billing.withdrawal_rules.reasons import StoppedByOwner
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Membership, Team, User
from tfci.core.reasons import columns
from tfci.core.tft import Tft

BY_MAIL = "Someone with an owner’s mail"
ONE_OPEN = "one_open_withdrawal_a_team"
MAILED = (
    WithdrawalState.REQUESTED,
    WithdrawalState.WAITING,
    WithdrawalState.PAID,
    WithdrawalState.RETURNED,
    WithdrawalState.STOPPED,
    WithdrawalState.FAILED,
)


def highest_fee() -> Tft:
    """What the chain may take for one, as the operator has set it."""
    return Tft.parse(settings.WITHDRAWAL_FEE)


def delay() -> timedelta:
    return timedelta(minutes=settings.WITHDRAWAL_DELAY_MINUTES)


def pause_of(team: Team, person: User, now: datetime) -> Pause | None:
    """Of an owner, until when they can neither ask nor confirm; others of the team can, and all can stop."""
    return pause_of_owner(Membership.objects.select_related("user").get(team=team, user=person), now)


def pause_of_owner(owner: Membership, now: datetime) -> Pause | None:
    """The same, of a membership that is read already."""
    length = timedelta(hours=settings.WITHDRAWAL_PAUSE_HOURS)
    return pause(owner.user.sign_in_changed_at, owner.role_changed_at or owner.joined_at, length, now)


def of_team(team: Team) -> QuerySet[Withdrawal]:
    """All of a team, newest first."""
    return Withdrawal.objects.of(team).select_related("asked_by").order_by("-pk")


def unpaid() -> QuerySet[Withdrawal]:
    """The open ones of all teams, newest first."""
    return Withdrawal.objects.filter(state__in=OPEN).select_related("team", "asked_by").order_by("-pk")


def open_of(team: Team) -> Withdrawal | None:
    return of_team(team).filter(state__in=OPEN).first()


def ask(
    team: Team, person: User, route: Route, address: str, amount: Tft, bridge_fee: Tft, now: datetime
) -> Withdrawal | None:
    """Ask for one. None where the team has an open one already, or this person is paused."""
    if pause_of(team, person, now):
        return None
    try:
        with transaction.atomic():
            row = Withdrawal.objects.create(
                team=team,
                asked_by=person,
                asked_as=person.email,
                route=route,
                address=address,
                amount=amount,
                highest_fee=highest_fee(),
                bridge_fee=bridge_fee,
                asked_at=now,
                deadline_at=now + CONFIRM_WITHIN,
            )
            facts = {"amount": f"{amount} TFT", "to": address}
            audit.record(team, person, Action.WITHDRAWAL_ASKED, row, after=facts, at=now)
    except IntegrityError as error:
        if ONE_OPEN in str(error):
            return None
        raise
    return row


@transaction.atomic
def confirm(row: Withdrawal, person: User, now: datetime) -> bool:
    """By the person who asked, before the link's time is over, unless they are paused. From here on it waits."""
    if pause_of(row.team, person, now):
        return False
    requested = Withdrawal.objects.filter(
        pk=row.pk, state=WithdrawalState.REQUESTED, asked_by=person, deadline_at__gt=now
    )
    if not requested.update(state=WithdrawalState.WAITING, deadline_at=now + delay()):
        return False
    audit.record(row.team, person, Action.WITHDRAWAL_CONFIRMED, row, at=now)
    return True


@transaction.atomic
def stop(row: Withdrawal, person: User | None, now: datetime) -> bool:
    """False where it is too late, or has ended. Without a person: by the link in an owner's mail."""
    stoppable = Withdrawal.objects.filter(pk=row.pk, state__in=STOPPABLE)
    who = person.email if person else ""
    if not stoppable.update(state=WithdrawalState.STOPPED, ended_at=now, **columns(StoppedByOwner(who))):
        return False
    audit.record(row.team, person or BY_MAIL, Action.WITHDRAWAL_STOPPED, row, at=now)
    return True


def unmailed() -> QuerySet[Withdrawal]:
    """Those whose people have not been mailed about their state."""
    rows = Withdrawal.objects.filter(state__in=MAILED).exclude(mailed_state=F("state"))
    return rows.select_related("team", "asked_by").order_by("pk")


def record_mail(row: Withdrawal) -> None:
    """Call it after the mails went out: a crash in between mails twice, but loses no mail."""
    Withdrawal.objects.filter(pk=row.pk, state=row.state).update(mailed_state=row.state)
