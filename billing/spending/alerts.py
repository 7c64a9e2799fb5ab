"""Alerts as rows: recorded once a crossing, mailed once, shown while they hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import Max, Min, OuterRef, Q, Subquery

from billing.models import SpendingAlert
from billing.spending import crossings
from billing.spending.crossings import Crossing
from billing.spending_kinds import AlertKind

Alert: TypeAlias = SpendingAlert  # the name for other apps
LASTING = (AlertKind.DAYS_LEFT, AlertKind.LIMIT)  # a job's alert is sent once and over


@transaction.atomic
def record(team_id: int, crossed: Sequence[Crossing], now: datetime) -> None:
    """`crossed`: all that holds now. Of several that are new at once the most urgent is mailed, the others count as
    told. Safe to repeat."""
    episodes = {one.episode for one in crossed}
    rows = SpendingAlert.objects.filter(team=team_id)
    known = {_crossing(row): row for row in rows.filter(Q(holds=True) | Q(episode__in=episodes))}
    added = [
        SpendingAlert(
            team_id=team_id,
            kind=one.kind,
            limit_id=one.limit_id,
            threshold=one.threshold,
            episode=one.episode,
            value=one.value,
            job_id=one.job_id,
            crossed_at=now,
            mailed_at=None if mailed else now,
            holds=one.kind in LASTING,
        )
        for one, mailed in crossings.new(crossed, known)
    ]
    SpendingAlert.objects.bulk_create(added, ignore_conflicts=True)
    holding = {(one.subject, one.threshold) for one in crossed if one.kind in LASTING}
    for holds in (True, False):
        changed = [
            row.pk
            for one, row in known.items()
            if row.holds != holds and ((one.subject, one.threshold) in holding) == holds
        ]
        if changed:
            rows.filter(pk__in=changed).update(holds=holds)


def _crossing(row: SpendingAlert) -> Crossing:
    return Crossing(AlertKind(row.kind), row.threshold, row.episode, row.value, row.limit_id, row.job_id)


def days_left(team: OuterRef) -> Subquery:
    """Under how many days the balance lasts, of the team of an outer row; None where that is no alert."""
    return _of_holding(team, AlertKind.DAYS_LEFT, Min("threshold"))


def percent(team: OuterRef) -> Subquery:
    """The highest percent of a limit that is reached, in the same way."""
    return _of_holding(team, AlertKind.LIMIT, Max("threshold"))


def _of_holding(team: OuterRef, kind: AlertKind, which: Max | Min) -> Subquery:
    rows = SpendingAlert.objects.filter(team=team, kind=kind, holds=True).order_by()
    return Subquery(rows.values("team").annotate(found=which).values("found"))


def unmailed() -> list[SpendingAlert]:
    """Those whose teams must be mailed, the oldest first."""
    rows = SpendingAlert.objects.filter(mailed_at=None, team__closed_at=None)
    return list(rows.select_related("team", "limit").order_by("crossed_at", "pk"))


def record_mail(alert: SpendingAlert, now: datetime) -> None:
    """Call it after the mail went out: a crash in between mails twice, but loses no mail."""
    SpendingAlert.objects.filter(pk=alert.pk).update(mailed_at=now)
