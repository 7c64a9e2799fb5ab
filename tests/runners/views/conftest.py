"""A team with one of everything, and the addresses of its pages."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from runners import tasks
from tests.builders import (
    a_job,
    a_node,
    a_pool,
    a_price,
    a_runner,
    a_team,
    a_twin,
    a_vm,
    a_wallet,
    an_org,
)
from tests.worlds import a_world


@dataclass
class House:
    """One team's rows, and the addresses of its pages."""

    team: object
    org: object
    pool: object
    job: object
    vm: object

    def address(self, page):
        subject = self.subject(page)
        return reverse(page, args=[self.team.slug, subject.pk] if subject else [self.team.slug])

    def subject(self, page):
        """The row that a page is about, if it is about one."""
        if page in ("pool_new", "org_link"):
            return None
        kind = page.partition("_")[0]
        return getattr(self, kind) if kind in ("job", "vm", "pool", "org") else None


@pytest.fixture(autouse=True)
def outside(monkeypatch):
    """A forge in memory, where pages reach for one."""
    world, forge, _, _ = a_world()
    monkeypatch.setattr(tasks, "WORLD", world)
    return forge


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def house(now):
    """A job runs on one machine, one stands by."""
    a_price()
    team = a_team("Kestrel Labs")
    a_wallet(team, twin=a_twin())
    org = an_org(team, name="kestrel", polled_at=now)
    pool = a_pool(team, [org], name="default")
    since = now - timedelta(minutes=2)
    facts = {"ordered_at": since, "sent_at": since, "deployed_at": since, "claimed_at": since}
    busy = a_vm("busy", pool, contract_created_at=since, tail="[agent] hello", beat_at=now, **facts)
    job = a_job(org, "in_progress", pool=pool, vm=busy, queued_at=since, heard_at=since, started_at=since)
    a_runner(busy, job, job=job, bound_at=since, registered_at=since, taken_at=since, forge_runner_id="7")
    vm = a_vm("standby", pool, contract_created_at=since, beat_at=now, **facts)
    a_node(country="Belgium")
    return House(team, org, pool, job, vm)
