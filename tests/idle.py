"""Before tables are emptied: a page that was closed leaves requests behind, and with one that still reads it is a
deadlock."""

import time

from django.db import connection

OTHERS_AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
)


def until_idle(seconds=10):
    """Returns when no other session of the test database is in a transaction, or after that many seconds."""
    until = time.monotonic() + seconds
    while _others_at_work() and time.monotonic() < until:
        time.sleep(0.02)


def _others_at_work():
    with connection.cursor() as cursor:
        cursor.execute(OTHERS_AT_WORK)
        return cursor.fetchone()[0]
