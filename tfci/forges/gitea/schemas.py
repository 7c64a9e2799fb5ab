"""Gitea's schemas, as far as we read them, and their conversion to our facts."""

import re
from typing import Annotated, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

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
from tfci.forges.decoding import Number, decode, decode_list
from tfci.forges.facts import JobSeen, RunnerSeen, RunSeen, Status
from tfci.forges.texts import LONG, SHORT

T = TypeVar("T")
OF_URL = re.compile(r"/repos/([^/]+/[^/]+)/actions/jobs/")


class GiteaVersion(msgspec.Struct):
    version: str


class GiteaJob(msgspec.Struct):
    """`queued`: a runner may take it; `waiting`: Gitea holds it back itself."""

    id: Number
    run_id: Number
    status: Status
    name: str = ""
    labels: list[str] | None = None
    conclusion: str | None = None
    run_attempt: Count = 0
    runner_id: Number | None = None
    runner_name: str | None = None
    head_branch: str | None = None
    head_sha: str | None = None
    url: str = ""
    html_url: str = ""
    created_at: Moment | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None
    steps: list[ActionsStep] | None = None


class GiteaRun(msgspec.Struct):
    """`path` is "ci.yml@refs/heads/main"."""

    path: str = ""
    display_title: str = ""
    event: str = ""
    actor: Login | None = None


class GiteaPage(msgspec.Struct):
    """Part of a list, and how long the whole is."""

    total_count: Number


class GiteaJobs(GiteaPage):
    entries: list[GiteaJob] | None = msgspec.field(name="jobs")


class GiteaRunner(msgspec.Struct):
    id: Number
    name: str
    status: str
    busy: bool = False
    ephemeral: bool = False
    labels: list[RunnerLabel] | None = None


class GiteaRunners(GiteaPage):
    entries: list[GiteaRunner] | None = msgspec.field(name="runners")


class Registered(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(pattern=r"^\d{1,19}$")]  # the runner protocol writes numbers as text
    uuid: str
    token: str
    ephemeral: bool = False


class RegisterAnswer(msgspec.Struct):
    runner: Registered


class Declared(msgspec.Struct):
    """The answer to Declare, of which nothing is needed."""


class GiteaRepository(msgspec.Struct):
    full_name: str


class ListedRepository(msgspec.Struct):
    full_name: Annotated[str, msgspec.Meta(max_length=LONG)]
    empty: bool = False
    archived: bool = False


class Search(msgspec.Struct):
    """How all repositories of an instance are listed."""

    data: list[ListedRepository] | None = None


class FolderEntry(msgspec.Struct):
    """Of a folder. Its `content` is there where it was asked for by itself."""

    path: Annotated[str, msgspec.Meta(max_length=LONG)]
    type: str
    sha: Annotated[str, msgspec.Meta(max_length=SHORT)] = ""
    size: Number = 0
    content: str | None = None


class RepositorySeen(msgspec.Struct):
    default_branch: Annotated[str, msgspec.Meta(min_length=1, max_length=LONG)]


class Pull(msgspec.Struct):
    html_url: str = ""


class ActionsSetting(msgspec.Struct):
    """An organisation, user or repository, of which we ask whether it runs Actions; all but a repository do."""

    has_actions: bool = True


class GiteaJobDelivery(msgspec.Struct):
    """A `workflow_job` delivery."""

    workflow_job: GiteaJob
    repository: GiteaRepository
    sender: Login | None = None


class Push(msgspec.Struct):
    """A `push` delivery: that it came is all we need."""

    repository: GiteaRepository


def read(body: bytes, shape: type[T]) -> T:
    """Parse the bytes. Raises Malformed."""
    return decode(body, shape, "Gitea")


def read_list(body: bytes, shape: type[T]) -> list[T]:
    """A list of these. Raises Malformed."""
    return decode_list(body, shape, "Gitea")


def repositories(body: bytes) -> list[ListedRepository]:
    """A page of them, as an organisation or a user lists them or as the whole instance does. Raises Malformed."""
    page: list[ListedRepository] | Search = read(body, list[ListedRepository] | Search)  # type: ignore[arg-type]  # either
    return page.data or [] if isinstance(page, Search) else page


def job_seen(job: GiteaJob, repository: str = "", sender: str = "") -> JobSeen:
    """A reading of a job; a list's entry names its repository only in its address. Raises Malformed."""
    return JobSeen(
        job_id=str(job.id),
        run_id=str(job.run_id),
        repository=_repository(job, repository),
        name=job.name,
        labels=tuple(job.labels or ()),
        status=job.status,
        conclusion=job.conclusion or None,
        forge_attempt=job.run_attempt,
        runner_id=str(job.runner_id) if job.runner_id else None,
        runner_name=job.runner_name or None,
        branch=job.head_branch or "",
        sha=job.head_sha or "",
        url=job.html_url,
        sender=sender,
        created_at=time(job.created_at),
        started_at=time(job.started_at),
        completed_at=time(job.completed_at),
        steps=steps_seen(job.steps) if job.status == "completed" else (),
    )


def run_seen(run: GiteaRun) -> RunSeen:
    return RunSeen(workflow_of(run.path), run.display_title, run.actor.login if run.actor else "", run.event)


def runner_seen(runner: GiteaRunner) -> RunnerSeen:
    return RunnerSeen(
        runner_id=str(runner.id),
        name=runner.name,
        online=runner.status == "online",
        busy=runner.busy,
        ephemeral=runner.ephemeral,
        labels=tuple(label.name for label in runner.labels or ()),
    )


def _repository(job: GiteaJob, name: str) -> str:
    found = OF_URL.search(urlsplit(job.url).path) if not name else None
    return repository_of(job.id, unquote(found[1]) if found else name)
