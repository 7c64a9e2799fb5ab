"""What changed of which team. Triggers note it (migrations/0002_hints.py), so no code that writes a row need do so.

Hints are polled for, several times a second, and not sent by NOTIFY: a transaction that notifies holds a lock of the
whole server until it is on the disk, and webhooks would wait for each other (docs/decisions/live.md).
"""

from datetime import timedelta

from django.db import connection as database

KEEP = timedelta(minutes=1)
QUERY = """
    SELECT pg_current_snapshot()::text, ARRAY(
        SELECT DISTINCT team_id || ' ' || topics FROM runners_hint
        WHERE xid >= pg_snapshot_xmin(%(last)s::pg_snapshot)
            AND NOT pg_visible_in_snapshot(xid, %(last)s::pg_snapshot)
    )
"""


def read(last: str | None) -> tuple[str, dict[int, set[str]]]:
    """What was committed since the poll that returned `last`, whatever the order of commits: topics by team.

    Returns the mark of this poll too. With None there is only the mark, to begin with."""
    with database.cursor() as cursor:
        cursor.execute(QUERY, {"last": last})
        mark, rows = cursor.fetchone()
    found: dict[int, set[str]] = {}
    for row in rows:
        team, *topics = row.split()
        found.setdefault(int(team), set()).update(topics)
    return mark, found


def delete_old() -> None:
    """Delete those that every process has long seen. By the database's own clock, which wrote them."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM runners_hint WHERE at < now() - %s", [KEEP])  # type: ignore[list-item]  # an interval
