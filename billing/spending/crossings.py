"""Which thresholds of balance and limits are crossed: each is mailed once in its episode. Pure.

An episode of the balance ends with a top-up, one of a limit with its period or another amount.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from billing.spending.limit import Limit, Usage
from billing.spending_kinds import AlertKind
from tfci.core.tft import Tft

DAYS_LEFT = (7, 3, 1)  # at the forecast's rate
PERCENT = (50, 80, 100)  # of a limit


@dataclass(frozen=True, slots=True)
class Crossing:
    """`value`: what is left of the balance, what was spent of the limit, or what the job has cost."""

    kind: AlertKind
    threshold: int
    episode: str
    value: Tft
    limit_id: int | None = None
    job_id: int | None = None

    @property
    def subject(self) -> tuple[AlertKind, int | None, str]:
        """What it is about: of several that are new at once, the last is mailed."""
        return self.kind, self.limit_id, self.episode


def of_balance(left: Tft, per_day: Tft, top_up: int) -> list[Crossing]:
    """`top_up`: the last one's id. The most urgent comes last. An empty balance has warnings of its own."""
    if left <= 0 or per_day <= 0:
        return []
    crossed = [days for days in DAYS_LEFT if left <= days * per_day]
    return [Crossing(AlertKind.DAYS_LEFT, days, str(top_up), left) for days in crossed]


def of_limit(usage: Usage) -> list[Crossing]:
    """The most urgent comes last."""
    limit = usage.limit
    episode = f"{usage.renews_at.date()} {int(limit.amount)}"
    crossed = [percent for percent in PERCENT if usage.percent >= percent]
    return [Crossing(AlertKind.LIMIT, percent, episode, usage.spent, limit.id) for percent in crossed]


def of_job(limit: Limit, job_id: int, cost: Tft, midnight: datetime) -> Crossing:
    """Once a day for a limit, for many jobs may be over it. `midnight`: when the team's day ends."""
    episode = f"{midnight.date()} {int(limit.amount)}"
    return Crossing(AlertKind.JOB_LIMIT, 100, episode, cost, limit.id, job_id)


def new(crossed: Iterable[Crossing], known: Iterable[Crossing]) -> list[tuple[Crossing, bool]]:
    """Those that are not known, and whether they are mailed: of each subject the most urgent."""
    known_places = {(one.subject, one.threshold) for one in known}
    subjects: dict[object, list[Crossing]] = {}
    for one in crossed:
        subjects.setdefault(one.subject, []).append(one)
    return [
        (one, one is group[-1])
        for group in subjects.values()
        for one in group
        if (one.subject, one.threshold) not in known_places
    ]
