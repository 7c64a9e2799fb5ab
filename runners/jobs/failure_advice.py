"""What ended a job that failed, and what to do about it, in words: out of memory, disk full, time limit, a lost node,
our own trouble, the job's own failure; told apart as far as agent and grid tell them.

Pages, API, CSV and what runs again by itself ask here. For many jobs: legs.read() them first.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from runners.jobs import labels, timeline
from runners.models import VM, Event, Job, RetireReason
from tfci.forges import registry


@dataclass(frozen=True, slots=True)
class Remedy:
    """`asks`: what to write into the workflow instead, where a larger size helps. `ours`: no code will mend it."""

    title: str
    todo: str
    asks: str = ""
    ours: bool = False
    owner: str = "machine"  # forge, farmhand, grid, machine or code


LARGER = "Ask for a larger size. The drawing below shows what it used."
ENDS = {
    "out_of_memory": Remedy("The machine ran out of memory", LARGER),
    "disk_full": Remedy("The disk was full", LARGER),
    "too_many_processes": Remedy(
        "The job started more processes than its machine may have",
        "Run less at a time (make -j, test workers), or ask for a larger size: each MiB of memory allows one process.",
    ),
    "agent_killed": Remedy(
        "The job ended Farmhand’s agent",
        "Without its agent a machine is lost, and its job with it. Look for a step that kills processes by name or all "
        "of them, such as pkill or killall.",
        owner="code",
    ),
    "network_lost": Remedy(
        "The machine lost its way to the forge",
        "Run it again: it gets another machine. If that one loses it too, see whether machines can reach the forge.",
        ours=True,
    ),
    "time_limit": Remedy(
        "The time limit was over",
        "Raise the pool’s limit for a job, or find what hangs: the last words of the log say where it was.",
        owner="farmhand",
    ),
    "killed": Remedy(
        "The machine was shut down under it",
        "Run it again: it gets another machine. What shut this one down is under “What happened”.",
        ours=True,
    ),
    "engine_missing": Remedy(
        "The machine lacks the engine for this forge",
        "This is the operator’s to mend: the machines’ image lacks a program.",
        ours=True,
        owner="farmhand",
    ),
    "engine_failed": Remedy(
        "The engine failed before the job could end",
        "Run it again. If it happens again, the last words of the engine say why.",
        ours=True,
        owner="farmhand",
    ),
    "stopped": Remedy(
        "Farmhand stopped the engine",
        "Run it again: it gets another machine. Why this one was stopped is under “What happened”.",
        ours=True,
        owner="farmhand",
    ),
}
LOST = Remedy(
    "The node lost the machine",
    "Run it again: it gets another machine, and the node’s record is marked so that others come first.",
    ours=True,
    owner="grid",
)
TORN = Remedy(
    "The machine went away under it",
    "Run it again: it gets another machine. Why it went is under “What happened”.",
    ours=True,
)
SPENT = Remedy(
    "The team’s balance was used up",
    "Add TFT, then run it again. Farmhand warns a team by mail and on its pages before its VMs end.",
    ours=True,
    owner="farmhand",
)
OWN = Remedy(
    "A step of the job failed",
    "The machine did well; its log says which step and why.",
    owner="code",
)
MACHINE_FAILED = (
    LOST,
    TORN,
    ENDS["killed"],
    ENDS["engine_failed"],
    ENDS["network_lost"],
)  # and another may do it
LEAVING = (VM.State.KEPT, VM.State.REMOVING)
PARTS = {"out_of_memory": "memory_gb", "disk_full": "disk_gb"}  # what there was too little of


def remedy(job: Job) -> Remedy | None:
    """None for a job that has not failed, or failed on a runner that is not ours. One whose machine is gone has failed,
    whether its forge has noticed or not."""
    vm, end = job.vm, timeline.ended(job)
    if vm is None or not (timeline.failed(job) or timeline.deserted(job)):
        return None
    if vm.ended_for(end) == RetireReason.BALANCE_SPENT:
        return SPENT
    if end is None:
        return _silent_end(job)
    if end.done_cause not in ENDS:
        return OWN if job.conclusion == "failure" else None
    found, part = ENDS[end.done_cause], PARTS.get(end.done_cause)
    return replace(found, asks=larger(job, vm, part)) if part else found


def _silent_end(job: Job) -> Remedy:
    """Of one whose agent said nothing of an end: its machine went from under it, or the job ended first."""
    if job.vm.died_at:
        return LOST
    if ran_too_long(job):
        return ENDS["time_limit"]
    return TORN if left(job) or timeline.deserted(job) else OWN


def sentence(job: Job, found: Remedy) -> str:
    """What exactly happened, of a job with this remedy: its agent's own words, or why its machine went."""
    end = timeline.ended(job)
    if found is SPENT:
        return RetireReason.BALANCE_SPENT.label
    if end and end.done_cause in ENDS:
        return end.done_said or job.vm.why
    if end is None and (gone := left(job)):
        return gone.why
    if timeline.deserted(job):
        return job.vm.why
    return f"{job.vm.node} lost the machine" if found is LOST else "a step of the job failed"


def left(job: Job) -> Event | None:
    """When and why its machine left it before its end; None where the job ended first. By our own clock: its forge may
    tell minutes later that it is over."""
    went = next((each for each in job.vm.events.all() if each.now in LEAVING), None)
    ended_first = went and job.state == Job.State.COMPLETED and went.at >= job.read_at
    return None if ended_first else went


def ran_too_long(job: Job) -> bool:
    """Whether its machine left it after its pool's limit."""
    went = left(job)
    if not (went and job.started_at and job.pool):
        return False
    return went.at - job.started_at >= timedelta(minutes=job.pool.job_minutes)


def larger(job: Job, vm: VM, part: str) -> str:
    """What its workflow writes for its labels with the next named size that has more of it; "" where its pool serves
    none."""
    most = labels.Limits.over(labels.Size.parse(size) for size in job.pool.sizes) if job.pool else None
    for name, size in labels.NAMED.items():
        fits = most is None or all(
            getattr(size, p) <= getattr(most, p) for p in ("cpu", "memory_gb", "disk_gb")
        )
        if fits and getattr(size, part) > getattr(vm, part):
            kept = labels.beside_size(job.labels)
            return registry.kind(job.org.forge).workflows.asks([*kept, name])
    return ""
