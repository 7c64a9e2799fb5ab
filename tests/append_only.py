"""The ledger refuses to be changed and emptied. Tests that begin anew, and one who tampers, go past its triggers."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from billing.models import (
    AccountBalance,
    LedgerEntry,
    RepositorySpent,
    SpendBucket,
    SpendCursor,
    SpendDimensions,
    Spent,
)

KEPT = (AccountBalance, Spent, RepositorySpent, SpendBucket, SpendDimensions, SpendCursor)


@contextmanager
def without_triggers() -> Iterator[None]:
    """As a superuser of PostgreSQL can."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def empty_ledger(**of: object) -> None:
    """Entries, and what is kept beside them."""
    with without_triggers():
        for model in (LedgerEntry, *KEPT):
            model.objects.filter(**of).delete()
