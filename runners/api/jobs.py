"""Jobs: read only, for they are made, cancelled and rerun at their forges."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from billing import ledger
from runners import causes, legs
from runners.api import lists, problems
from runners.api.access import Bearer
from runners.api.shapes import Id, Text, Tft, Time
from runners.models import Job
from tfci import tft

router = Router()
READ = Bearer("jobs.read")
NO_CAUSE = {"why": "", "expected_at": None}
State = Literal[tuple(Job.State.values)]  # inline: an enum would be described by its bare name
FILTERS = {"org": "org", "repository": "repository__iexact", "pool": "pool"}


class JobsAsked(lists.Asked):
    org: Id | None = None
    repository: Text | None = Field(None, description="owner/name")
    state: list[State] = Field([], description="One or several: state=queued&state=waiting.")
    pool: Id | None = None
    label: Text | None = None


class JobShown(Schema):
    id: int
    forge: str
    org_id: int
    repository: str
    workflow: str
    name: str
    labels: list[str]
    size: str = Field(description="What its labels ask for, as cpu, memory and disk.")
    state: State
    conclusion: str = Field(description="The forge's own word, once it is completed.")
    why: str = Field(description="Why it is where it is.")
    expected_at: Time | None = Field(description="When its first step is expected.")
    pool_id: int | None
    vm_id: int | None
    attempt: int
    queued_at: Time
    heard_at: Time | None
    decided_at: Time | None
    ordered_at: Time | None = Field(description="This and the next three: null where a machine stood by.")
    sent_at: Time | None
    deployed_at: Time | None
    booted_at: Time | None
    registered_at: Time | None
    started_at: Time | None
    completed_at: Time | None
    cost: Tft = Field(description="What the ledger has for it so far.")


@router.get("", auth=READ, response={200: lists.Page[JobShown]} | problems.told())
def list_jobs(request: HttpRequest, asked: Query[JobsAsked]):
    """Newest first, of all organisations."""
    jobs = Job.objects.of(request.team).filter(**lists.lookups(asked, FILTERS))
    if asked.state:
        jobs = jobs.filter(state__in=asked.state)
    if asked.label is not None:
        jobs = jobs.filter(labels__contains=[asked.label])
    return lists.page(request, legs.joined(jobs), asked, _all_shown)


@router.get("/{int:pk}", auth=READ, response={200: JobShown} | problems.told(404))
def read_job(request: HttpRequest, pk: int):
    job = lists.one(legs.joined(Job.objects.of(request.team)), "job", pk=pk)
    return _all_shown([job])[0]


def _all_shown(jobs: list[Job]) -> list[dict]:
    jobs, now = legs.read(jobs), timezone.now()
    usual = legs.usual() if any(job.awaits for job in jobs) else legs.Usual()
    spent = ledger.spent_each("job_id", [job.pk for job in jobs])
    return [shown(job, usual, spent.get(job.pk, tft.Tft(0)), now) for job in jobs]


def shown(job: Job, usual: legs.Usual, cost: tft.Tft, now: datetime) -> dict:
    plain = {name: getattr(job, name) for name in JobShown.model_fields if hasattr(job, name)}
    passed = {f"{leg.name}_at": leg.stop for leg in legs.of(job, usual, now) if leg.phase == "done"}
    cause = causes.cause(job, usual, now)
    told = {"why": cause.sentence, "expected_at": cause.expected_at} if cause else NO_CAUSE
    return (
        plain
        | {f"{name}_at": None for name in legs.OWNERS}
        | passed
        | told
        | {"forge": job.org.forge, "cost": cost}
    )
