"""GitHub's schemas, as far as we read them, and their conversion to our facts.

Fields follow its published schemas (npm @octokit/openapi 23.0.2, @octokit/openapi-webhooks 12.1.0).
"""

from typing import Annotated, Literal, TypeVar

import msgspec

from tfci.forges import facts
from tfci.forges.actions.schemas import (
    ActionsStep,
    Count,
    Login,
    Moment,
    RunnerLabel,
    repository_of,
    steps_seen,
    time,
    workflow_of,
)
from tfci.forges.decoding import Number, decode
from tfci.forges.facts import JobSeen, RunnerSeen, RunSeen, Status
from tfci.forges.texts import LONG

T = TypeVar("T")
State = Literal["queued", "in_progress", "completed", "waiting", "requested", "pending"]


class GitHubMeta(msgspec.Struct):
    """Of the whole server: every GitHub has the first field, an Enterprise Server also its version."""

    verifiable_password_authentication: bool
    installed_version: str = "github.com"


class GitHubJob(msgspec.Struct):
    """`waiting`, `pending` and `requested` are held back by GitHub: an environment's approval, a concurrency group."""

    id: Number
    run_id: Number
    status: State
    name: str = ""
    labels: list[str] | None = None
    conclusion: str | None = None
    run_attempt: Count | None = None
    runner_id: Number | None = None
    runner_name: str | None = None
    workflow_name: str | None = None
    head_branch: str | None = None
    head_sha: str | None = None
    html_url: str | None = None
    created_at: Moment | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None
    steps: list[ActionsStep] | None = None


class GitHubJobs(msgspec.Struct):
    entries: list[GitHubJob] = msgspec.field(name="jobs")


class GitHubRun(msgspec.Struct):
    """`path` is ".github/workflows/ci.yml", sometimes with @ and a branch behind it. A webhook's older ones lack it."""

    id: Number
    run_attempt: Count | None = 1
    path: str | None = ""
    display_title: str | None = None
    event: str | None = ""
    actor: Login | None = None


class GitHubRuns(msgspec.Struct):
    entries: list[GitHubRun] = msgspec.field(name="workflow_runs")


class GitHubRunner(msgspec.Struct):
    id: Number
    name: str
    status: str
    busy: bool = False
    ephemeral: bool = True  # Enterprise Servers before 3.18 don't report it
    labels: list[RunnerLabel] = []


class GitHubRunners(msgspec.Struct):
    entries: list[GitHubRunner] = msgspec.field(name="runners")


class JitConfig(msgspec.Struct):
    runner: GitHubRunner
    encoded_jit_config: str


class RunnerGroup(msgspec.Struct):
    id: Number = 1
    name: str = "Default"
    allows_public_repositories: bool = False


class RunnerGroupList(msgspec.Struct):
    entries: list[RunnerGroup] = msgspec.field(name="runner_groups")


class GitHubRepository(msgspec.Struct):
    full_name: Annotated[str, msgspec.Meta(max_length=LONG)]
    pushed_at: Moment | None = None
    archived: bool = False
    private: bool = True


class Id(msgspec.Struct):
    id: Number


class GitHubJobDelivery(msgspec.Struct):
    """A `workflow_job` delivery."""

    action: str
    workflow_job: GitHubJob
    repository: GitHubRepository
    sender: Login | None = None
    installation: Id | None = None


class GitHubRunDelivery(msgspec.Struct):
    """A `workflow_run` delivery."""

    action: str
    workflow_run: GitHubRun
    repository: GitHubRepository
    installation: Id | None = None


class AppDelivery(msgspec.Struct):
    """Any delivery to an App."""

    installation: Id | None = None


def read(body: bytes, shape: type[T]) -> T:
    """Parse the bytes. Raises Malformed."""
    return decode(body, shape, "GitHub")


def job_seen(job: GitHubJob, repository: str, *, action: str = "", sender: str = "") -> JobSeen:
    """Convert a job. `action`: of its webhook. Raises Malformed."""
    status = _status(job.status, action)
    has_run = status in ("in_progress", "completed") and bool(job.runner_id)
    return JobSeen(
        job_id=str(job.id),
        run_id=str(job.run_id),
        repository=repository_of(job.id, repository),
        name=job.name,
        labels=tuple(job.labels or ()),
        status=status,
        conclusion=(job.conclusion or None) if status == "completed" else None,
        forge_attempt=job.run_attempt or 0,
        runner_id=str(job.runner_id) if has_run else None,
        runner_name=(job.runner_name or None) if has_run else None,
        workflow=job.workflow_name or "",
        branch=job.head_branch or "",
        sha=job.head_sha or "",
        url=job.html_url or "",
        sender=sender,
        created_at=time(job.created_at),
        started_at=time(job.started_at) if has_run else None,
        completed_at=time(job.completed_at) if status == "completed" else None,
        steps=steps_seen(job.steps) if status == "completed" else (),
    )


def _status(status: str, action: str) -> Status:
    """`queued` only if nothing holds it back: GitHub reports a job that waits for approval as queued too, and names a
    runner for some that have none (npm @octokit/webhooks-examples 7.6.1)."""
    if "completed" in (status, action):
        return "completed"
    if "in_progress" in (status, action):
        return "in_progress"
    return "queued" if status == "queued" and action in ("", "queued") else "waiting"


def run_seen(run: GitHubRun) -> RunSeen:
    sender = run.actor.login if run.actor else ""
    return RunSeen(workflow_of(run.path or ""), run.display_title or "", sender, run.event or "")


def run_event(delivery: GitHubRunDelivery) -> facts.RunEvent | None:
    """The event if it is worth storing: that jobs may come, or that none will."""
    if delivery.action not in ("requested", "completed"):
        return None
    run = delivery.workflow_run
    over = delivery.action == "completed"
    return facts.RunEvent(str(run.id), max(1, run.run_attempt or 1), over, run_seen(run))


def runner_seen(runner: GitHubRunner) -> RunnerSeen:
    return RunnerSeen(
        runner_id=str(runner.id),
        name=runner.name,
        online=runner.status == "online",
        busy=runner.busy,
        ephemeral=runner.ephemeral,
        labels=tuple(label.name for label in runner.labels),
    )
