"""A team without TFT asks the operator; the operator puts TFT on its wallet, or declines."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from billing.models import CreditRequest as CreditRequest
from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team, User


def ask(team: Team, person: User, note: str, now: datetime) -> bool:
    """Ask the operator. False where a request of the team is open already."""
    try:
        with transaction.atomic():
            CreditRequest.objects.create(team=team, asked_by=person, note=note, asked_at=now)
            audit.record(team, person, Action.TFT_REQUESTED, team.name, note=note, at=now)
    except IntegrityError as error:
        if "one_open_request_a_team" in str(error):
            return False
        raise
    return True


def open_requests() -> QuerySet[CreditRequest]:
    """Requests that wait for an answer, the oldest first."""
    return CreditRequest.objects.filter(answered_at=None).select_related("team", "asked_by").order_by("pk")


def open_since(team: Team) -> datetime | None:
    """When it asked, if there is no answer yet."""
    return open_requests().filter(team=team).values_list("asked_at", flat=True).first()


def newest(team: Team) -> CreditRequest | None:
    """The team's last request, with its answer."""
    return CreditRequest.objects.filter(team=team).select_related("asked_by").order_by("-pk").first()


def mark_answered(team: Team, now: datetime) -> None:
    """Close the team's request: TFT were put on its wallet."""
    CreditRequest.objects.filter(team=team, answered_at=None).update(answered_at=now)


@transaction.atomic
def decline(request: CreditRequest, reason: str, who: Actor, now: datetime) -> bool:
    """Decline it, with the reason that the team reads. False where it was answered before."""
    row = CreditRequest.objects.filter(pk=request.pk, answered_at=None)
    if not row.update(answered_at=now, declined_because=reason):
        return False
    audit.record(request.team, who, Action.TFT_REQUEST_DECLINED, request.team.name, note=reason, at=now)
    return True


def unmailed() -> QuerySet[CreditRequest]:
    """Requests that no operator was mailed about."""
    return open_requests().filter(mailed_at=None)


def record_mail(request: CreditRequest, now: datetime) -> None:
    """Call it after the mails went out: a crash in between mails twice, but loses no mail."""
    CreditRequest.objects.filter(pk=request.pk).update(mailed_at=now)
