"""What forges report, in Farmhand's words: facts that go in and out, never rows.

Their texts are bounded as they are made (forges/texts.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.forges import texts
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.problems import VersionTooOld
from tfci.forges.texts import LONG, NAME, SHORT, WORD

Status = Literal["queued", "waiting", "in_progress", "completed"]
JobAction = Literal[
    "rerun", "cancel"
]  # what a person may ask of a forge; registry.actions() says which it takes


OF_A_JOB = {
    **dict.fromkeys(("job_id", "run_id"), 40),
    **dict.fromkeys(("repository", "name", "workflow", "branch"), LONG),
    **dict.fromkeys(("runner_name", "sender"), NAME),
    **{"sha": SHORT, "conclusion": WORD, "runner_id": 40, "handle": texts.HANDLE},
}  # the room for its texts


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One step of a job that has ended; it did not begin where its times are None."""

    name: str
    started_at: datetime | None = None
    completed_at: datetime | None = None

    def __post_init__(self) -> None:
        texts.bound(self, {"name": LONG})


@dataclass(frozen=True, slots=True)
class JobSeen:
    """One reading of one workflow job, as a forge showed it. Unset times are None."""

    job_id: str
    run_id: str
    repository: str  # "owner/name"
    name: str
    labels: tuple[str, ...]  # as written in the workflow: forges match case-sensitively
    status: Status
    conclusion: str | None = None  # success, failure, cancelled, skipped, ...
    forge_attempt: int = (
        0  # the forge's own count, which may count pickups: registry.attempt() makes a number of it
    )
    runner_id: str | None = None
    runner_name: str | None = None
    by_handle: bool = False  # on the runner made with its handle, which the forge can't name any more
    workflow: str = ""
    branch: str = ""
    sha: str = ""
    url: str = ""
    sender: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: tuple[StepSeen, ...] = ()  # mostly sent once, at its end, by webhook only
    handle: str = ""  # what its runner must be made with beside labels; where forges bind, this job's ticket

    def __post_init__(self) -> None:
        texts.bound(
            self,
            OF_A_JOB,
            url=texts.link(self.url),
            labels=texts.cleaned(self.labels, texts.LABELS),
            steps=self.steps[: texts.STEPS],
            forge_attempt=min(self.forge_attempt, texts.MAX_ATTEMPTS),
        )

    @property
    def picked_up(self) -> bool:
        """Whether some runner has it, or had it."""
        return self.status == "in_progress" or self.runner_id is not None or self.started_at is not None


@dataclass(frozen=True, slots=True)
class RunSeen:
    """Facts of a run that its jobs do not have themselves."""

    workflow: str  # "ci.yml"
    title: str  # the first line of what was committed, mostly
    sender: str = ""
    event: str = ""  # what started it, in GitHub's terms: push, pull_request, ...; "" if unknown

    def __post_init__(self) -> None:
        texts.bound(self, {"workflow": LONG, "title": LONG, "sender": NAME, "event": 60})


@dataclass(frozen=True, slots=True)
class RunEvent:
    """A webhook's event of a run. `attempt`: 1 for the first; `over`: no further jobs of it will come."""

    run_id: str
    attempt: int
    over: bool
    seen: RunSeen


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A text file of a repository's default branch. `revision`: the forge requires it for replacing the file."""

    path: str
    text: str
    revision: str = ""


@dataclass(frozen=True, slots=True)
class RunnerSeen:
    """One runner in a forge's list."""

    runner_id: str
    name: str
    online: bool
    busy: bool
    ephemeral: bool
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        texts.bound(self, {"name": LONG}, labels=texts.cleaned(self.labels, texts.LABELS))


@dataclass(frozen=True, slots=True)
class Registration:
    """A one-job runner that now exists at the forge, with the credential its engine needs."""

    runner_id: str
    credential: Secret


@dataclass(frozen=True, slots=True)
class EngineOrder:
    """What an agent needs to start its engine: files for the engine's folder, its environment, and what is appended
    to its command line, where no secret ever stands. `authority`: whom engine and job are to trust besides, as PEM."""

    engine: str  # "gitea", "practice", ...
    files: Mapping[str, Secret] = field(default_factory=dict)
    environment: Mapping[str, Secret] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Signpost:
    """A registration that never takes a job; it only keeps labels online."""

    runner_id: str
    credential: Secret


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a connection's check, findings in order."""

    version: str
    login: str
    findings: tuple[Finding, ...] = ()
    token_ends: datetime | None = None  # None if tokens don't expire, or their forge does not report it
    may_write: bool | None = None  # files and runs of repositories; None if it was not checked

    def __post_init__(self) -> None:
        texts.bound(self, {"version": 60, "login": NAME})

    @classmethod
    def too_old(cls, forge: str, version: str, floor: Sequence[int]) -> Self:
        """Nothing else is checked."""
        old = VersionTooOld(forge, version, ".".join(map(str, floor)))
        return cls(version, "", (Finding(CheckSubject.VERSION, old),))

    @property
    def problems(self) -> tuple[Reason, ...]:
        """Problems that somebody has to solve, each once."""
        return tuple(dict.fromkeys(finding.reason for finding in self.findings if finding.is_problem))


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One webhook delivery, parsed. `stirred`: something happened that may soon queue jobs, in `repository` if known.
    `run`: the run that it is about, where that is worth storing."""

    event: str
    jobs: tuple[JobSeen, ...] = ()
    stirred: bool = False
    repository: str = ""
    run: RunEvent | None = None

    def __post_init__(self) -> None:
        texts.bound(self, {"event": 40, "repository": LONG})


def label_key(labels: Iterable[str], handle: str = "") -> str:
    """One text for a set of labels, the same for every order: the key demand is counted by. Jobs of different
    handles never share a runner."""
    return "\n".join([*sorted(set(labels)), *([f"handle {handle}"] if handle else [])])
