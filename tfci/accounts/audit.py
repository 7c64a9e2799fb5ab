"""The audit log: its one writer, and the search of its readers."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import QuerySet

from tfci.accounts import audit_messages
from tfci.accounts.audit_actions import TEXTS, Action
from tfci.accounts.models import AuditEntry, Team, Token, User
from tfci.core import days

Actor = User | Token | str
Facts = Mapping[str, object]


def record(
    team: Team | None,
    who: Actor,
    action: Action,
    on: object = "",
    *,
    at: datetime,
    before: Facts | None = None,
    after: Facts | None = None,
    note: str = "",
) -> AuditEntry:
    """Write who (a User, a Token or a name) did what to what, in which team, when. `note`: the user's own text.

    Call it in the transaction of the action. Texts are cut to the row's columns; never pass a secret."""
    return AuditEntry.objects.create(
        team=team,
        at=at,
        who=str(who)[:300],
        what=TEXTS[action].verb,
        action=action,
        on=str(on)[:300],
        before=before,
        after=after,
        note=note[:300],
    )


def search(
    team: Team | None,
    who: str = "",
    noun: str = "",
    on: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEntry]:
    """The entries of a team by exactly that person, of that noun of audit_messages.py, about a thing whose name
    holds `on`,
    on the days from `since` to `until` in the reader's zone. What is empty filters nothing."""
    rows = AuditEntry.objects.filter(team=team)
    if who:
        rows = rows.filter(who=who)
    if noun:
        rows = rows.filter(what__in=audit_messages.verbs(noun))
    if on:
        rows = rows.filter(on__icontains=on)
    if since:
        rows = rows.filter(at__gte=days.begin(since))
    if until:
        rows = rows.filter(at__lt=days.end(until))
    return rows
