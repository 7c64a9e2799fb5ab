"""The audit log: its one writer, and the search of its readers."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from tfci.accounts import audit_messages
from tfci.accounts.models import AuditEntry


def record(team, who, what, on="", *, at, before=None, after=None, why=""):
    """Write who (a User, a Token or a word) did what (a verb of access.py) to what, in which team, when.

    Stands in the same transaction as the deed. Texts are cut to what the row holds; never hand in a secret."""
    return AuditEntry.objects.create(
        team=team,
        at=at,
        who=str(who)[:300],
        what=what,
        on=str(on)[:300],
        before=before,
        after=after,
        why=why[:300],
    )


def found(team, who="", noun="", on="", since=None, until=None):
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
        rows = rows.filter(at__gte=midnight(since))
    if until:
        rows = rows.filter(at__lt=midnight(until + timedelta(days=1)))
    return rows


def midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
