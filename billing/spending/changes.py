"""Create, change and delete a team's spending limits, each with its audit entry."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from billing.models import SpendingAlert, SpendingLimit
from billing.spending.limit import Limit
from billing.spending_kinds import LimitPeriod, LimitScope
from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.core.tft import Tft

LimitRow: TypeAlias = SpendingLimit  # the name for other apps
MAX_LIMITS = 50  # limits of a team


class LimitTaken(Exception):
    """The team has a limit for the same, over the same time."""


class TooManyLimits(Exception):
    """The team has as many as it may."""


def rows(team: Team | None) -> QuerySet[SpendingLimit]:
    """Those of a team, the newest first."""
    return SpendingLimit.objects.of(team).order_by("-pk")


def of_team(team_id: int) -> tuple[list[SpendingLimit], Team | None]:
    """Those of a team with the team itself, None where it has none. One query."""
    found = list(SpendingLimit.objects.filter(team=team_id).select_related("team").order_by("pk"))
    return found, found[0].team if found else None


def teams() -> list[int]:
    """Those that have a limit."""
    return list(SpendingLimit.objects.order_by("team").distinct().values_list("team", flat=True))


def as_limit(row: SpendingLimit, pool_names: Mapping[int, str]) -> Limit:
    name = pool_names.get(row.pool_id, "") if row.pool_id else row.repository
    return Limit(
        row.pk,
        LimitScope(row.scope),
        LimitPeriod(row.period),
        row.amount,
        row.stops,
        row.pool_id,
        row.repository,
        name,
    )


@transaction.atomic
def create(team: Team, limit: Limit, who: Actor, now: datetime) -> SpendingLimit:
    """Raises LimitTaken, TooManyLimits. Its id is given here."""
    if rows(team).count() >= MAX_LIMITS:
        raise TooManyLimits
    row = SpendingLimit(
        team=team,
        scope=limit.scope,
        period=limit.period,
        pool_id=limit.pool_id,
        repository=limit.repository,
        amount=limit.amount,
        stops=limit.stops,
        created_at=now,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "one_spending_limit_of_a_kind" in str(error):
            raise LimitTaken from None
        raise
    audit.record(
        team,
        who,
        Action.SPENDING_LIMIT_CREATED,
        _title(limit),
        at=now,
        after=_audited(limit.amount, limit.stops),
    )
    return row


@transaction.atomic
def change(row: SpendingLimit, limit: Limit, who: Actor, now: datetime) -> None:
    """Its amount, and whether it stops. Its alerts no longer hold: the next look for crossings finds those that do."""
    before = _audited(row.amount, row.stops)
    row.amount, row.stops = limit.amount, limit.stops
    row.save(update_fields=["amount", "stops"])
    SpendingAlert.objects.filter(limit=row, holds=True).update(holds=False)
    after = _audited(row.amount, row.stops)
    if after != before:
        audit.record(
            row.team, who, Action.SPENDING_LIMIT_CHANGED, _title(limit), at=now, before=before, after=after
        )


@transaction.atomic
def delete_of_pool(team: Team, pool_id: int, name: str, who: Actor, now: datetime) -> None:
    """A pool that ends needs none."""
    for row in rows(team).filter(pool_id=pool_id):
        delete(row, as_limit(row, {pool_id: name}), who, now)


@transaction.atomic
def delete(row: SpendingLimit, limit: Limit, who: Actor, now: datetime) -> None:
    """Deleting it twice changes nothing."""
    deleted, _ = SpendingLimit.objects.filter(pk=row.pk).delete()
    if deleted:
        audit.record(
            row.team,
            who,
            Action.SPENDING_LIMIT_DELETED,
            _title(limit),
            at=now,
            before=_audited(row.amount, row.stops),
        )


def _title(limit: Limit) -> str:
    return f"per {limit.period}: {limit.name or limit.scope}"


def _audited(amount: Tft, stops: bool) -> dict[str, object]:
    return {"amount": f"{amount} TFT", "stops": stops}
