"""What a team has left, and how long that lasts at its pace: for the sidebar of every page."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from redis import RedisError

from billing import ledger, wallets
from billing.models import Wallet
from tfci.tft import Tft

KEPT = 60  # seconds that a team's pace is remembered
BRIEFLY = 5  # that nothing was spent, for the first charge is looked for
LOW = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Purse:
    """`pace`: what a day takes. While the team is warned: about when its VMs end, or when they ended."""

    balance: Tft
    pace: Tft
    runs_out_at: datetime | None = None
    ended_at: datetime | None = None

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
        return (
            self.balance <= 0 or self.runs_out_at is not None or (self.lasts is not None and self.lasts < LOW)
        )


def of(team, now: datetime) -> Purse:
    """The balance is exact, the pace up to a minute old. One query, or two."""
    return read(wallets.of(team, now), _pace(team, now))


def read(wallet: Wallet, pace: Tft) -> Purse:
    """What a wallet's row says, beside a pace."""
    runs_out_at = wallet.runs_out_at if wallet.warned_at else None
    return Purse(wallet.balance, pace, runs_out_at, wallet.spent_at)


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
