"""The interface of forges: small protocols, of which a dialect implements what its forge can do.

`Forge` is what every kind does; what else one can do is what its client implements (`registry.Kind.does`). A client
passes those files of tests/contracts/ that are named like its protocols. Facts are in facts.py, errors in errors.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from tfci.core.secret import Secret
from tfci.forges.facts import (
    Checked,
    EngineOrder,
    FileSeen,
    JobSeen,
    Registration,
    RunnerSeen,
    RunSeen,
    Signpost,
    WebhookEvent,
)


@runtime_checkable
class ReadsJobs(Protocol):
    """Lists jobs, and reads single jobs, runs and logs."""

    def waiting_jobs(self) -> list[JobSeen]:
        """All jobs that are queued now (those the forge holds back as status "waiting")."""

    def running_jobs(self) -> list[JobSeen]:
        """All jobs in progress now."""

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        """One job, read again. Raises Gone."""

    def run(self, repository: str, run_id: str) -> RunSeen:
        """What the jobs of one run have in common. Raises Gone."""

    def log(self, repository: str, run_id: str, job_id: str) -> str:
        """The job's log, at most the last 1 MiB. Raises Gone before there is one."""


@runtime_checkable
class RegistersRunners(Protocol):
    """Registers one-job runners, and removes them."""

    def runners(self) -> list[RunnerSeen]:
        """All runners that are registered at just this level."""

    def find(self, name: str) -> RunnerSeen | None:
        """The runner of that name, if there is one."""

    def register(self, name: str, labels: Sequence[str], handle: str = "") -> Registration:
        """Make a one-job runner with exactly these labels, and with the handle of the job it is for."""

    def remove_runner(self, runner_id: str) -> None:
        """Remove a runner, busy or not; one that is gone is no error."""

    def order(self, credential: Secret, labels: Sequence[str]) -> EngineOrder:
        """What the agent needs to run one job with this registration. No outside call. Kinds whose engine runs jobs
        in containers take `image` too: what the job is to run in."""


@runtime_checkable
class Forge(ReadsJobs, RegistersRunners, Protocol):
    """One organization, user or repository of one forge, seen with one credential: what every kind does. Every call is
    bounded in time and size."""

    def check(self) -> Checked:
        """Version, identity, scopes, role. Raises ForgeRefused or Unreachable where nothing can be said."""


@runtime_checkable
class SendsWebhooks(Protocol):
    """Makes and removes webhooks."""

    def hook(self, address: str, secret: Secret) -> str:
        """Make (or find and renew) its webhook to `address`; returns the webhook's id."""

    def unhook(self, hook_id: str) -> None:
        """Remove the webhook; one that is gone is no error."""


@runtime_checkable
class RedeliversWebhooks(Protocol):
    """Keeps webhooks that failed, and sends them again."""

    def redeliver(self, hook_id: str, since: datetime) -> int:
        """Request redelivery of its webhook's failed deliveries since then; returns how many."""


@runtime_checkable
class RerunsJobs(Protocol):
    """Runs jobs again; whether one of this version does is in `registry.actions`."""

    def rerun(self, repository: str, run_id: str, job_id: str) -> None:
        """Run one job that has ended, and those that need it, once more; where a forge can't, its whole run. Raises
        ForgeRefused with the reason, Gone if the run no longer exists."""


@runtime_checkable
class CancelsRuns(Protocol):
    """Cancels runs; whether one of this version does is in `registry.actions`."""

    def cancel(self, repository: str, run_id: str) -> None:
        """Cancel all that is left of a run. Raises ForgeRefused, Gone."""


@runtime_checkable
class KeepsFiles(Protocol):
    """Keeps repositories whose files a connection may read, and write with the right scope."""

    def repositories(self) -> list[str]:
        """ "owner/name" of those that a file can be proposed to."""

    def may_propose(self) -> bool:
        """Whether the credential allows it; it need not, and then people copy the text themselves."""

    def propose(self, repository: str, branch: str, path: str, text: str, message: str) -> str:
        """Commit one new file to a new branch off the default one; returns the branch's page. Raises ForgeRefused."""

    def workflows(self, repository: str) -> list[FileSeen]:
        """The workflow files of its default branch, in the order of their paths, at most 50 of at most 128 KiB each.
        Raises Gone where there is no such repository."""

    def suggest(self, repository: str, branch: str, files: Sequence[FileSeen], title: str, text: str) -> str:
        """Replace files, as `workflows` has shown them, on a new branch off the default one, and open a pull request
        for it; returns that request's page. Raises ForgeRefused, also where a file has changed meanwhile."""


@runtime_checkable
class ShowsSignposts(Protocol):
    """Shows a waiting job as broken until a runner with its labels is online, so it needs a signpost."""

    def signpost(self, name: str, labels: Sequence[str]) -> Signpost:
        """Register a lasting runner that will never fetch."""

    def declare(self, credential: Secret, labels: Sequence[str]) -> None:
        """Keep a signpost online with exactly these labels. Raises Gone where it was removed."""


class WebhookReader(Protocol):
    """A forge's webhooks: verified over raw bytes, then parsed. No outside call."""

    def authentic(self, headers: Mapping[str, str], body: bytes, secret: Secret) -> bool:
        """True when the signature over the raw body is right. Header names are case-insensitive."""

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        """The delivery's own id, the same when it is sent twice; "" where there is none."""

    def read(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        """Raises ForgeRefused with the reason for anything that can't be read; never anything else."""


class WorkflowSyntax(Protocol):
    """How workflows are written for a forge. Pure."""

    @property
    def folder(self) -> str:
        """Where a repository has them, like ".gitea/workflows"."""

    def asks(self, labels: Sequence[str]) -> str:
        """A job's lines that select these labels: one line or several, like "runs-on: small"."""

    def change(self, labels: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Lines of a workflow that gets these labels, each with "+", "-" or " " before it."""

    def test_job(self, labels: Sequence[str]) -> str:
        """A whole workflow of one job that says hello, for branches farmhand-test-* only."""


class Memory(Protocol):
    """A client's memory between calls, shared by all processes. All of it may be lost at any time, which costs only
    calls. A count is a number, all else bytes."""

    def get(self, *keys: str) -> list[bytes | int | None]:
        """The value of each key, or None."""

    def put(self, key: str, value: bytes | int, seconds: float) -> None:
        """Store it for `seconds` at most."""

    def add(self, key: str, count: int, seconds: float) -> None:
        """Add to a count, which starts at 0."""
