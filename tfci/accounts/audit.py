"""The one writer of the audit log."""

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
