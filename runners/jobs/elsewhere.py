"""The same minutes elsewhere: what a team's jobs of some days would have cost at the list prices of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, DecimalField, F, Func, QuerySet, Sum
from django.db.models.functions import Ceil, Greatest, Round

from billing import ledger
from runners.jobs.labels import wants_arm
from runners.models import Job
from tfci.accounts.models import Team
from tfci.core.list_prices import peers
from tfci.core.list_prices.current import GITHUB, PEERS
from tfci.core.list_prices.peers import Counts, Peer
from tfci.core.tft import Tft

SECONDS = Greatest(  # a forge that tells whole seconds has jobs that start and end in the same one
    Func(  # exact, where a float would begin one minute too many
        F("completed_at") - F("started_at"),
        template="EXTRACT(EPOCH FROM %(expressions)s)",
        output_field=DecimalField(),
    ),
    Decimal(1),
)


@dataclass(frozen=True, slots=True)
class MinuteGroup:
    """Jobs of one size and one set of labels; `minutes` by the way of counting them."""

    cpu: int
    label_key: str
    jobs: int
    minutes: dict[Counts, Decimal]

    @property
    def is_comparable(self) -> bool:
        """List prices are of x86-64, and of sizes that there are."""
        return GITHUB.fits(self.cpu) is not None and not any(map(wants_arm, self.label_key.split("\n")))


@dataclass(frozen=True, slots=True)
class ListPriceBill:
    """`minutes` as the peer counts them, `usd` without what a plan includes."""

    peer: Peer
    minutes: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True)
class MinuteComparison:
    """`cost`: what the ledger has for these jobs. `left_out`: jobs that can't be compared. `bills`: dearest first."""

    jobs: int
    left_out: int
    cost: Tft
    github: ListPriceBill
    bills: list[ListPriceBill]


def compare(team: Team, since: datetime, until: datetime) -> MinuteComparison | None:
    """Of jobs that were found from `since` to before `until` and are over; None where none ran. Two queries."""
    jobs = Job.objects.of(team).filter(
        discovered_at__gte=since,
        discovered_at__lt=until,
        state=Job.State.COMPLETED,
        vm__isnull=False,
        completed_at__gte=F("started_at"),
    )
    groups = _groups(jobs)
    comparable = [group for group in groups if group.is_comparable]
    github = bill(GITHUB, comparable)
    if github is None:
        return None
    for group in groups:
        if group not in comparable:
            jobs = jobs.exclude(vm__cpu=group.cpu, label_key=group.label_key)
    count = sum(group.jobs for group in comparable)
    return MinuteComparison(
        count,
        sum(group.jobs for group in groups) - count,
        ledger.spent(team=team, job_id__in=jobs.values("pk")),
        github,
        sorted(filter(None, (bill(peer, comparable) for peer in PEERS)), key=lambda bill: -bill.usd),
    )


def _groups(jobs: QuerySet[Job]) -> list[MinuteGroup]:
    """Each job's minutes as peers.py counts them, summed up by the database."""
    rows = (
        jobs.order_by()
        .values("vm__cpu", "label_key")
        .annotate(
            jobs=Count("pk"),
            started_minutes=Sum(Ceil(SECONDS / 60)),
            nearest_minute=Sum(Round(SECONDS / 60)),
            seconds=Sum(Ceil(SECONDS)) / 60,
        )
    )
    return [
        MinuteGroup(
            row["vm__cpu"],
            row["label_key"],
            row["jobs"],
            {
                peers.started_minutes: Decimal(row["started_minutes"]),
                peers.nearest_minute: Decimal(row["nearest_minute"]),
                peers.seconds: Decimal(row["seconds"]),
            },
        )
        for row in rows
    ]


def bill(peer: Peer, groups: Sequence[MinuteGroup]) -> ListPriceBill | None:
    """None where there is nothing to bill, or the peer has no size for some of them."""
    minutes, usd = Decimal(), Decimal()
    for group in groups:
        size = peer.fits(group.cpu)
        if size is None:
            return None
        counted = group.minutes[peer.counts]
        minutes, usd = minutes + counted, usd + counted * peer.per_minute[size]
    return ListPriceBill(peer, minutes, usd) if groups else None
