"""The overview of a team: whether all is well, what runs, what waits and why, what needs somebody, and while there is
little of all that, what to do next."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from runners.connections import health, health_facts
from runners.metering import charges
from runners.models import VM, Job, Pool
from runners.reasons import catalogue
from runners.web.views import needs, next_steps
from runners.web.views.jobs.rows import JobRow, board, rows
from tfci.accounts.access import may, requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core.reasons import Reason
from tfci.forges.models import Connection

SHOWN = 12  # jobs that are not over
LISTED = 10  # jobs in all: those that have ended fill up what the open ones leave
LOOKED_AT = 1000  # jobs among which those that ended last are looked for
POOLS = 6
FEW = 8  # jobs; a team with fewer is shown what to do next
STARTING = (VM.State.WANTED, VM.State.DEPLOYING, VM.State.BOOTING, VM.State.REFRESHING)
BUSY = (VM.State.ASSIGNED, VM.State.BUSY, VM.State.KEPT)


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A pool with its VMs by what they do, and its jobs that wait for one."""

    pk: int
    name: str
    max_vms: int
    keeps_vms: bool
    vms: Mapping[str, int]
    queued: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a team has: its first pools, all VMs that are not gone, by pool and state, its members, and the keys of the
    jobs to show."""

    pools: list[dict[str, Any]]
    vms: dict[int | None, Counter[str]]
    members: int
    jobs: list[int]


@requires("jobs.read")
def overview(request: TeamRequest) -> HttpResponse:
    """With htmx only what changes. A team that never had a job is led to its first one."""
    now = timezone.now()
    context = present(request.team, now)
    has_jobs = bool(context["rows"] or context["recent"])
    if not (has_jobs or "skip" in request.GET or Job.objects.of(request.team).exists()):
        return redirect("start", request.team.slug)
    context["may_link"] = may(request.role, "connections.change")
    context["steps"] = []
    if has_jobs and len(context["rows"]) + len(context["recent"]) < FEW:
        begun = next_steps.Begun(
            [health.connection for health in context["connections"]],
            [(line.pk, line.keeps_vms) for line in context["pools"]],
            context["members"],
        )
        context["steps"] = next_steps.find(request.team, request.role, begun)
    return render(request, "runners/overview.html#live" if request.htmx else "runners/overview.html", context)


def present(team: Team, now: datetime) -> dict[str, Any]:
    """What goes on now, and what went on last. Nine queries."""
    served = Pool.objects.filter(connections=OuterRef("pk"), closing_at=None, closed_at=None)
    linked = Connection.objects.of(team).filter(disconnected_at=None).annotate(is_served=Exists(served))
    connections = health.assess(health_facts.counted(linked, now).order_by("name"), now)
    funds = charges.funds(team, now)
    counts, queued, refused = _open_jobs(team)
    found = needs.find(team, connections, funds, refused, now)
    fleet = _fleet(team)
    opened, recent = _jobs(team, fleet.jobs, now)
    return {
        "now": now,
        "connections": connections,
        "funds": funds,
        "rows": opened,
        "recent": recent,
        "running": counts[Job.State.IN_PROGRESS],
        "queued": counts[Job.State.QUEUED],
        "held": counts[Job.State.WAITING],
        "vms": _by_use(sum(fleet.vms.values(), Counter())),
        "pools": [
            PoolLine(
                pool["pk"],
                pool["name"],
                pool["max_vms"],
                bool(pool["min_vms"] or pool["schedule"]),
                _by_use(fleet.vms.get(pool["pk"], Counter())),
                queued[pool["pk"]],
            )
            for pool in fleet.pools
        ],
        "members": fleet.members,
        "needs": found,
        "mood": found[0].look if found else "success",
    }


def _jobs(team: Team, keys: Iterable[int], now: datetime) -> tuple[list[JobRow], list[JobRow]]:
    """Those that are not over, and those that ended last."""
    found = rows(board(team).filter(pk__in=keys).order_by("-pk"), now)
    opened = [row for row in found if row.job.state != Job.State.COMPLETED]
    return opened, [row for row in found if row.job.state == Job.State.COMPLETED]


def _open_jobs(team: Team) -> tuple[Counter[str], Counter[int | None], list[tuple[Reason, int]]]:
    """How many there are by state; the queued ones by pool; and the refused ones by reason, the most common first."""
    still_open = Job.objects.of(team).filter(ours=True).exclude(state=Job.State.COMPLETED)
    counts: Counter[str] = Counter()
    queued: Counter[int | None] = Counter()
    refused: Counter[Reason] = Counter()
    grouped = still_open.values_list("state", "pool", "reason", "reason_params").annotate(Count("pk"))
    for state, pool, code, params, count in grouped.order_by():
        counts[state] += count
        if state == Job.State.QUEUED:
            queued[pool] += count
        if state == Job.State.REFUSED:
            refused[catalogue.read(code, params)] += count
    return counts, queued, refused.most_common()


def _fleet(team: Team) -> Fleet:
    """One query."""
    alive = VM.objects.filter(team=team).alive().order_by()
    counted = alive.values("pool", "state").annotate(n=Count("pk"))
    vms = counted.values(data=JSONObject(pool="pool", state="state", n="n"))
    fields = JSONObject(pk="pk", name="name", max_vms="max_vms", min_vms="min_vms", schedule="schedule")
    pools = Pool.objects.of(team).filter(closed_at=None, closing_at=None).order_by("position", "pk")
    row = Team.objects.filter(pk=team.pk).values_list(
        ArraySubquery(pools.values(data=fields)[:POOLS]),
        ArraySubquery(vms),
        Count("memberships"),
        ArraySubquery(_open_keys(team)),
        ArraySubquery(_last_keys(team)),
    )
    found, counts, members, still_open, over = row.get()
    states: dict[int | None, Counter[str]] = {}
    for each in counts:
        states.setdefault(each["pool"], Counter())[each["state"]] += each["n"]
    return Fleet(found, states, members, [*still_open, *over][: max(LISTED, len(still_open))])


def _open_keys(team: Team) -> QuerySet[Job, Any]:
    ours = Job.objects.of(team).filter(ours=True)
    set_aside = [Job.State.COMPLETED, Job.State.REFUSED]
    return ours.exclude(state__in=set_aside).order_by("-pk").values("pk")[:SHOWN]


def _last_keys(team: Team) -> QuerySet[Job, Any]:
    """Of those that ended last, among the newest: most of a team's may be ignored ones."""
    newest = Job.objects.of(team).order_by("-pk").values("pk")
    edge = Coalesce(Subquery(newest[LOOKED_AT : LOOKED_AT + 1]), 0)
    over = Job.objects.of(team).filter(ours=True, state=Job.State.COMPLETED, pk__gt=edge)
    return over.order_by("-pk").values("pk")[:LISTED]


def _by_use(states: Counter[str]) -> dict[str, int]:
    """VMs by what they do."""
    return {
        "all": states.total(),
        "busy": sum(states[state] for state in BUSY),
        "ready": states[VM.State.STANDBY],
        "starting": sum(states[state] for state in STARTING),
        "leaving": states[VM.State.REMOVING],
    }
