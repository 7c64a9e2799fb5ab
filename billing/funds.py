"""A team's balance, and how long it lasts: at the current rate, and at the average of the last days."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache
from redis import RedisError

from billing import ledger
from tfci.accounts.models import Team
from tfci.core.tft import Tft

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAYS = 14  # that the average is taken over
CACHE_SECONDS = 60  # for a team's average
EMPTY_CACHE_SECONDS = 5  # while nothing was spent: the first charge should show soon
LOW_AVERAGE = timedelta(days=3)
LOW_RATE = timedelta(hours=12)  # most VMs are gone with their job, so this is not three days too
LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Rate:
    """What the VMs that are up cost together."""

    vms: int = 0
    per_hour: Tft = field(default_factory=Tft)


@dataclass(frozen=True, slots=True)
class Average:
    """What a day took, over the last `days`."""

    per_day: Tft = field(default_factory=Tft)
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class Funds:
    """Of what pays for new VMs. Times left are None where nothing is spent at all, nothing is left, or they are over 10
    years. While the team is warned: about when its VMs end, or when they ended."""

    balance: Tft  # or what the team's own twin still covers
    rate: Rate = field(default_factory=Rate)
    average: Average = field(default_factory=Average)
    runs_out_at: datetime | None = None
    ended_at: datetime | None = None
    asked_at: datetime | None = None  # when the operator was asked for TFT; only read if nothing is left
    days_left: int | None = (
        None  # under so many days by the forecast, once the team was alerted (spending/alerts.py)
    )
    limit_percent: int | None = None  # of the spending limit that is used most, in the same way
    on_own_twin: bool = False  # new VMs are paid for by that, and the balance is not touched

    @property
    def at_rate(self) -> timedelta | None:
        return self._left(self.rate.per_hour, HOUR)

    @property
    def starts_until(self) -> timedelta | None:
        """How long VMs still start at the current rate, and those without a job stay: while the next hour of all that
        runs is covered (budgets.py). 0 once it is not."""
        if self.balance <= 0:
            return timedelta()
        return None if self.at_rate is None else max(self.at_rate - HOUR, timedelta())

    @property
    def at_average(self) -> timedelta | None:
        return self._left(self.average.per_day, DAY)

    @property
    def time_left(self) -> timedelta | None:
        """The shorter of the two."""
        return min((left for left in (self.at_rate, self.at_average) if left is not None), default=None)

    @property
    def low(self) -> bool:
        """True when somebody should add TFT, or end what runs, soon."""
        at_rate, at_average = self.at_rate, self.at_average
        low = (at_rate is not None and at_rate < LOW_RATE) or (
            at_average is not None and at_average < LOW_AVERAGE
        )
        return self.balance <= 0 or self.runs_out_at is not None or low

    def _left(self, spent: Tft, span: timedelta) -> timedelta | None:
        if spent <= 0 or self.balance <= 0 or self.balance / spent * span >= LONGEST:
            return None
        return self.balance / spent * span


def average(team: Team, now: datetime) -> Average:
    """Up to a minute old."""
    if cached := _cached(team):
        return cached
    found = averages([team.pk], now).get(team.pk, Average())
    _cache(team, found)
    return found


def averages(team_ids: Iterable[int], now: datetime) -> dict[int, Average]:
    """By team; teams that spent nothing are left out."""
    spent = ledger.spent_since_first(team_ids, now - DAYS * DAY)
    return {team: _average(total, first, now) for team, (total, first) in spent.items()}


def _average(total: Tft, first: datetime | None, now: datetime) -> Average:
    """Of a team that began to spend later than the first of the days, over those since then."""
    days = min(DAYS, max(1, -(-(now - first) // DAY))) if first else DAYS
    return Average(total.share(1, days), days)


def _cached(team: Team) -> Average | None:
    """None also if the cache is down: pages don't depend on it."""
    with suppress(RedisError):
        if cached := cache.get(_key(team)):
            per_day, days = cached
            return Average(Tft(per_day), days)
    return None


def _cache(team: Team, average: Average) -> None:
    with suppress(RedisError):
        cached = (int(average.per_day), average.days)
        cache.set(_key(team), cached, CACHE_SECONDS if average.per_day else EMPTY_CACHE_SECONDS)


def _key(team: Team) -> str:
    return f"average:{team.pk}"
