"""Make, change and close pools: the jobs follow, and the audit log says who."""

import pytest

from runners.models import Job, Pool
from runners.pools import changes
from runners.reasons.jobs import NoPool
from tests.builders import NOON, a_job, a_pool, a_team, a_user, an_org
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def org():
    return an_org(a_team(), name="acme")


def made(org, **fields):
    pool = Pool(team=org.team, name="main", **fields)
    return pool, changes.make(pool, [org], a_user(), NOON)


def test_a_new_pool_takes_the_jobs_that_nobody_took(org):
    job = a_job(org, state="refused", pool=None, reason=NoPool())
    pool, effects = made(org)
    job.refresh_from_db()
    assert (job.state, job.pool) == (Job.State.QUEUED, pool)
    assert effects.pools == {pool.pk}


def test_a_change_may_send_jobs_to_another_pool(org):
    first, second = a_pool(org.team, [org], position=1), a_pool(org.team, [org], position=2)
    job = a_job(org, pool=first)
    first.repositories = ["acme/other"]
    effects = changes.change(first, [org], a_user(), NOON)
    job.refresh_from_db()
    assert job.pool == second
    assert effects.pools == {first.pk, second.pk}


def test_closing_sends_its_jobs_elsewhere_or_refuses_them(org):
    pool = a_pool(org.team, [org])
    job = a_job(org, pool=pool)
    assert changes.close(pool, a_user(), NOON).pools == {pool.pk}
    job.refresh_from_db()
    pool.refresh_from_db()
    assert (job.state, job.pool, pool.closing_at) == (Job.State.REFUSED, None, NOON)


def test_closing_twice_changes_nothing(org):
    pool = a_pool(org.team, [org])
    changes.close(pool, a_user(), NOON)
    assert changes.close(pool, a_user(), NOON).pools == set()
    assert AuditEntry.objects.count() == 1


def test_a_change_does_not_undo_a_closing_at_the_same_moment(org):
    pool = a_pool(org.team, [org])
    changes.close(Pool.objects.get(pk=pool.pk), a_user(), NOON)
    pool.max_vms = 3
    changes.change(pool, [org], a_user(), NOON)
    pool.refresh_from_db()
    assert (pool.max_vms, pool.closing_at) == (3, NOON)


def test_a_name_is_given_once(org):
    made(org)
    with pytest.raises(changes.Taken):
        made(org)
    assert Pool.objects.count() == AuditEntry.objects.count() == 1


def test_the_audit_log_has_both_sides_of_a_change(org):
    pool = a_pool(org.team, [org], name="main", max_vms=10)
    pool.max_vms = 3
    who = a_user()
    changes.change(pool, [org], who, NOON)
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.what, entry.on) == (str(who), "pools.change", "main")
    assert (entry.before["max_vms"], entry.after["max_vms"]) == (10, 3)
    assert entry.after["orgs"] == ["acme"]
