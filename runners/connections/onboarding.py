"""What a team's first job needs: a pool like most teams want it, the line that brings a job there, and a job to try
it with."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings

from runners.gateways import Gateways
from runners.models import Pool
from runners.pools import changes
from runners.queue.effects import Effects
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.models import Connection
from tfci.forges.ports.forge import KeepsFiles, WorkflowSyntax

NAME = "default"
FILE = "farmhand-test.yml"
BRANCH = "farmhand-test-"
MESSAGE = "Try a job on a VM of the grid"


def make_pool(
    team: Team, connections: Iterable[Connection], who: audit.Actor, now: datetime
) -> tuple[Pool, Effects]:
    """One that takes all jobs of these organisations, on any node, and keeps nothing ready. Raises PoolNameTaken."""
    pool = Pool(team=team, name=NAME, position=Pool.next_position(team))
    return pool, changes.create(pool, connections, who, now)


def labels(pool: Pool | None, size: str = "") -> list[str]:
    """What a job asks for to reach that pool with that size, or with its default one."""
    named = [size] if size else []
    wanted = [*pool.anchors, *named] if pool else named
    return wanted or [settings.ANCHOR]


def syntax_for(connections: Iterable[Connection]) -> WorkflowSyntax:
    """How workflows are written for these: for the first of them, and as most are where there is none."""
    first = next(iter(connections), None)
    return registry.kind(first.forge if first else next(iter(registry.KINDS))).workflows


def file(connection: Connection, labels: Sequence[str]) -> tuple[str, str]:
    """Path and text of a workflow of one job that says hello, for branches of its own name only."""
    syntax = syntax_for([connection])
    return f"{syntax.folder}/{FILE}", syntax.test_job(labels)


def send_test_job(
    connection: Connection,
    repository: str,
    labels: Sequence[str],
    gateways: Gateways,
    who: audit.Actor,
    now: datetime,
) -> str:
    """Propose that workflow to one of its repositories, on a branch that nobody has yet; returns the branch's page.
    Raises ForgeError."""
    forge, branch = gateways.forge_that(connection, KeepsFiles), f"{BRANCH}{now:%Y%m%d-%H%M%S}"
    if repository not in forge.repositories():
        raise ForgeRefused(f"{connection.name} has no repository “{repository}”.")
    where = forge.propose(repository, branch, *file(connection, labels), MESSAGE)
    audit.record(
        connection.team,
        who,
        Action.TEST_JOB_SENT,
        repository,
        after={"branch": branch},
        at=now,
    )
    return where
