"""Fairness between teams and within one (docs/decisions/fairness.md): three teams on one chain account, one of which
queues 500 jobs."""

from collections import Counter
from datetime import timedelta

import pytest

from billing import limits
from billing.limits import TeamCaps
from runners.models import VM, Job
from runners.pools import reconcile
from runners.pools.planner import MAX_STARTS
from runners.vms import deploy_batches
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_twin, a_wallet
from tests.walks import walk_due
from tests.worlds import a_world
from tfci.core.tft import Tft
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db

BURST = 500


@pytest.fixture
def grid():
    a_price()
    for _ in range(9):
        a_node(free_mru=10**9, free_sru=10**6)
    return a_twin()


def a_teams_pool(twin, **fields):
    pool = a_pool(max_vms=BURST, **fields)
    a_wallet(pool.team, "100000", twin=twin)
    limits.change(pool.team, TeamCaps(max_vms=BURST, max_per_hour=Tft.parse("100000")), "operator", NOON)
    return pool


def queue(pool, count, **fields):
    connection = pool.connections.first()
    row = a_job(connection, pool=pool, **fields)
    rows = [Job(**_copied(row, n)) for n in range(1, count)]
    return [row, *Job.objects.bulk_create(rows)]


def _copied(row, n):
    columns = {field.attname: getattr(row, field.attname) for field in Job._meta.concrete_fields}
    return columns | {"id": None, "forge_job_id": f"{row.forge_job_id}-{n}"}


def a_turn(twin, world, clock):
    """What is ordered walks to the chain, and the account has one turn. By team: how many VMs that brought."""
    walk_due(world, clock)
    moved = deploy_batches.send(twin.pk, world, clock()).vms
    return Counter(VM.objects.filter(pk__in=moved).values_list("team", flat=True))


def test_a_burst_delays_the_first_vm_of_no_other_team_by_more_than_one_turn(grid):
    world, _, _, clock = a_world()
    many, few, late = [a_teams_pool(grid) for _ in range(3)]
    queue(many, BURST)
    reconcile.run(many.pk, clock())
    queue(few, 2)
    reconcile.run(few.pk, clock())
    first = a_turn(grid, world, clock)
    assert first == {many.team_id: deploy_batches.BATCH - 2, few.team_id: 2}
    queue(late, 1)
    reconcile.run(late.pk, clock())
    assert a_turn(grid, world, clock)[late.team_id] == 1


def test_a_burst_takes_one_part_of_a_decision_after_the_other(grid):
    many = a_teams_pool(grid)
    queue(many, BURST)
    turns = [reconcile.run(many.pk, NOON) for _ in range(BURST // MAX_STARTS)]
    assert [len(carried.placed) for carried in turns] == [MAX_STARTS] * len(turns)
    assert [bool(carried.pools) for carried in turns] == [True] * (len(turns) - 1) + [False]


def test_of_one_team_pools_come_in_their_order_and_their_jobs_by_age(grid):
    second = a_teams_pool(grid, position=2)
    first = a_pool(second.team, [second.connections.get()], position=1)
    old, older = (
        queue(second, 1, queued_at=NOON - timedelta(hours=1)),
        queue(second, 1, queued_at=NOON - timedelta(hours=2)),
    )
    young = queue(first, 1)
    Node.objects.exclude(pk=Node.objects.first().pk).update(up=False)
    Node.objects.update(free_mru=2 * 8 * 1024)
    reconcile.run(second.pk, NOON)
    has = {job.pk: job.awaits_id is not None for job in Job.objects.all()}
    assert [has[job.pk] for [job] in (young, older, old)] == [True, True, False]


class TestWhereNodesAreShort:
    @pytest.fixture
    def pools(self, grid):
        """Room for two VMs; the first team has them, and 498 jobs that wait. Another team's job waits as well."""
        Node.objects.exclude(pk=Node.objects.first().pk).update(up=False)
        Node.objects.update(free_mru=2 * 8 * 1024)
        many, few = a_teams_pool(grid), a_teams_pool(grid)
        queue(many, BURST)
        reconcile.run(many.pk, NOON)
        queue(few, 3, queued_at=NOON + timedelta(minutes=1))
        reconcile.run(few.pk, NOON)
        assert (VM.objects.filter(pool=many).count(), VM.objects.filter(pool=few).count()) == (2, 0)
        return many, few

    def one_ends(self, pool):
        VM.objects.filter(pk=VM.objects.filter(pool=pool).exclude(state="gone").first().pk).update(
            state="gone"
        )

    def test_the_team_with_fewer_vms_goes_first(self, pools):
        many, few = pools
        self.one_ends(many)
        for pool in (many, few, many):
            reconcile.run(pool.pk, NOON)
        alive = VM.objects.exclude(state="gone")
        assert (alive.filter(pool=many).count(), alive.filter(pool=few).count()) == (1, 1)

    def test_a_claim_that_could_not_start_holds_nothing(self, pools):
        many, few = pools
        few.team.wallet_set.update(balance=0)
        self.one_ends(many)
        reconcile.run(many.pk, NOON)
        assert VM.objects.exclude(state="gone").filter(pool=many).count() == 2

    def test_of_teams_with_as_many_each_keeps_its_turn(self, pools):
        many, few = pools
        self.one_ends(many)
        reconcile.run(few.pk, NOON)
        self.one_ends(many)
        reconcile.run(many.pk, NOON)
        assert VM.objects.exclude(state="gone").filter(pool=many).count() == 1
