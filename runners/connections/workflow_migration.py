"""Move a repository's workflows to VMs of ours: what would change, shown first, and a pull request with it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from runners.connections import patch, workflow_text
from runners.gateways import Gateways
from runners.jobs import matching
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.core.formatting import plural
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import FileSeen
from tfci.forges.models import Connection
from tfci.forges.ports.forge import KeepsFiles

MAX_CHARACTERS = 256 * 1024  # characters of all workflows of a repository; the rest is left alone
BRANCH = "farmhand-move-"
TITLE = "Run workflows on {}"
TOO_MUCH = "Skipped because the workflows of this repository are very long."
BODY = "Changes runs-on of {} to {}. Nothing else is changed."


@dataclass(frozen=True, slots=True)
class Move:
    """One workflow file: what its jobs and its text become; `problem` where it is left alone as a whole."""

    file: FileSeen
    text: str
    jobs: tuple[workflow_text.Moved, ...] = ()
    problem: str = ""

    @property
    def changes(self) -> int:
        return sum(bool(job.now) for job in self.jobs)

    @property
    def change(self) -> patch.Change:
        return patch.Change(self.file.path, self.file.text, self.text)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """For a page: the sign and the rest of each line, without the two that name the file."""
        return [(line[:1], line[1:].rstrip("\r\n")) for line in patch.lines(self.change)[2:]]


def preview(
    connection: Connection, repository: str, labels: Sequence[str], forge: KeepsFiles, *, every: bool = False
) -> list[Move]:
    """What would become of each workflow. `every`: see workflow_text.MigrationOrder. Raises ForgeError."""
    pools = matching.pools_of(connection)

    def ours(labels_of_job: Sequence[str]) -> bool:
        return bool(matching.match(connection, repository, labels_of_job, pools).size)

    return list(_moves(forge.workflows(repository), workflow_text.MigrationOrder(labels, ours, every)))


def _moves(files: Sequence[FileSeen], order: workflow_text.MigrationOrder) -> Iterator[Move]:
    left = MAX_CHARACTERS
    for file in files:
        left -= len(file.text)
        yield _move(file, order) if left >= 0 else Move(file, file.text, problem=TOO_MUCH)


def _move(file: FileSeen, order: workflow_text.MigrationOrder) -> Move:
    try:
        found = workflow_text.propose(file.text, order)
    except workflow_text.UnreadableWorkflow as error:
        return Move(file, file.text, problem=str(error))
    return Move(file, found.text, found.jobs)


def patch_of(moves: Sequence[Move]) -> str:
    """What `git apply` takes; "" where nothing changes."""
    return patch.patch(move.change for move in moves)


def seal(moves: Sequence[Move]) -> str:
    """A digest of the preview, to be sent with the confirmation of exactly these changes."""
    return hashlib.sha256(patch_of(moves).encode()).hexdigest()


def send(
    connection: Connection,
    repository: str,
    labels: Sequence[str],
    moves: Sequence[Move],
    gateways: Gateways,
    who: audit.Actor,
    now: datetime,
) -> str:
    """Open a pull request with all changes, on a branch that nobody has yet; returns its page. Raises ForgeError."""
    changed = [FileSeen(move.file.path, move.text, move.file.revision) for move in moves if move.changes]
    if not changed:
        raise ForgeRefused("Nothing would change.")
    branch, asks = f"{BRANCH}{now:%Y%m%d-%H%M%S}", ", ".join(labels)
    count = sum(move.changes for move in moves)
    body = BODY.format(plural(count, "job"), asks)
    where = gateways.forge_that(connection, KeepsFiles).suggest(
        repository, branch, changed, TITLE.format(asks), body
    )
    audit.record(
        connection.team,
        who,
        Action.WORKFLOWS_MOVED,
        repository,
        after={"branch": branch},
        at=now,
    )
    return where
