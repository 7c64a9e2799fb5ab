"""Watch the job that runs on a VM: when its forge must be asked again, and how long forge and agent may take to report
its end."""

from datetime import datetime, timedelta

from runners.gateways import Gateways
from runners.jobs import ingest
from runners.models import VM, Job, Pool, Runner
from runners.queue.effects import Effects
from runners.reasons.ends import EndCode
from tfci.core.optional import present
from tfci.forges import registry
from tfci.forges.errors import ForgeError, Gone

LAST_WORD = timedelta(minutes=2)  # from the agent's "done" to the forge's "completed"
TELLING = timedelta(seconds=2)  # the same where the agent was killed: its forge gets no report
LAST_LINES = timedelta(seconds=5)  # from the forge's "completed" to the agent's "done"
CAUSE = timedelta(seconds=30)  # the same where the job failed, for the agent alone may know why


def update_job(runner: Runner, gateways: Gateways, now: datetime) -> Effects:
    """Record the job as its forge has it now, where it must be asked again. One that does not answer changes
    nothing."""
    job = present(runner.job)
    if not _is_stale(runner, job, now):
        return Effects()
    try:
        seen = gateways.forge(runner.connection).job(job.repository, job.run_id, job.forge_job_id)
        effects = ingest.observe(runner.connection, seen, now, asked_at=now)
    except Gone:
        effects = ingest.vanished(job, now)
    except ForgeError:
        return Effects()
    job.refresh_from_db()
    return effects


def _is_stale(runner: Runner, job: Job, now: datetime) -> bool:
    """Now and then, and soon after its engine has ended."""
    if job.state == Job.State.COMPLETED:
        return False
    if runner.done_at:
        return now - max(job.read_at, runner.done_at) > registry.pace(runner.connection).after_end
    return now - job.read_at > registry.pace(runner.connection).running


def forge_timeout(runner: Runner) -> timedelta:
    """How long the forge may take to report how the job ended, once the engine has."""
    return TELLING if runner.done_cause == EndCode.AGENT_KILLED else LAST_WORD


def agent_timeout(vm: VM, runner: Runner) -> timedelta:
    """How long the agent may take to report how the engine ended; one that somebody canceled is killed at once."""
    conclusion = present(runner.job).conclusion
    if conclusion == "cancelled":
        return CAUSE if _time_was_up(vm, runner) else timedelta(0)
    return CAUSE if conclusion == "failure" else LAST_LINES


def _time_was_up(vm: VM, runner: Runner) -> bool:
    """Whether the agent had ended it for its time limit, which forges call canceled too. Its limit runs from some
    moment after we handed it its order; when that was, we learn later and less exactly."""
    if vm.pool is None:
        return False
    began = present(runner.handed_over_at or runner.taken_at)
    return present(runner.job).read_at - began >= limit(vm.pool)


def limit(pool: Pool) -> timedelta:
    """How long a job of it may run."""
    return timedelta(minutes=pool.job_minutes)
