"""Jobs: read, and run again or cancelled where their forge lets us."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from billing.uses import Use
from runners import gateways
from runners.jobs import actions, costs as job_costs, lost_jobs, search, timeline, wait_reason
from runners.jobs.costs import JobCost
from runners.models import Job, Runner
from runners.queue import nudges
from runners.queue.effects import Effects
from runners.web.api import lists, problems
from runners.web.api.access import OUTSIDE, Bearer
from runners.web.api.schemas import (
    CauseName,
    EndingName,
    Id,
    JobState,
    ReasonShown,
    Text,
    Tft,
    Time,
    reason_shown,
)
from tfci.accounts.audit import Actor
from tfci.accounts.models import Team
from tfci.accounts.requests import TokenRequest
from tfci.core import tft

router = Router()
READ, RERUN, CANCEL = Bearer("jobs.read"), Bearer("jobs.rerun"), Bearer("jobs.cancel")
PLAIN = (
    "forge",
    "connection",
    "pool",
    "node",
    "branch",
    "workflow",
    "label",
    "conclusion",
    "cause",
    "since",
    "until",
)


class JobsQuery(lists.ListQuery):
    forge: Text | None = Field(None, description="Kind of forge, like gitea.")
    connection: Id | None = None
    repository: Text | None = Field(None, description="owner/name")
    branch: Text | None = None
    workflow: Text | None = Field(None, description="Workflow file, like ci.yml.")
    state: list[JobState] = Field([], description="One or several: state=queued&state=waiting.")
    ours: bool = Field(
        True, description="False: jobs that match none of your labels, which Farmhand ignores."
    )
    conclusion: Text | None = Field(
        None, description="As the forge reports it: `success`, `failure`, `cancelled`, ..."
    )
    cause: CauseName | None = Field(None, description="What ended a failed job; code: the job itself.")
    pool: Id | None = None
    node: Id | None = Field(None, description="Grid number of the node that the job ran on.")
    label: Text | None = None
    q: Text | None = Field(None, description="Text in the name of the repository, workflow, job or branch.")
    since: datetime | None = Field(None, description="Discovered at this time or later.")
    until: datetime | None = Field(None, description="Discovered before this time.")

    def wanted(self, team: Team) -> search.JobFilter:
        values = {name: value for name in PLAIN if (value := getattr(self, name)) is not None}
        repository = search.canonical_name(team, self.repository) if self.repository else ""
        return search.JobFilter(
            **values,
            repository=repository,
            states=tuple(dict.fromkeys(self.state)),
            ours=self.ours and Job.State.NOT_OURS not in self.state,
            text=self.q or "",
        )


class Used(Schema):
    """What a job used of its VM, summed up by its agent."""

    mean_cpu: float = Field(description="Of all CPUs, 0 to 1.")
    peak_cpu: float = Field(description="Maximum of all samples, 0 to 1.")
    peak_memory: int = Field(description="MiB of the whole VM.")
    peak_disk: int = Field(description="MiB of the whole VM.")
    received: int = Field(description="Bytes.")
    sent: int = Field(description="Bytes.")


class JobShown(Schema):
    id: int
    forge: str
    connection_id: int
    repository: str
    workflow: str
    branch: str
    name: str
    labels: list[str]
    size: str = Field(description="Size that its labels ask for.")
    url: str = Field(description="Page of the job at its forge; empty if unknown.")
    sha: str = Field(description="Commit.")
    ours: bool = Field(description="Whether one of its labels matches a pool.")
    state: JobState
    conclusion: str = Field(description="As the forge reports it, when the job is completed.")
    reason: ReasonShown | None = Field(
        description="The reason for its current state; null while it runs and after it succeeded."
    )
    expected_at: Time | None = Field(description="Expected start of its first step.")
    ending: EndingName | None = Field(
        description=(
            "For a job whose VM is gone while its forge still shows it as running. coming: Farmhand will ask "
            "the forge to end the run once no other job of it is queued or running; asked: it did; unable: the "
            "forge does not allow it."
        )
    )
    forge_notices_at: Time | None = Field(description="When the forge is then expected to end the job.")
    pool_id: int | None
    vm_id: int | None
    vm_pool_id: int | None = Field(
        description=(
            "Pool of its VM. Differs from pool_id if the forge gave the job to a VM of another pool, whose "
            "rules then applied."
        )
    )
    attempt: int = Field(description="Number of the attempt at the forge, starting at 1.")
    queued_at: Time
    discovered_at: Time | None
    decided_at: Time | None
    ordered_at: Time | None = Field(
        description="This and the next three are null if a standby VM took the job."
    )
    sent_at: Time | None
    deployed_at: Time | None
    booted_at: Time | None
    refreshed_at: Time | None = Field(description="Set if the VM rebooted after another job.")
    registered_at: Time | None
    started_at: Time | None
    completed_at: Time | None
    cost: Tft = Field(
        description="Full cost: its own time plus its share of boot, idle time and teardown of its VM."
    )
    cost_so_far: bool = Field(description="The VM still exists, so the cost can still change.")
    used: Used | None = Field(description="Null until its engine has ended, and if nothing was measured.")


class CostPartsShown(Schema):
    """The job's own time, and its shares of the rest of its VM's time. They add up to `cost`."""

    job: Tft
    boot: Tft
    idle: Tft
    refresh: Tft
    teardown: Tft


class AttemptShown(Schema):
    id: int
    attempt: int
    cost: Tft
    cost_so_far: bool


class JobDetailShown(JobShown):
    cost_parts: CostPartsShown
    cost_usd: str | None = Field(
        description="The cost in USD, for comparison, at `tft_usd`; null before it has a VM.",
        examples=["0.0021400"],
    )
    tft_usd: str | None = Field(
        description="Price of a TFT in USD when its VM was ordered.", examples=["0.010"]
    )
    priced_at: Time | None = Field(description="When its VM was ordered.")
    attempts: list[AttemptShown] = Field(description="All attempts of the same job, this one included.")


@router.get("", auth=READ, response={200: lists.Page[JobShown]} | problems.responses())
def list_jobs(request: TokenRequest, query: Query[JobsQuery]) -> dict[str, Any]:
    """Newest first, of all connections. A page searches up to 5,000 jobs: it can contain fewer than `limit`, even none;
    then continue with `next`."""
    lists.check(request, query)
    page = search.find(request.team, query.wanted(request.team), request.GET, query.limit).page
    following = request.build_absolute_uri(page.older) if page.older else None
    [listed] = search.load_rows(request.team, page.items)
    return {"items": _all_shown(listed, timezone.now()), "next": following}


@router.get("/{int:pk}", auth=READ, response={200: JobDetailShown} | problems.responses(404))
def read_job(request: TokenRequest, pk: int) -> dict[str, Any]:
    job = lists.one(timeline.joined(Job.objects.of(request.team)), "job", pk=pk)
    now = timezone.now()
    return _all_shown([job], now)[0] | _cost_shown(job, now)


@router.post(
    "/{int:pk}/rerun",
    auth=RERUN,
    throttle=OUTSIDE,
    response={202: JobDetailShown} | problems.responses(404, 502),
)
def rerun_job(request: TokenRequest, pk: int) -> Status[dict[str, Any]]:
    """Ask the forge to retry the job and the jobs that depend on it; 422 says why it can't. The new attempt is a
    separate job, which appears when the forge lists it."""
    return _act(request, pk, actions.rerun)


@router.post(
    "/{int:pk}/cancel",
    auth=CANCEL,
    throttle=OUTSIDE,
    response={202: JobDetailShown} | problems.responses(404, 502),
)
def cancel_job(request: TokenRequest, pk: int) -> Status[dict[str, Any]]:
    """Ask the forge to cancel the whole run of the job; 422 says why it can't."""
    return _act(request, pk, actions.cancel)


JobRequest = Callable[[Job, gateways.Gateways, Actor, datetime], Effects]


def _act(request: TokenRequest, pk: int, send: JobRequest) -> Status[dict[str, Any]]:
    job = lists.one(timeline.joined(Job.objects.of(request.team)), "job", pk=pk)
    nudges.follow(send(job, gateways.GATEWAYS, request.auth, timezone.now()))
    return Status(202, read_job(request, pk))


def _all_shown(jobs: list[Job], now: datetime) -> list[dict[str, Any]]:
    jobs = timeline.read(jobs)
    usual = timeline.usual() if any(job.awaits for job in jobs) else timeline.Usual()
    costs = job_costs.by_job(jobs, now)
    return [shown(job, usual, costs[job.pk], now) for job in jobs]


def shown(job: Job, usual: timeline.Usual, cost: JobCost, now: datetime) -> dict[str, Any]:
    plain = {name: getattr(job, name) for name in JobShown.model_fields if hasattr(job, name)}
    passed = {
        f"{phase.name}_at": phase.stop for phase in timeline.phases(job, usual, now) if phase.status == "done"
    }
    cause = wait_reason.cause(job, usual, now)
    return (
        plain
        | {f"{name}_at": None for name in timeline.OWNERS}
        | passed
        | {
            "reason": reason_shown(cause.reason if cause else None),
            "expected_at": cause and cause.expected_at,
        }
        | {"cost": cost.total or tft.Tft(0), "cost_so_far": cost.so_far}
        | _ending(job)
        | {"vm_pool_id": job.vm and job.vm.pool_id}
        | {"forge": job.connection.forge, "attempt": job.number, "used": _used(timeline.ended(job))}
    )


def _cost_shown(job: Job, now: datetime) -> dict[str, Any]:
    parts, quote = job_costs.by_use(job, now), job.vm.quote if job.vm else None
    cost = tft.Tft(sum(parts.values()))
    whole = JobCost(cost, job_costs.is_so_far(job))
    return {
        "cost_parts": {use: parts.get(Use(use), tft.Tft(0)) for use in CostPartsShown.model_fields},
        "cost_usd": f"{job_costs.usd(job, cost):.7f}" if quote else None,
        "tft_usd": f"{Decimal(quote.tft_musd) / 1000:.3f}" if quote else None,
        "priced_at": quote.at if quote else None,
        "attempts": [
            {"id": row.pk, "attempt": row.number, "cost": its.total or tft.Tft(0), "cost_so_far": its.so_far}
            for row, its in job_costs.of_attempts(job, whole, timeline.similar_jobs(job))
        ],
    }


def _ending(job: Job) -> dict[str, Any]:
    found = lost_jobs.ending(job)
    return {"ending": found and found.step, "forge_notices_at": found and found.notices_at}


def _used(end: Runner | None) -> dict[str, Any] | None:
    if end is None or end.peak_memory is None:
        return None
    plain = {name: getattr(end, name) for name in Used.model_fields}
    return plain | {name: plain[name] / 1000 for name in ("mean_cpu", "peak_cpu")}
