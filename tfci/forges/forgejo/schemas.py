"""Forgejo's schemas beside Gitea's, as far as we read them, and their conversion to our facts; verified with 16.0."""

import re
from typing import Annotated

import msgspec

from tfci.forges.actions.schemas import Count, Login, Moment, repository_of, time
from tfci.forges.decoding import Number
from tfci.forges.facts import JobSeen, RunnerSeen, RunSeen, Status

HANDLE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STATUS: dict[str, Status] = {
    "waiting": "queued",
    "blocked": "waiting",
    "running": "in_progress",
}  # else it has ended
OFFLINE = "offline"


class ForgejoJob(msgspec.Struct):
    """`waiting` is said of one that a runner may take. `task_id` is 0 until one has."""

    id: Number
    run_id: Number
    status: Annotated[str, msgspec.Meta(max_length=30)]
    repo_id: Number
    attempt: Count = 0
    handle: Annotated[str, msgspec.Meta(max_length=80)] = ""
    name: str = ""
    runs_on: list[str] | None = None
    task_id: Number = 0


class ForgejoRun(msgspec.Struct):
    """What a job leaves to its run. `prettyref` is a branch's or a tag's name."""

    title: str = ""
    workflow_id: str = ""
    prettyref: str = ""
    commit_sha: str = ""
    html_url: str = ""
    event: str = ""
    trigger_user: Login | None = None
    created: Moment | None = None
    started: Moment | None = None
    stopped: Moment | None = None


class ForgejoRunner(msgspec.Struct):
    """Its description is ours: the handle of the one job that it was made for."""

    id: Number
    name: str
    status: str = OFFLINE
    description: str = ""
    ephemeral: bool = False
    labels: list[str] | None = None


class CreatedRunner(msgspec.Struct):
    """A runner that was just made."""

    id: Number
    uuid: str
    token: str


class ForgejoRunDelivery(msgspec.Struct):
    """An `action_run_*` delivery: that a run has ended is all that is needed of it."""

    run: ForgejoRun


def job_seen(
    job: ForgejoJob, repository: str, run: ForgejoRun, runners: list[ForgejoRunner], *, alone: bool = False
) -> JobSeen:
    """Convert a job. Forgejo does not report its runner: it is the one whose description is the job's handle, once that
    has called; an ephemeral one is gone as soon as its job has ended. Nor its times: they are its run's if it is
    `alone` there. Raises Malformed."""
    status = STATUS.get(job.status, "completed")
    own = next((runner for runner in runners if job.handle and runner.description == job.handle), None)
    runner = own if own and status == "in_progress" and own.status != OFFLINE else None
    return JobSeen(
        job_id=str(job.id),
        run_id=str(job.run_id),
        repository=repository_of(job.id, repository),
        name=job.name,
        labels=tuple(job.runs_on or ()),
        status=status,
        conclusion=job.status if status == "completed" else None,
        forge_attempt=job.attempt,
        runner_id=str(runner.id) if runner else None,
        runner_name=runner.name if runner else None,
        by_handle=own is None and job.task_id != 0,
        workflow=run.workflow_id,
        branch=run.prettyref,
        sha=run.commit_sha,
        url=run.html_url,
        sender=_sender(run),
        created_at=time(run.created),
        started_at=time(run.started) if alone and job.task_id else None,
        completed_at=time(run.stopped) if alone and status == "completed" else None,
        handle=job.handle,
    )


def run_seen(run: ForgejoRun) -> RunSeen:
    return RunSeen(run.workflow_id, run.title, _sender(run), run.event)


def _sender(run: ForgejoRun) -> str:
    return run.trigger_user.login if run.trigger_user else ""


def runner_seen(runner: ForgejoRunner) -> RunnerSeen:
    return RunnerSeen(
        runner_id=str(runner.id),
        name=runner.name,
        online=runner.status != OFFLINE,
        busy=runner.status == "active",
        ephemeral=runner.ephemeral,
        labels=tuple(runner.labels or ()),
    )
