"""A pool's schedule as people see it: its week, what holds now, and what it would have saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext

from runners.jobs.labels import NAMED
from runners.models import Pool
from runners.pools import ready_savings
from runners.pools.schedule import HOURS, WEEKDAYS, ReadySpan, Schedule
from runners.web.forms.schedule import DAY_NAMES
from tfci.templatetags.draw import percent

FAINTEST, STRONGEST = 10, 40  # percent of a bar's colour, behind its number
NAMES = {str(size): name for name, size in NAMED.items()}


@dataclass(frozen=True, slots=True)
class DayBar:
    """Hours of a day with the same VMs, in percent of the day's box; the more VMs, the stronger it is drawn."""

    x: str
    width: str
    middle: str
    strength: str
    vms: int
    text: str


@dataclass(frozen=True, slots=True)
class ReadyHours:
    """`days`: a name and its bars. `now`: size -> VMs, and `later` from `changes_at` on; None where that is never."""

    days: list[tuple[Promise, list[DayBar]]]
    zone: str
    now: Mapping[str, int]
    changes_at: datetime | None
    later: Mapping[str, int]
    savings: ready_savings.Savings | None
    min_jobs: int = ready_savings.MIN_JOBS


def show(pool: Pool, plan: Schedule, now: datetime) -> ReadyHours:
    """Of a pool as it is, or as somebody fills it in."""
    change = plan.next_change(now)
    return ReadyHours(
        days=[(DAY_NAMES[name], _bars(plan, day)) for day, name in enumerate(WEEKDAYS)],
        zone=plan.zone.key.replace("_", " "),
        now=_named(plan.at(now)),
        changes_at=change,
        later=_named(plan.at(change)) if change else {},
        savings=ready_savings.of_last_days(pool, plan, now),
    )


def _bars(plan: Schedule, day: int) -> list[DayBar]:
    return [
        DayBar(
            x=percent(100 * span.from_hour / HOURS),
            width=percent(100 * (span.to_hour - span.from_hour) / HOURS),
            middle=percent(50 * (span.from_hour + span.to_hour) / HOURS),
            strength=percent(FAINTEST + (STRONGEST - FAINTEST) * span.total / plan.peak),
            vms=span.total,
            text=_text(span),
        )
        for span in plan.spans(day)
    ]


def _text(span: ReadySpan) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in _named(span.vms).items())
    return gettext("{start}:00 to {stop}:00: {counts}").format(
        start=span.from_hour, stop=span.to_hour, counts=counts
    )


def _named(vms: Mapping[str, int]) -> dict[str, int]:
    """By the short names of sizes, where they have one."""
    return {NAMES.get(size, size): count for size, count in sorted(vms.items())}
