"""Which size would do for a team's jobs, and what it would save: from what those of the last 30 days used."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop

from billing import pricing, quotes
from runners.jobs import size_advice
from runners.jobs.labels import Size, SizeLimits
from runners.models import Job, Pool, Runner
from tfci.core.tft import Tft
from tfci.grid import registry

SPAN = timedelta(days=30)
LATELY = 2000  # jobs of a repository or pool that are looked at, the newest
USED = ("peak_cpu", "mean_cpu", "peak_memory", "peak_disk")
KEY = ("job__connection", "job__repository", "job__workflow", "job__name", "job__size")
Columns: TypeAlias = tuple[Any, ...]  # KEY, or what follows it in a row
NONE_HERE = gettext_noop("VMs of this grid share this host, so their usage can't be measured by size.")


@dataclass(frozen=True, slots=True)
class JobGroup:
    """Jobs of one name, in one workflow and repository, with one size; `newest` is one of them. `advice`: None where
    too few were measured. `saves`: a month, at the pace of the last 30 days and today's prices."""

    newest: int
    repository: str
    workflow: str
    name: str
    size: Size
    measured: int
    minutes: int
    advice: size_advice.Advice | None
    saves: Tft | None

    @property
    def label(self) -> str:
        """What to write for the size that would do."""
        return size_advice.name(self.advice.size) if self.advice and self.advice.size else ""


def unavailable_reason() -> str:
    """Why nothing can be advised on this grid; "" where it can."""
    return "" if registry.isolates() else gettext(NONE_HERE)


def of_job(job: Job, now: datetime) -> JobGroup | None:
    """For a job of its kind; None where none was measured or nothing can be said. Two queries."""
    if unavailable_reason() or not job.pool or not job.size:
        return None
    lately = Job.objects.filter(team=job.team_id, repository=job.repository).order_by("-pk")[:LATELY]
    alike = {
        "job__connection": job.connection_id,
        "job__workflow": job.workflow,
        "job__name": job.name,
        "job__size": job.size,
    }
    return next(iter(_groups(_measured(lately, now).filter(**alike), job.pool)), None)


def of_pool(pool: Pool, now: datetime) -> list[JobGroup]:
    """What saves most first, those with too few jobs last. Two queries."""
    lately = Job.objects.filter(pool=pool, team=pool.team_id).order_by("-pk")[:LATELY]
    found = [] if unavailable_reason() else _groups(_measured(lately, now), pool)
    return sorted(found, key=lambda one: (one.advice is None, -(one.saves or 0), one.repository, one.name))


def _measured(lately: QuerySet[Job], now: datetime) -> QuerySet[Runner]:
    """Of those that ran to their end, whatever that was."""
    ended = {"job__conclusion__in": ["success", "failure"], "job__completed_at__gte": now - SPAN}
    runners = Runner.objects.filter(job__in=lately.values("pk"), peak_memory__isnull=False, **ended)
    return runners.order_by("-pk")


def _groups(runners: QuerySet[Runner], pool: Pool) -> list[JobGroup]:
    at = quotes.prices(registry.network(), pool.team_id)
    found = defaultdict(list)
    for row in runners.values_list(*KEY, "job", "job__started_at", "job__completed_at", *USED):
        found[row[: len(KEY)]].append(row[len(KEY) :])
    return [_group(key, rows, pool, at) for key, rows in found.items()]


def _group(key: Columns, rows: list[Columns], pool: Pool, at: quotes.Reading | None) -> JobGroup:
    _, repository, workflow, name, size = key
    size, largest = Size.parse(size), SizeLimits.over(map(Size.parse, pool.sizes))
    uses = [size_advice.JobUsage(*row[3:]) for row in rows]
    price = _price(at) if at else None
    advice = size_advice.advise(uses, size, largest, price) if price else None
    ran = _ran(rows)
    saves = None
    if price and advice and advice.size:
        saves = pricing.cost(Tft(price(size) - price(advice.size)), ran // timedelta(milliseconds=1))
    return JobGroup(
        rows[0][0], repository, workflow, name, size, len(rows), ran // timedelta(minutes=1), advice, saves
    )


def _price(at: quotes.Reading) -> Callable[[Size], Tft]:
    """TFT an hour of a size, on a node that is not certified."""
    return lambda size: quotes.per_hour(size, at, certified=False)


def _ran(rows: Iterable[Columns]) -> timedelta:
    return sum((max(end - start, timedelta()) for _, start, end, *_ in rows if start and end), timedelta())
