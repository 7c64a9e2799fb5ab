"""No page asks the database more than a dozen times or weighs more than 100 kB, however full the team is."""

from datetime import timedelta

import pytest

from runners.models import Event
from tests.builders import a_connection, a_job, a_load, a_node, a_runner, a_vm
from tests.people import client_of
from tfci.core.reasons import Other, columns
from tfci.grid.reasons import GridSilent

pytestmark = pytest.mark.django_db

PAGES = [
    "overview",
    "today",
    "start",
    "jobs",
    "job",
    "vms",
    "vm",
    "pools",
    "pool",
    "pool_nodes",
    "pool_try",
    "pool_dry_run",
    "pool_sizes",
    "pool_new",
    "nodes",
    "connections",
    "connection",
    "spend",
    "ledger",
]
QUERIES = 12
BYTES = 100_000


@pytest.fixture
def full(house, now):
    """Fifty of everything that a page shows in a list."""
    for n in range(50):
        failed = columns(GridSilent("no answer " * 9), "last_failure")
        a_node(country=f"Country {n % 7}", deploys=n, boot_ms=[1000] * 20, **failed)
        vm = a_vm("deploying", house.pool, node=house.vm.node, quote=house.vm.quote, tail="x" * 8000)
        a_job(
            house.connection,
            pool=house.pool,
            awaits=vm,
            labels=["self-hosted", "4cpu8gbram50gbssd"],
            queued_at=now,
        )
        old = a_vm("gone", house.pool, node=house.vm.node, quote=house.vm.quote)
        ended = a_job(
            house.connection, "completed", pool=house.pool, vm=old, conclusion="failure", completed_at=now
        )
        a_runner(old, ended, job=ended, registered_at=now, taken_at=now)
    for n in range(200):
        a_load(house.vm, now - timedelta(seconds=n), cpu=n)
        Event.objects.create(
            team=house.team, pool=house.pool, vm=house.vm, **columns(Other("it waits")), at=now
        )
    for _ in range(10):
        a_connection(house.team, last_polled_at=now)
    return house


def test_a_full_page_keeps_within_its_budget(full, subtests, django_assert_max_num_queries):
    client = client_of("owner", full.team)
    client.get(full.address("team"))  # a session remembers its team once
    for page in PAGES:
        with subtests.test(page):
            with django_assert_max_num_queries(QUERIES):
                answer = client.get(full.address(page))
            assert len(answer.content) < BYTES
