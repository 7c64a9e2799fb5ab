"""Give a job its one pool and size, or the reason why it has none: when it is discovered or freed, and when pools
change."""

from collections.abc import Collection, Iterable
from functools import cache

from django.db import transaction
from django.db.models import Q

from runners.jobs import matching
from runners.models import Job, Pool
from runners.queue.effects import Effects
from runners.reasons.jobs import HeldByForge, JustQueued
from runners.reasons.waits import WaitReason
from tfci.accounts.models import Team
from tfci.core.reasons import columns
from tfci.forges import signposts


def assign(job: Job, pools: Iterable[Pool]) -> Effects:
    """Not saved. `pools`: as matching.pools_of reads them."""
    return _apply(job, _match(job, pools))


@transaction.atomic
def rematch(team: Team) -> Effects:
    """After a change of pools: each job that no VM serves yet gets its pool anew."""
    effects, pools = Effects(), cache(matching.pools_of)
    still_open = Job.objects.filter(team=team, state__in=[Job.State.QUEUED, *Job.SET_ASIDE])
    theirs = still_open.filter(connection__disconnecting_at=None).select_related("connection", "pool")
    for job in theirs.select_for_update(of=("self",)):
        effects.add(_rematch_job(job, pools(job.connection)))
    return effects


def _rematch_job(job: Job, pools: Iterable[Pool]) -> Effects:
    """Its old pool has something to decide as well."""
    found = _match(job, pools)
    refusal = job.typed_reason if job.state in Job.SET_ASIDE else None
    if (found.pool, found.size, found.reason, found.ours) == (job.pool, job.size, refusal, job.ours):
        return Effects()
    effects = pool_of(job)
    effects.add(_apply(job, found))
    job.save(update_fields=["pool", "size", "ours", "state", "reason", "reason_params"])
    return effects


def hold(job_ids: Collection[int], reason: WaitReason) -> None:
    """No VM stands for these jobs, and why. They are refused where nothing but a change of the pool, the nodes or the
    prices would help; then the pool's next decision queues them again. One that somebody else writes at this moment is
    left to the next decision: they may hold several, and wait for what we hold."""
    state = Job.State.REFUSED if reason.permanent else Job.State.QUEUED
    columns_now = {"state": state, **columns(reason)}
    same = Q(state=state, reason=reason.code, awaits=None)
    same &= Q(reason_params=columns_now["reason_params"]) if reason.params else Q(reason_params__isnull=True)
    held = Job.objects.filter(pk__in=job_ids, state__in=[Job.State.QUEUED, Job.State.REFUSED])
    free = held.exclude(same).select_for_update(skip_locked=True).values_list("pk", flat=True)
    Job.objects.filter(pk__in=list(free)).update(**columns_now, awaits=None)


def _match(job: Job, pools: Iterable[Pool]) -> matching.Match:
    return matching.match(job.connection, job.repository, job.labels, pools)


def _apply(job: Job, found: matching.Match) -> Effects:
    job.pool, job.size, job.ours = found.pool, found.size, found.ours
    if job.state == Job.State.WAITING:
        job.set_reason(HeldByForge())
    else:
        job.state = _state(found)
        job.set_reason(found.reason or JustQueued())
    effects = pool_of(job)
    if not found.reason:
        effects.add(_show(job))
    return effects


def _state(found: matching.Match) -> Job.State:
    if not found.ours:
        return Job.State.NOT_OURS
    return Job.State.REFUSED if found.reason else Job.State.QUEUED


def _show(job: Job) -> Effects:
    """Its labels go onto the signpost, so that the job does not look broken at its forge while it waits."""
    return Effects(posts={job.connection_id} if signposts.show(job.connection, job.labels) else set())


def pool_of(job: Job) -> Effects:
    return Effects(pools={job.pool_id} if job.pool_id else set())
