"""A job's time from its queueing to its end by phases, each with its owner; and how long each usually takes.

Read from rows alone, for pages and API alike. Jobs from read(joined(…)) cost one query for all.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median

from django.core.cache import cache
from django.db.models import Case, Prefetch, Q, QuerySet, When, prefetch_related_objects
from redis import RedisError

from billing import ledger
from runners.models import VM, Event, Job, Refresh, Runner
from runners.reasons.ends import EndCode
from tfci.core.optional import present
from tfci.core.reasons import Owner
from tfci.grid.models import Node

# what ends each phase -> who owns the time until then; in the order in which they come
OWNERS = {
    "heard": Owner.FORGE,
    "decided": Owner.FARMHAND,
    "ordered": Owner.FARMHAND,
    "sent": Owner.FARMHAND,
    "deployed": Owner.GRID,
    "booted": Owner.VM,
    "refreshed": Owner.VM,
    "registered": Owner.FARMHAND,
    "started": Owner.FORGE,
    "completed": Owner.CODE,
}
ANEW = ("ordered", "sent", "deployed", "booted")  # of a VM that was made for it
OF_THE_VM = (*ANEW, "refreshed")  # behind it already where a VM stood by
RECENT = 100  # runners that a median is taken over
CACHED = 5  # seconds for which the medians are remembered
AT_REST = (Job.State.COMPLETED, *Job.SET_ASIDE, Job.State.WAITING)  # nobody here works on it
MIN_RUNS = 3  # that succeeded, before their median says anything
ALIKE = 20  # jobs of the same name, likewise
MAX_TRIED = 2000  # jobs of a repository among which they are looked for
# Ends that the agent causes, and that the engine reports to its forge as cancelled.
BY_AGENT = (EndCode.TIME_LIMIT, EndCode.KILLED)
HISTORY = (
    "attempt",
    "forge_attempt",
    "branch",
    "state",
    "conclusion",
    "queued_at",
    "started_at",
    "completed_at",
    "run_id",
    "connection_id",
    "vm__state",
)
SECRETS = (
    "connection__token",
    "connection__hook_secret",
    "connection__signpost_credential",
)  # to decipher them takes its time
LONG = ("vm__tail", "vm__boot_log", "awaits__tail", "awaits__boot_log", "steps")  # what lists don't show
OF_A_NODE = ("id", "node_id", "deploy_ms", "boot_ms")  # what they do: a node has fifty columns
REST_OF_NODES = [
    f"{way}__{column.name}"
    for way in ("vm__node", "awaits__node")
    for column in Node._meta.concrete_fields
    if column.name not in OF_A_NODE
]
READ = [
    *(
        "bound_at",
        "registered_at",
        "started_at",
        "taken_at",
        "asked_for__discovered_at",
        "asked_for__decided_at",
    ),
    *("vm__scope", "vm__created_at", "vm__ordered_at", "vm__sent_at", "vm__deployed_at", "vm__claimed_at"),
]


@dataclass(frozen=True, slots=True)
class Phase:
    """The time up to the moment that `name` names. `status` is done, now or next; `stop` is expected unless it is
    done, and None where nothing is known. `usual` is a median."""

    name: str
    owner: Owner
    status: str
    start: datetime | None
    stop: datetime | None
    usual: timedelta | None

    def took(self, now: datetime) -> timedelta | None:
        """Its length so far."""
        if self.status == "next":
            return None
        stop = present(self.stop) if self.status == "done" else now
        return stop - present(self.start)

    def late(self, now: datetime) -> bool:
        return self.status == "now" and self.usual is not None and now - present(self.start) > self.usual


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of each phase, by its name; a phase without a record is missing."""

    phases: dict[str, timedelta] = field(default_factory=dict)

    def on(self, node: Node | None) -> "Usual":
        """With the node's own record in place of all nodes'."""
        record = {"deployed": node.deploy_ms, "booted": node.boot_ms} if node else {}
        own = {name: timedelta(milliseconds=median(times)) for name, times in record.items() if times}
        return replace(self, phases=self.phases | own)

    def running(self, length: timedelta | None) -> "Usual":
        """With what the job itself usually takes."""
        return replace(self, phases=self.phases | ({"completed": length} if length else {}))


def joined(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """With the rows beside each job that moments() reads, and what was `spent` for it (1e-7 TFT, None for nothing)."""
    rows = jobs.select_related("connection", "pool", "vm__node", "vm__quote", "awaits__node")
    return rows.annotate(spent=ledger.spent_of("job_id")).defer(*SECRETS, *LONG, *REST_OF_NODES)


def read(jobs: Iterable[Job]) -> list[Job]:
    """Jobs of joined(), and the runners of all their VMs in one query; two more find how VMs were refreshed
    and what ended them under their jobs, where that happened."""
    jobs = list(jobs)
    vms = [vm for job in jobs for vm in (job.vm, job.awaits) if vm]
    prefetch_related_objects(vms, "runners")
    prefetch_related_objects([vm for vm in vms if vm.scope], "refreshes")
    failed_vms = [job.vm for job in jobs if job.vm and (failed(job) or is_deserted(job)) and not ended(job)]
    left = Event.objects.filter(now__in=[VM.State.KEPT, VM.State.REMOVING]).order_by("pk")
    prefetch_related_objects(failed_vms, Prefetch("events", left))
    return jobs


def runner_of(job: Job) -> Runner | None:
    """The registration that ran it, or the one that is to be handed it."""
    if job.vm:
        return next((runner for runner in job.vm.runners.all() if runner.job_id == job.pk), None)
    if job.awaits:
        return next((runner for runner in job.awaits.runners.all() if runner.deregistered_at is None), None)
    return None


def ended(job: Job) -> Runner | None:
    """The runner that ran it, where its agent has reported how the engine ended."""
    runner = runner_of(job) if job.vm else None
    return runner if runner and runner.done_at else None


def is_deserted(job: Job) -> bool:
    """Whether its forge reports it as running, and its VM is gone or being removed."""
    gone = job.vm and job.vm.state in (VM.State.REMOVING, VM.State.GONE)
    return bool(gone) and job.state == Job.State.IN_PROGRESS


def failed(job: Job) -> bool:
    """Whether its end needs a reason: its forge calls it failed, or cancelled though our agent ended it or we had it
    ended, its VM being gone."""
    if job.conclusion != "cancelled":
        return job.conclusion == "failure"
    end = ended(job)
    return job.end_requested_at is not None or bool(end and end.done_cause in BY_AGENT)


def refresh_of(vm: VM, runner: Runner | None) -> Refresh | None:
    """The reboot by which the VM came to this runner, or to be free for the next; None of one that was new."""
    if not vm.scope:
        return None
    before = [one for one in vm.refreshes.all() if runner is None or one.began_at <= runner.bound_at]
    return max(before, key=lambda one: one.began_at, default=None)


def moments(job: Job) -> dict[str, datetime | None]:
    """When each phase ended; None for one that has not, or that the job did not have."""
    vm, runner = job.vm or job.awaits, runner_of(job)
    found = dict.fromkeys(OWNERS) | {"heard": job.discovered_at, "decided": job.decided_at}
    if vm and (refresh := refresh_of(vm, runner)):
        found["refreshed"] = refresh.claimed_at
    elif vm:
        found |= {"ordered": vm.ordered_at, "sent": vm.sent_at}
        found |= {"deployed": vm.deployed_at, "booted": vm.claimed_at}
    if runner:
        found["registered"] = runner.registered_at
    return found | {"started": started(job, runner), "completed": _completed(job, runner)}


def started(job: Job, runner: Runner | None) -> datetime | None:
    """By the forge's clock, which counts whole seconds, within what our own saw: as the job is charged."""
    if runner is None or runner.taken_at is None:
        return job.started_at
    first = runner.started_at or runner.registered_at or runner.bound_at
    return min(max(job.started_at or runner.taken_at, first), runner.taken_at)


def _completed(job: Job, runner: Runner | None) -> datetime | None:
    if job.state != Job.State.COMPLETED:
        return None
    return (runner.done_at or job.read_at) if runner and job.vm else job.completed_at


def phases(job: Job, usual: Usual, now: datetime) -> list[Phase]:
    """The phases that the job had, the one that it is in, and those that are expected to come."""
    vm = job.vm or job.awaits
    usual = usual.on(vm.node if vm else None)
    ended = moments(job)
    made: list[Phase] = []
    at: datetime | None = job.queued_at
    for name in _its_own(job, ended):
        phase = _phase(name, made, at, ended[name], usual.phases.get(name), now)
        if phase.status != "done" and job.state in AT_REST:
            continue
        made.append(phase)
        at = phase.stop
        if (
            phase.status == "now"
            and job.state != Job.State.IN_PROGRESS
            and not (job.awaits and job.awaits.node_id)
        ):
            break  # nothing that is placed stands for it, so nobody knows what comes when
    return made


def _its_own(job: Job, ended: dict[str, datetime | None]) -> Iterable[str]:
    """Without what its VM had behind it before the job was discovered, and what was skipped on its way."""
    vm = job.vm or job.awaits
    others = ANEW if vm and refresh_of(vm, runner_of(job)) else ("refreshed",)
    come = max((n for n, name in enumerate(OWNERS) if ended[name]), default=0)
    for n, name in enumerate(OWNERS):
        at = ended[name]
        before = name in OF_THE_VM and at is not None and at <= job.discovered_at
        if name not in others and not before and (at or n > come):
            yield name


def _phase(
    name: str,
    made: Sequence[Phase],
    at: datetime | None,
    ended: datetime | None,
    usual: timedelta | None,
    now: datetime,
) -> Phase:
    if ended:
        return Phase(name, OWNERS[name], "done", at, max(present(at), ended), usual)
    if not made or made[-1].status == "done":
        expected = max(now, present(at) + usual) if usual is not None else None
        return Phase(name, OWNERS[name], "now", at, expected, usual)
    expected = at + usual if at is not None and usual is not None else None
    return Phase(name, OWNERS[name], "next", at, expected, usual)


def usual() -> Usual:
    """The medians of late, over the VMs of all teams, some seconds old. Two queries, or none."""
    with suppress(RedisError):
        return Usual(present(cache.get_or_set("usual-phases", _medians, CACHED)))
    return Usual(_medians())  # pages don't depend on the cache


def _medians() -> dict[str, timedelta]:
    taken = Runner.objects.exclude(taken_at=None).exclude(registered_at=None).order_by("-pk")
    lengths: dict[str, list[timedelta]] = {name: [] for name in OWNERS}
    late = list(taken.select_related("vm", "asked_for").only(*READ)[:RECENT])
    prefetch_related_objects([runner.vm for runner in late if runner.vm.scope], "refreshes")
    for runner in late:
        for name, start, stop in spent(runner):
            if start and stop:
                lengths[name].append(max(stop - start, timedelta()))
    return {name: median_length(found) for name, found in lengths.items() if found}


def median_length(lengths: list[timedelta]) -> timedelta:
    """Their median."""
    return median(lengths)  # type: ignore[type-var]  # it compares, adds and halves: times can do that


def spent(runner: Runner) -> Iterable[tuple[str, datetime | None, datetime | None]]:
    """What a runner's VM and job went through: the phase's name, its start and its end."""
    vm, job = runner.vm, runner.asked_for
    yield "decided", job.discovered_at, job.decided_at
    if refresh := refresh_of(vm, runner):
        yield "refreshed", refresh.began_at, refresh.claimed_at
    else:
        yield "ordered", vm.created_at, vm.ordered_at
        yield "sent", vm.ordered_at, vm.sent_at
        yield "deployed", vm.sent_at, vm.deployed_at
        yield "booted", vm.deployed_at, vm.claimed_at
    yield "registered", runner.bound_at, runner.registered_at
    yield "started", runner.registered_at, runner.started_at or runner.taken_at


def similar_jobs(job: Job) -> list[Job]:
    """The last jobs of its name in its workflow and repository that are over, and all of its own run, newest first,
    each with what was `spent` for it; its own row may be among them. One query, over the newest jobs of the
    repository."""
    lately = Job.objects.filter(team=job.team_id, repository=job.repository).order_by("-pk")[:MAX_TRIED]
    same = Job.objects.filter(pk__in=lately.values("pk"), workflow=job.workflow, name=job.name)
    attempts = Q(run_id=job.run_id, connection=job.connection_id) & ~Q(run_id="")
    rows = same.filter(Q(state=Job.State.COMPLETED) | attempts).select_related("vm").only(*HISTORY)
    first = Case(When(attempts, then=0), default=1)
    found = rows.annotate(spent=ledger.spent_of("job_id")).order_by(first, "-pk")[:ALIKE]
    return sorted(found, key=lambda other: -other.pk)


def usual_length(jobs: Iterable[Job]) -> timedelta | None:
    """What those took that succeeded: a median; None where they are too few to speak of a usual length."""
    lengths = [
        job.completed_at - job.started_at
        for job in jobs
        if job.conclusion == "success" and job.started_at and job.completed_at
    ]
    return median_length(lengths) if len(lengths) >= MIN_RUNS else None
