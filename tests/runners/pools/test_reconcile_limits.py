"""A job that a spending limit stops waits with that reason, and starts once the limit is lifted."""

from datetime import timedelta

import pytest

from billing import ledger
from runners.metering import limit_usage
from runners.models import VM
from runners.pools import changes, reconcile
from runners.reasons.waits import StoppedByLimit
from runners.servers import placement
from tests.builders import (
    NOON,
    a_job,
    a_limit,
    a_node,
    a_pool,
    a_price,
    a_runner,
    a_serving_vm,
    a_vm,
    a_wallet,
)
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def pool():
    a_price()
    a_node()
    return a_pool(name="linux")


def spend(team, tft, at=NOON, **facts):
    facts = {"use": "job"} | facts
    wallet = a_wallet(team, tft="1000")
    ledger.charge(wallet, f"spent:{tft}", Tft.parse(tft), at, **facts)


def test_what_was_spent_before_the_limit_was_made_counts_and_lifting_it_works_at_once(pool):
    spend(pool.team, "10.2", pool_id=pool.pk, pool="linux")
    job = a_job(pool.connections.first(), pool=pool)
    limit = a_limit(pool.team, scope="pool", pool_id=pool.pk)
    reconcile.run(pool.pk, NOON)
    job.refresh_from_db()
    assert job.typed_reason == StoppedByLimit(
        limit.pk, "pool", "day", "linux", 100_000_000, 102_000_000, "2026-06-02T00:00:00+00:00"
    )
    assert VM.objects.count() == 0
    limit.amount = Tft.parse("11")
    limit.save()
    assert changes.after_limits(pool.team).pools == {pool.pk}
    reconcile.run(pool.pk, NOON)
    job.refresh_from_db()
    assert job.awaits is not None


def test_a_new_day_of_the_team_renews_it(pool):
    pool.team.time_zone = "Europe/Brussels"
    pool.team.save()
    spend(pool.team, "10.2")
    job = a_job(pool.connections.first(), pool=pool)
    a_limit(pool.team)
    for moment, waits in ((NOON + 9.9 * HOUR, True), (NOON + 10 * HOUR, False)):
        reconcile.run(pool.pk, moment)
        job.refresh_from_db()
        assert (job.awaits is None) == waits


def test_what_runs_counts_for_the_repository_of_its_job(pool):
    """2.125 TFT/h; a second one is meant for a job of another repository."""
    connection = pool.connections.first()
    busy, booting = a_vm("busy", pool), a_vm("booting", pool)
    running = a_job(connection, "in_progress", pool=pool, vm=busy, repository="acme/app")
    a_runner(busy, running, job=running)
    a_job(connection, pool=pool, awaits=booting, repository="acme/api")
    for name in ("acme/App", "acme/api", "acme/other"):
        a_limit(pool.team, scope="repository", repository=name)
    a_limit(pool.team, scope="repository", repository="acme/app", period="job")
    used = limit_usage.read(pool.team.pk, NOON + HOUR)
    per_hour = str(busy.quote.per_hour)
    assert [str(usage.spent) for usage in used.usages] == [per_hour, per_hour, "0.0000000"]
    assert len(used.limits) == 4


def test_a_team_without_limits_costs_one_query(pool, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert limit_usage.read(pool.team.pk, NOON).usages == []


def test_a_server_waits_for_the_teams_limit():
    a_price()
    a_node()
    vm = a_serving_vm(state="wanted")
    spend(vm.team, "11")
    limit = a_limit(vm.team)
    assert placement.place(vm.wallet_id, NOON) == set()
    vm.refresh_from_db()
    assert (vm.reason, vm.reason_params["limit"]) == ("spending_limit", limit.pk)
    limit.delete()
    assert placement.place(vm.wallet_id, NOON) == {vm.pk}


def test_a_pool_that_is_deleted_takes_its_limits_along(pool):
    a_limit(pool.team, scope="pool", pool_id=pool.pk)
    changes.close(pool, "ann", NOON)
    assert limit_usage.read(pool.team.pk, NOON).limits == []
