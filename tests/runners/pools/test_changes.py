"""Make, change and close pools: the jobs follow, and the audit log says who."""

import pytest

from runners.models import Job, Pool
from runners.pools import changes
from runners.reasons.jobs import NoPool
from tests.builders import NOON, a_connection, a_job, a_pool, a_team, a_user
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    return a_connection(a_team(), name="acme")


def made(connection, **fields):
    pool = Pool(team=connection.team, name="main", **fields)
    return pool, changes.create(pool, [connection], a_user(), NOON)


def test_a_new_pool_takes_the_jobs_that_nobody_took(connection):
    job = a_job(connection, state="refused", pool=None, reason=NoPool())
    pool, effects = made(connection)
    job.refresh_from_db()
    assert (job.state, job.pool) == (Job.State.QUEUED, pool)
    assert effects.pools == {pool.pk}


def test_a_change_may_send_jobs_to_another_pool(connection):
    first, second = (
        a_pool(connection.team, [connection], position=1),
        a_pool(connection.team, [connection], position=2),
    )
    job = a_job(connection, pool=first)
    first.repositories = ["acme/other"]
    effects = changes.change(first, [connection], a_user(), NOON)
    job.refresh_from_db()
    assert job.pool == second
    assert effects.pools == {first.pk, second.pk}


def test_closing_sends_its_jobs_elsewhere_or_refuses_them(connection):
    pool = a_pool(connection.team, [connection])
    job = a_job(connection, pool=pool)
    assert changes.close(pool, a_user(), NOON).pools == {pool.pk}
    job.refresh_from_db()
    pool.refresh_from_db()
    assert (job.state, job.pool, pool.closing_at) == (Job.State.REFUSED, None, NOON)


def test_closing_twice_changes_nothing(connection):
    pool = a_pool(connection.team, [connection])
    changes.close(pool, a_user(), NOON)
    assert changes.close(pool, a_user(), NOON).pools == set()
    assert AuditEntry.objects.count() == 1


def test_a_change_does_not_undo_a_closing_at_the_same_moment(connection):
    pool = a_pool(connection.team, [connection])
    changes.close(Pool.objects.get(pk=pool.pk), a_user(), NOON)
    pool.max_vms = 3
    changes.change(pool, [connection], a_user(), NOON)
    pool.refresh_from_db()
    assert (pool.max_vms, pool.closing_at) == (3, NOON)


def test_a_name_is_given_once(connection):
    made(connection)
    with pytest.raises(changes.PoolNameTaken):
        made(connection)
    assert Pool.objects.count() == AuditEntry.objects.count() == 1


def test_the_audit_log_has_both_sides_of_a_change(connection):
    pool = a_pool(connection.team, [connection], name="main", max_vms=10)
    pool.max_vms = 3
    who = a_user()
    changes.change(pool, [connection], who, NOON)
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.what, entry.on) == (str(who), "pools.change", "main")
    assert (entry.before["max_vms"], entry.after["max_vms"]) == (10, 3)
    assert entry.after["connections"] == ["acme"]
