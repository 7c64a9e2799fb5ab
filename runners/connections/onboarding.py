"""What a team's first job needs: a pool like most teams want it, the line that brings a job there, and a job to try
it with."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from runners.gateways import World
from runners.models import Pool
from runners.pools import changes
from runners.queue.effects import Effects
from tfci.accounts import audit
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import KeepsFiles, WorkflowSyntax

NAME = "default"
FILE = "farmhand-test.yml"
BRANCH = "farmhand-test-"
MESSAGE = "Try a job on a machine of the grid"


def make_pool(team, orgs: Iterable[LinkedOrg], who: Any, now: datetime) -> tuple[Pool, Effects]:
    """One that takes all jobs of these organisations, on any node, and keeps nothing ready. Raises pools.Taken."""
    pool = Pool(team=team, name=NAME, position=Pool.next_position(team))
    return pool, changes.make(pool, orgs, who, now)


def labels(pool: Pool | None, size: str = "") -> list[str]:
    """What a job asks for to reach that pool with that size, or with its default one."""
    named = [size] if size else []
    asked = [*pool.anchors, *named] if pool else named
    return asked or [settings.ANCHOR]


def written(orgs: Iterable[LinkedOrg]) -> WorkflowSyntax:
    """How workflows are written for these: for the first of them, and as most are where there is none."""
    first = next(iter(orgs), None)
    return registry.kind(first.forge if first else next(iter(registry.KINDS))).workflows


def file(org: LinkedOrg, asked: Sequence[str]) -> tuple[str, str]:
    """Path and text of a workflow of one job that says hello, for branches of its own name only."""
    manner = written([org])
    return f"{manner.folder}/{FILE}", manner.test_job(asked)


def send_test_job(
    org: LinkedOrg, repository: str, asked: Sequence[str], world: World, who: Any, now: datetime
) -> str:
    """Propose that workflow to one of its repositories, on a branch that nobody has yet; returns the branch's page.
    Raises ForgeError."""
    forge, branch = world.forge_that(org, KeepsFiles), f"{BRANCH}{now:%Y%m%d-%H%M%S}"
    if repository not in forge.repositories():
        raise ForgeRefused(f"“{repository}” is no repository of {org.name}.")
    where = forge.propose(repository, branch, *file(org, asked), MESSAGE)
    audit.record(org.team, who, "orgs.link", repository, after={"branch": branch}, why="test job", at=now)
    return where
