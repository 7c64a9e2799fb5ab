"""A team's jobs by what people and scripts ask for, a page at a time, newest first.

One filter of a question, the narrowest, is answered by an index that ends in the order of the list. The others are
tried on what it gives, on at most MAX_TRIED jobs a page: a search that finds little shows how far back it went.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection as database
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from runners.jobs import timeline
from runners.models import VM, Job, Runner
from runners.reasons.ends import EndCode
from tfci.accounts.models import Team
from tfci.core import paging
from tfci.core.optional import present
from tfci.forges.models import Connection
from tfci.grid.models import Node

MAX_TRIED = 5_000  # jobs that one page looks at
VMS = 1000  # the newest of a node, or of the runners that ended in some way
NAMES = 1000  # repositories of a team
SLACK = 1000  # ids are given and committed in a slightly different order than times

# what ended a job that failed -> how its runner shows that
DEATHS = {
    "memory": Q(done_cause=EndCode.OUT_OF_MEMORY),
    "disk": Q(done_cause=EndCode.DISK_FULL),
    "time": Q(done_cause=EndCode.TIME_LIMIT),
    "processes": Q(done_cause=EndCode.TOO_MANY_PROCESSES),
    "agent": Q(done_cause=EndCode.AGENT_KILLED),
    "network": Q(done_cause=EndCode.NETWORK_LOST),
    "killed": Q(done_cause=EndCode.KILLED),
    "engine": Q(done_cause__in=[EndCode.ENGINE_MISSING, EndCode.ENGINE_FAILED]),
    "node": Q(vm__died_at__isnull=False, done_at=None),
}
INDEXED = ("node", "repository", "branch", "pool", "connection")  # the narrowest first
CODE = "code"  # the job's own failure, on a VM that did well
EXITED = Exists(Runner.objects.filter(job=OuterRef("pk"), done_cause="exited"))
CAUSES = (*DEATHS, CODE)
REPOSITORIES = """
WITH RECURSIVE known AS (
    (SELECT repository FROM runners_job WHERE team_id = %(team)s ORDER BY repository LIMIT 1)
    UNION ALL
    SELECT (SELECT repository FROM runners_job WHERE team_id = %(team)s AND repository > known.repository
            ORDER BY repository LIMIT 1)
    FROM known WHERE known.repository IS NOT NULL
)
SELECT repository FROM known WHERE repository IS NOT NULL LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What a job must be; what is left empty asks for nothing."""

    forge: str = ""
    connection: int | None = None
    pool: int | None = None
    node: int | None = None  # the grid's number
    repository: str = ""
    branch: str = ""
    workflow: str = ""
    label: str = ""
    states: tuple[str, ...] = ()
    ours: bool = True  # False: those that no label of ours addresses
    conclusion: str = ""
    cause: str = ""  # of CAUSES
    text: str = ""  # in the names of repository, workflow, job, branch
    since: datetime | None = None  # when it was discovered
    until: datetime | None = None
    no_match: bool = False  # the filters contradict one another: no job is found


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page. `tried`: how many jobs were tried where that was the maximum, and the list may go on."""

    page: paging.RowPage[Job]
    tried: int = 0


def find(team: Team, wanted: JobFilter, query: QueryDict, size: int = paging.SIZE) -> SearchPage:
    """The page that `query` (request.GET) asks for by older or newer, as the jobs' keys: load_rows() reads the rest of
    them, so that nothing is joined to what is tried and not shown."""
    indexed, older, newer = _indexed(team, wanted), paging.key(query, "older"), paging.key(query, "newer")
    edge = _edge(indexed, older, newer) if is_heavy(wanted) else None
    rows = indexed.filter(_tried(wanted), ours=wanted.ours)
    if edge:
        rows = rows.filter(pk__lte=edge) if newer else rows.filter(pk__gt=edge)
    page = paging.page(rows.only("pk"), query, size)
    if not edge or (page.newer if newer else page.older):
        return SearchPage(page)
    way, other = ("newer", page.older) if newer else ("older", page.newer)
    further = paging.link(query, way, edge if newer else edge + 1)
    return SearchPage(
        paging.RowPage(page.items, **{way: further, "older" if newer else "newer": other}), MAX_TRIED
    )


def load_rows(team: Team, *pages: list[Job]) -> list[list[Job]]:
    """Those of each page of find() with all that lists show of them, in one query."""
    keys = [job.pk for page in pages for job in page]
    found = timeline.joined(Job.objects.of(team)).in_bulk(keys)
    return [[found[job.pk] for job in page if job.pk in found] for page in pages]


def is_heavy(wanted: JobFilter) -> bool:
    """Whether it may have to try many jobs: what an index answers it does not, nor a time, and by state alone neither,
    for few are open and most are over."""
    answered = {
        name: getattr(JobFilter(), name) for name in (_narrowest(wanted), "states", "since", "until") if name
    }
    return bool(_tried(replace(wanted, **answered)))


def _narrowest(wanted: JobFilter) -> str:
    """The filter that an index answers; "" for none."""
    if wanted.cause in DEATHS:
        return "cause"
    return next((name for name in INDEXED if getattr(wanted, name)), "")


def _edge(indexed: QuerySet[Job], older: int, newer: int) -> int | None:
    """The job at which a page stops looking; None where there are fewer."""
    if newer:
        ahead = indexed.filter(pk__gt=newer).order_by("pk")
    else:
        ahead = (indexed.filter(pk__lt=older) if older else indexed).order_by("-pk")
    return ahead.values_list("pk", flat=True)[MAX_TRIED : MAX_TRIED + 1].first()


def _indexed(team: Team, wanted: JobFilter) -> QuerySet[Job]:
    """By the narrowest filter that an index answers in the list's order, and by time."""
    jobs, narrowest = Job.objects.of(team), _narrowest(wanted)
    if wanted.no_match:
        return jobs.none()
    if narrowest == "cause":
        died = _ended_runners(team, wanted).order_by("-pk").values_list("job", flat=True)[:VMS]
        jobs = jobs.filter(pk__in=list(died))
    elif narrowest == "node":
        vms = _vms(team, wanted).order_by("-pk").values_list("pk", flat=True)[:VMS]
        jobs = jobs.filter(vm__in=list(vms))
    elif narrowest:
        jobs = jobs.filter(**{narrowest: getattr(wanted, narrowest)})
    elif wanted.states and Job.State.COMPLETED not in wanted.states:
        jobs = jobs.exclude(state=Job.State.COMPLETED)
    return _in_time(jobs, team, wanted)


def _ended_runners(team: Team, wanted: JobFilter) -> QuerySet[Runner]:
    """Those with a job that ended by the cause, on the node where one is named."""
    found = Runner.objects.filter(DEATHS[wanted.cause], connection__team=team).exclude(job=None)
    return found.filter(vm__in=_vms(team, wanted)) if wanted.node else found


def _vms(team: Team, wanted: JobFilter) -> QuerySet[VM]:
    """All that were on the node."""
    return VM.objects.filter(team=team, node__in=Node.objects.filter(node_id=present(wanted.node)))


def _in_time(jobs: QuerySet[Job], team: Team, wanted: JobFilter) -> QuerySet[Job]:
    """Times as ids, for lists go by them."""
    jobs_of_team = Job.objects.of(team)
    if wanted.since:
        first = (
            jobs_of_team.filter(discovered_at__gte=wanted.since)
            .order_by("discovered_at")
            .values_list("pk", flat=True)
            .first()
        )
        jobs = jobs.filter(pk__gt=first - SLACK) if first else jobs.none()
    if wanted.until:
        last = (
            jobs_of_team.filter(discovered_at__lt=wanted.until)
            .order_by("-discovered_at")
            .values_list("pk", flat=True)
            .first()
        )
        jobs = jobs.filter(pk__lt=last + SLACK) if last else jobs.none()
    return jobs


def _tried(wanted: JobFilter) -> Q:
    """All filters, also the one that the index has answered: to try it once more costs nothing."""
    values = {
        "connection": wanted.connection,
        "pool": wanted.pool,
        "repository": wanted.repository,
        "branch": wanted.branch,
        "workflow": wanted.workflow,
        "state__in": wanted.states,
        "conclusion": wanted.conclusion,
        "discovered_at__gte": wanted.since,
        "discovered_at__lt": wanted.until,
    }
    filters = Q(**{lookup: value for lookup, value in values.items() if value})
    if wanted.label:
        filters &= Q(labels__contains=[wanted.label])
    if wanted.forge:
        filters &= Q(connection__in=Connection.objects.filter(forge=wanted.forge))
    if wanted.cause == CODE:
        filters &= Q(EXITED, conclusion="failure")
    for word in wanted.text.split():
        filters &= _named(word)
    return filters


def _named(word: str) -> Q:
    return (
        Q(repository__icontains=word)
        | Q(workflow__icontains=word)
        | Q(name__icontains=word)
        | Q(branch__icontains=word)
    )


def canonical_name(team: Team, repository: str) -> str:
    """As its forge spells it, however it was typed."""
    return next((name for name in repositories(team) if name.lower() == repository.lower()), repository)


def repositories(team: Team) -> list[str]:
    """By name, at most NAMES: one step along an index for each, however many jobs there are."""
    with database.cursor() as cursor:
        cursor.execute(REPOSITORIES, {"team": team.pk, "most": NAMES})
        return [name for (name,) in cursor.fetchall()]
