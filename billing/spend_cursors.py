"""Up to which entry the charges of a team are rolled up, and who rolls up the next ones.

No entry is skipped: who writes entries of a team holds its wallet before they get their ids (ledger.py), so they are
committed in that order.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import takewhile

from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from billing.models import LedgerEntry, SpendCursor, Wallet
from tfci.accounts.models import Team


def due(before: datetime) -> list[int]:
    """The teams with entries behind their cursor that are older."""
    cursor = SpendCursor.objects.filter(team=OuterRef("team")).values("entry_id")
    after = Coalesce(Subquery(cursor), 0, output_field=BigIntegerField())
    entries = LedgerEntry.objects.filter(team=OuterRef("team"), pk__gt=OuterRef("after"), at__lt=before)
    wallets = Wallet.objects.annotate(after=after).filter(Exists(entries)).order_by("team")
    return list(wallets.values_list("team", flat=True))


@transaction.atomic
def advance(team_id: int, before: datetime, at_once: int, add: Callable[[int, int], None]) -> int:
    """Move a team's cursor over its next entries that are older, and have them added: all after one id up to another.
    Returns how many. One process at a time does so for a team."""
    SpendCursor.objects.get_or_create(team_id=team_id)
    cursor = SpendCursor.objects.select_for_update().get(team_id=team_id)
    entries = LedgerEntry.objects.filter(team=team_id, pk__gt=cursor.entry_id).order_by("pk")
    batch = list(takewhile(lambda entry: entry[1] < before, entries.values_list("pk", "at")[:at_once]))
    if batch:
        last = batch[-1][0]
        add(cursor.entry_id, last)
        SpendCursor.objects.filter(team=team_id).update(entry_id=last)
    return len(batch)


def rolled_up_to(team: Team) -> int:
    """The last entry that is, or 0."""
    return SpendCursor.objects.of(team).values_list("entry_id", flat=True).first() or 0
