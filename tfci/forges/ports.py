"""What Farmhand asks of a code host, in Farmhand's words.

Facts go in and out, never rows; their texts are bounded as they are made (forges/texts.py). A dialect
is one file in clients/ that keeps both protocols, and passes tests/contracts/test_forges.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from tfci.core.permits import Full
from tfci.core.secret import Secret
from tfci.forges import texts
from tfci.forges.texts import LONG, NAME, SENTENCE, SHORT, WORD

Status = Literal["queued", "waiting", "in_progress", "completed"]
Act = Literal["rerun", "cancel"]  # what a person may ask of a forge; connect.able() says which it takes


OF_A_JOB = {
    **dict.fromkeys(("job_id", "run_id"), 40),
    **dict.fromkeys(("repository", "name", "workflow", "branch"), LONG),
    **dict.fromkeys(("runner_name", "sender"), NAME),
    **{"sha": SHORT, "conclusion": WORD, "runner_id": 40, "handle": texts.HANDLE},
}  # the room for its texts


class ForgeError(Exception):
    """A forge did not do what was asked; str() is a sentence for a person."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(texts.clean(sentence, SENTENCE))


class Gone(ForgeError):
    """What was asked for is not there any more. For a removal that is success."""


class Refused(ForgeError):
    """Someone must mend something first: token, scope, role, version, address."""


class Limited(ForgeError):
    """Too many calls; nothing will be answered before `until`."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class Busy(Limited):
    """Not called: Farmhand itself has as many calls open as `full` allows."""

    def __init__(self, sentence: str, until: datetime, full: Full) -> None:
        super().__init__(sentence, until)
        self.full = full


class Unreachable(ForgeError):
    """No answer, or a broken one; the same call may go through later."""


class Silent(Unreachable):
    """Not called, because it has not answered before."""


class Taken(Unreachable):
    """Somebody else holds what only one may have at a time."""


class Ended(Unreachable):
    """What a session was spoken with has ended, and has to be renewed."""


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
        0  # the forge's own count, which may count pickups: connect.attempt() makes a number of it
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
    steps: tuple[StepSeen, ...] = ()  # mostly told once, at its end, by webhook alone
    handle: str = ""  # what its runner must be made with beside labels; where forges bind, this job's ticket

    def __post_init__(self) -> None:
        texts.bound(
            self,
            OF_A_JOB,
            url=texts.link(self.url),
            labels=texts.cleaned(self.labels, texts.LABELS),
            steps=self.steps[: texts.STEPS],
            forge_attempt=min(self.forge_attempt, texts.MOST_ATTEMPTS),
        )

    @property
    def picked_up(self) -> bool:
        """Whether some runner has it, or had it."""
        return self.status == "in_progress" or self.runner_id is not None or self.started_at is not None


@dataclass(frozen=True, slots=True)
class RunSeen:
    """What a run says of all its jobs, and they don't."""

    workflow: str  # "ci.yml"
    title: str  # the first line of what was committed, mostly
    sender: str = ""
    event: str = ""  # what it came from, in GitHub's words: push, pull_request, ...; "" where not told

    def __post_init__(self) -> None:
        texts.bound(self, {"workflow": LONG, "title": LONG, "sender": NAME, "event": 60})


@dataclass(frozen=True, slots=True)
class RunTold:
    """What a webhook says of a run. `attempt`: 1 for the first; `over`: no job of it comes any more."""

    run_id: str
    attempt: int
    over: bool
    seen: RunSeen


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A text file of a repository's default branch. `revision`: what a forge wants to see from whoever replaces it."""

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
class Finding:
    """One thing that a check looked at: what was found, and what to do about it; "" where all is well."""

    what: str  # "Token", "Jobs", ...
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a link's check found, in the order in which it looked."""

    version: str
    login: str
    findings: tuple[Finding, ...] = ()
    token_ends: datetime | None = None  # None where tokens have no end, or their forge does not tell it
    may_write: bool | None = None  # files and runs of repositories; None where it was not looked at

    def __post_init__(self) -> None:
        texts.bound(self, {"version": 60, "login": NAME})

    @property
    def missing(self) -> tuple[str, ...]:
        """One sentence for each thing to mend."""
        return tuple(dict.fromkeys(finding.mend for finding in self.findings if finding.mend))


@dataclass(frozen=True, slots=True)
class Heard:
    """One webhook delivery, read. `stirred`: something happened that may soon queue jobs, in `repository` if told.
    `run`: that it is of, where that is worth remembering."""

    event: str
    jobs: tuple[JobSeen, ...] = ()
    stirred: bool = False
    repository: str = ""
    run: RunTold | None = None

    def __post_init__(self) -> None:
        texts.bound(self, {"event": 40, "repository": LONG})


class Forge(Protocol):
    """One organisation, user or repository of one forge, seen with one credential. Every call is bounded in time
    and size."""

    def check(self) -> Checked:
        """Version, identity, scopes, role. Raises Refused or Unreachable where nothing can be said."""

    def hook(self, address: str, secret: Secret) -> str:
        """Make (or find and renew) its webhook to `address`; returns the webhook's id."""

    def unhook(self, hook_id: str) -> None:
        """Remove the webhook; one that is gone is no error."""

    def waiting_jobs(self) -> list[JobSeen]:
        """All jobs that are queued now (those the forge holds back as status "waiting")."""

    def running_jobs(self) -> list[JobSeen]:
        """All jobs in progress now."""

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        """One job, read again. Raises Gone."""

    def run(self, repository: str, run_id: str) -> RunSeen:
        """What the jobs of one run have in common. Raises Gone."""

    def rerun(self, repository: str, run_id: str, job_id: str) -> None:
        """Run one job that has ended, and those that need it, once more; where a forge can't, its whole run. Raises
        Refused with what stands against it, Gone where the run is no more."""

    def cancel(self, repository: str, run_id: str) -> None:
        """Cancel all that is left of a run. Raises Refused, Gone."""

    def log(self, repository: str, run_id: str, job_id: str) -> str:
        """The job's own log, at most 1 MiB of its end. Raises Gone before there is one."""

    def repositories(self) -> list[str]:
        """ "owner/name" of those that a file can be proposed to."""

    def may_propose(self) -> bool:
        """Whether the credential goes so far; most need not, and then people copy what would be sent."""

    def propose(self, repository: str, branch: str, path: str, text: str, message: str) -> str:
        """Commit one new file to a new branch off the default one; returns the branch's page. Raises Refused."""

    def workflows(self, repository: str) -> list[FileSeen]:
        """The workflow files of its default branch, in the order of their paths, at most 50 of at most 128 KiB each.
        Raises Refused where it is not here that they are kept, Gone where there is no such repository."""

    def suggest(self, repository: str, branch: str, files: Sequence[FileSeen], title: str, text: str) -> str:
        """Replace files, as `workflows` has shown them, on a new branch off the default one, and open a pull request
        for it; returns that request's page. Raises Refused, also where a file has changed meanwhile."""

    def runners(self) -> list[RunnerSeen]:
        """All runners that are registered at just this level."""

    def find(self, name: str) -> RunnerSeen | None:
        """The runner of that name, if there is one."""

    def register(self, name: str, labels: Sequence[str], handle: str = "") -> Registration:
        """Make a one-job runner with exactly these labels, and with the handle of the job it is for."""

    def forget(self, runner_id: str) -> None:
        """Remove a runner, busy or not; one that is gone is no error."""

    def order(self, credential: Secret, labels: Sequence[str]) -> EngineOrder:
        """What the agent needs to run one job with this registration. No outside call. Kinds with `containers` take
        `image` too: what the job is to run in."""

    def signpost(self, name: str, labels: Sequence[str]) -> Signpost:
        """Register a lasting runner that will never fetch."""

    def declare(self, credential: Secret, labels: Sequence[str]) -> None:
        """Keep a signpost online with exactly these labels. Raises Gone where it was removed."""


class Redelivers(Protocol):
    """A Forge that sends webhooks again: of kinds with `redelivers`."""

    def redeliver(self, hook_id: str, since: datetime) -> int:
        """Have its webhook's deliveries since then sent again that nobody took; returns how many."""


class Hooks(Protocol):
    """A forge's webhooks: checked over raw bytes, then read into our words. No outside call."""

    def authentic(self, headers: Mapping[str, str], body: bytes, secret: Secret) -> bool:
        """True when the signature over the raw body is right. Header names are case-insensitive."""

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        """The delivery's own id, the same when it is sent twice; "" where there is none."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """Raises Refused with the reason for anything that can't be read; never anything else."""


class Written(Protocol):
    """How workflows are written for a forge. Pure."""

    folder: str  # ".gitea/workflows"

    def asks(self, labels: Sequence[str]) -> str:
        """What a job writes to be run on these labels: one line or several, like "runs-on: small"."""

    def change(self, labels: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Lines of a workflow that gets these labels, each with "+", "-" or " " before it."""

    def test_job(self, labels: Sequence[str]) -> str:
        """A whole workflow of one job that says hello, for branches farmhand-test-* only."""


class Memory(Protocol):
    """What a client remembers from one call to the next, shared by all processes. All of it may be lost at any time,
    which costs calls and nothing else. A count is a number, all else bytes."""

    def get(self, *keys: str) -> list[bytes | int | None]:
        """What is known under each key."""

    def put(self, key: str, value: bytes | int, seconds: float) -> None:
        """For so long at most."""

    def add(self, key: str, count: int, seconds: float) -> None:
        """Count up; from nothing where nothing is known."""


def label_key(labels: Iterable[str], handle: str = "") -> str:
    """One text for a set of labels, the same for every order: the key demand is counted by. Jobs of different
    handles never share a runner."""
    return "\n".join([*sorted(set(labels)), *([f"handle {handle}"] if handle else [])])
