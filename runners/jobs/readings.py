"""One reading of a job, as rows and rules take it: against the newest attempt that we know, and as a row of its own."""

from collections.abc import Mapping
from datetime import datetime

from runners.jobs import assignment, attempts, matching
from runners.models import Job
from runners.queue.effects import Effects
from tfci.forges import registry
from tfci.forges.facts import JobSeen, label_key
from tfci.forges.models import Connection

PHASE: Mapping[str, int] = {
    Job.State.WAITING: 0,
    Job.State.QUEUED: 0,
    Job.State.REFUSED: 0,
    Job.State.NOT_OURS: 0,
    Job.State.IN_PROGRESS: 1,
    Job.State.COMPLETED: 2,
}


def newest(job: Job) -> attempts.Newest:
    begun = job.state == Job.State.IN_PROGRESS or job.started_at is not None
    return attempts.Newest(job.forge_attempt, job.attempt == 1, begun, job.state == Job.State.COMPLETED)


def shown(connection: Connection, seen: JobSeen) -> attempts.Shown:
    waits, over = seen.status in ("queued", "waiting"), seen.status == "completed"
    return attempts.Shown(registry.attempt(connection, seen), waits, over, seen.picked_up)


def new_job(
    connection: Connection, seen: JobSeen, attempt: int, now: datetime, asked_at: datetime | None, by: str
) -> Job:
    return Job(
        connection=connection,
        team_id=connection.team_id,
        forge_job_id=seen.job_id,
        attempt=attempt,
        forge_attempt=registry.attempt(connection, seen),
        run_id=seen.run_id,
        repository=seen.repository,
        workflow=seen.workflow,
        name=seen.name,
        branch=seen.branch,
        sha=seen.sha,
        url=seen.url,
        sender=seen.sender,
        labels=list(seen.labels),
        label_key=label_key(seen.labels, seen.handle),
        handle=seen.handle,
        state=Job.State.WAITING if seen.status == "waiting" else Job.State.QUEUED,
        queued_at=(seen.created_at if attempt == 1 else None) or now,
        discovered_at=now,
        discovered_by=by or ("poll" if asked_at else "webhook"),
        read_at=asked_at or now,
    )


def create(connection: Connection, fresh: list[Job]) -> Effects:
    """Assign each to its pool and save them. Another process may have saved one first."""
    effects = Effects()
    pools = matching.pools_of(connection) if fresh else []
    for job in fresh:
        effects.add(assignment.assign(job, pools))
    Job.objects.bulk_create(fresh, ignore_conflicts=True)
    return effects
