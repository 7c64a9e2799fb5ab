"""What a team has left, and how long that lasts at its pace: for the sidebar of every page."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from redis import RedisError

from billing import ledger, wallets
from tfci.tft import Tft

KEPT = 60  # seconds that a team's pace is remembered
BRIEFLY = 5  # that nothing was spent, for the first charge is looked for
LOW = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Purse:
    """`pace`: what a day takes."""

    balance: Tft
    pace: Tft

    @property
    def lasts(self) -> timedelta | None:
        """At this pace; None where nothing was spent, or nothing is left."""
        if self.pace <= 0 or self.balance <= 0:
            return None
        days = self.balance / self.pace
        return timedelta(days=days) if days < 3650 else None

    @property
    def low(self) -> bool:
        """True when somebody should add TFT soon."""
        return self.balance <= 0 or (self.lasts is not None and self.lasts < LOW)


def of(team, now: datetime) -> Purse:
    """The balance is exact, the pace up to a minute old. One query, or two."""
    return Purse(wallets.of(team, now).balance, _pace(team, now))


def _pace(team, now: datetime) -> Tft:
    """Counted anew where the cache is silent: pages don't depend on it."""
    key = f"pace:{team.pk}"
    with suppress(RedisError):
        if (kept := cache.get(key)) is not None:
            return Tft(kept)
    pace = ledger.pace(team, now)
    with suppress(RedisError):
        cache.set(key, int(pace), KEPT if pace else BRIEFLY)
    return pace
