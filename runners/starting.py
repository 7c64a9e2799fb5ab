"""What a team's first job needs: a pool like most teams want it, the line that brings a job there, and a job to try
it with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from runners import jobs, pools
from runners.models import Pool
from runners.world import World
from tfci.accounts import audit
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import Refused

NAME = "default"
PATH = ".gitea/workflows/farmhand-test.yml"
BRANCH = "farmhand-test-"
MESSAGE = "Try a job on a machine of the grid"
WORKFLOW = """\
name: farmhand-test
on:
  push:
    branches: ["farmhand-test-*"]
jobs:
  hello:
    runs-on: {labels}
    steps:
      - run: |
          echo "Hello from $(uname -n)"
          nproc
          df -h /
"""


def make_pool(team, orgs: Iterable[LinkedOrg], who: Any, now: datetime) -> tuple[Pool, jobs.News]:
    """One that takes all jobs of these organisations, on any node, and keeps nothing ready. Raises pools.Taken."""
    pool = Pool(team=team, name=NAME, position=Pool.objects.of(team).filter(closed_at=None).count())
    return pool, pools.make(pool, orgs, who, now)


def runs_on(pool: Pool | None, size: str = "") -> str:
    """What a workflow writes behind `runs-on:` to reach that pool with that size, or with its default one."""
    named = [size] if size else []
    labels = [*pool.anchors, *named] if pool else named
    labels = labels or [settings.ANCHOR]
    return labels[0] if len(labels) == 1 else f"[{', '.join(labels)}]"


def workflow(labels: str) -> str:
    """A whole workflow of one job that says hello, for branches of its own name only."""
    return WORKFLOW.format(labels=labels)


def send_test_job(org: LinkedOrg, repository: str, labels: str, world: World, who: Any, now: datetime) -> str:
    """Propose that workflow to one of its repositories, on a branch that nobody has yet; returns the branch's page.
    Raises ForgeError."""
    forge, branch = world.forge(org), f"{BRANCH}{now:%Y%m%d-%H%M%S}"
    if repository not in forge.repositories():
        raise Refused(f"“{repository}” is no repository of {org.name}.")
    where = forge.propose(repository, branch, PATH, workflow(labels), MESSAGE)
    audit.record(org.team, who, "orgs.link", repository, after={"branch": branch}, why="test job", at=now)
    return where
