"""Tokens that end: renewed ahead of it, told ahead of it."""

from datetime import timedelta

import pytest
from django.db import connection as database

from runners.vms import garbage_collection
from tests.builders import NOON, a_connection
from tfci.accounts.models import AuditEntry
from tfci.core.secret import Secret
from tfci.forges import registry, tokens
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.models import Connection, Installation
from tfci.forges.problems import AppUninstalled, ProblemCode

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def refreshed(apps, row, now):
    """The row after a turn at that time, as the door takes it."""
    taken = tokens.lease_due(row.pk, now)
    if taken:
        tokens.refresh(taken, apps.client(), now)
    row.refresh_from_db()
    return taken is not None


def test_the_first_turn_reads_the_installation_and_fetches_its_token(apps):
    row = apps.installed("acme")
    assert tokens.due(NOON) == [row.pk]
    assert refreshed(apps, row, NOON)
    assert (row.account, row.account_type) == ("acme", "Organization")
    assert row.permissions["organization_self_hosted_runners"] == "write"
    assert row.token_ends_at == NOON + HOUR
    assert tokens.due(NOON) == []
    assert registry.forge(row.connections.get(), apps.world.clock.seconds).check().problems == ()


def test_a_token_is_stored_sealed(apps):
    row = apps.installed("acme")
    refreshed(apps, row, NOON)
    with database.cursor() as cursor:
        cursor.execute("SELECT token FROM forges_installation")
        (stored,) = cursor.fetchone()
    assert row.token.reveal().startswith("ghs_") and "ghs_" not in stored


def test_a_token_is_renewed_ten_minutes_before_its_end_and_once(apps):
    row = apps.installed("acme")
    refreshed(apps, row, NOON)
    first, later = row.token, NOON + timedelta(minutes=50)
    assert tokens.due(later - timedelta(seconds=1)) == []
    apps.world.clock.stand(later)
    assert refreshed(apps, row, later)
    assert not refreshed(apps, row, later)
    assert row.token != first and row.token_ends_at == later + HOUR
    assert sum(apps.github.minted.values()) == 2


def test_two_workers_fetch_one_token(apps):
    row = apps.installed("acme")
    assert tokens.lease_due(row.pk, NOON) is not None
    assert tokens.lease_due(row.pk, NOON) is None


def test_a_link_whose_token_has_ended_calls_nobody(apps):
    row = apps.installed("acme")
    refreshed(apps, row, NOON)
    apps.world.clock.move(3601)
    with pytest.raises(Unreachable, match="has expired"):
        registry.forge(row.connections.get(), apps.world.clock.seconds).runners()
    assert apps.github.late_calls == 0


def test_a_github_that_is_down_is_asked_again_soon_and_the_old_token_stays(apps):
    row = apps.installed("acme")
    refreshed(apps, row, NOON)
    later = NOON + timedelta(minutes=50)
    with apps.github.with_faults(down_for=60):
        assert refreshed(apps, row, later)
    assert row.token is not None and row.due_at == later + tokens.RETRY


def test_a_suspended_installation_is_said_and_served_again_when_that_is_lifted(apps):
    row = apps.installed("acme")
    refreshed(apps, row, NOON)
    there = next(iter(apps.world.installations.values()))
    there.suspended_at = NOON
    Installation.objects.update(due_at=NOON)
    refreshed(apps, row, NOON)
    connection = row.connections.get()
    with pytest.raises(ForgeRefused) as caught:
        registry.forge(connection, apps.world.clock.seconds).waiting_jobs()
    assert caught.value.reason.code == ProblemCode.APP_SUSPENDED
    there.suspended_at = None
    Installation.objects.update(due_at=NOON)
    refreshed(apps, row, NOON)
    assert registry.forge(Connection.objects.get(), apps.world.clock.seconds).waiting_jobs() == []


def test_new_permissions_bring_a_new_token(apps):
    row = apps.installed("acme")
    refreshed(apps, row, NOON)
    there = next(iter(apps.world.installations.values()))
    there.permissions = there.permissions | {"actions": "write"}
    Installation.objects.update(due_at=NOON)
    refreshed(apps, row, NOON)
    assert sum(apps.github.minted.values()) == 2
    assert registry.actions(row.connections.get()) == {"rerun", "cancel"}


def test_what_was_uninstalled_is_unlinked_and_calls_nobody(apps):
    row = apps.installed("acme")
    refreshed(apps, row, NOON)
    next(iter(apps.world.installations.values())).deleted = True
    Installation.objects.update(due_at=NOON)
    refreshed(apps, row, NOON)
    assert row.token is None
    connection = row.connections.get()
    assert connection.disconnecting_at == NOON
    assert AuditEntry.objects.get(team=connection.team).action == "connection_app_uninstalled"
    forge = registry.forge(connection, apps.world.clock.seconds)
    with pytest.raises(ForgeRefused) as caught:
        forge.runners()
    assert caught.value.reason == AppUninstalled("acme", row.app.name)
    assert garbage_collection.disconnecting(connection, forge, NOON)
    connection.refresh_from_db()
    assert connection.disconnected_at == NOON


def test_what_nobody_has_linked_gets_no_token(apps):
    row = apps.installed("acme", linked=False)
    refreshed(apps, row, NOON)
    assert row.account == "acme" and row.token is None
    assert tokens.due(NOON + 2 * HOUR) == []


@pytest.mark.parametrize("count", [2, pytest.param(1000, marks=pytest.mark.proof)])
def test_installations_live_through_a_day_without_one_late_call(apps, count):
    """By GitHub's clock, minute by minute while something is due: it is renewed, and some installations are called. The
    first tokens of all take a while, for the App's own calls have limits too; renewals begin ten minutes ahead."""
    clock, step, turn = apps.world.clock, 97 if count > 97 else 7, 0
    for number in range(count):
        apps.installed(f"acme-{number}")
    while clock.now() < NOON + timedelta(days=1):
        now, turn = clock.now(), turn + 1
        while due := tokens.due(now):
            client = apps.client()
            for row in filter(None, (tokens.lease_due(pk, now) for pk in due)):
                tokens.refresh(row, client, now)
        if now > NOON + timedelta(minutes=20):
            for connection in Connection.objects.select_related("installation__app")[turn % step :: step]:
                registry.forge(connection, clock.seconds).runners()
        clock.move(60 if tokens.due(now + timedelta(minutes=5)) else 300)
    minted, app = apps.github.minted.values(), apps.github.limits.of(f"app {apps.app.id}")
    print(f"\n{count} installations, 24 h: {sum(minted)} tokens, {min(minted)} to {max(minted)} each;")
    print(
        f"{app.most} points in the App's worst minute, {app.refused} calls refused, {apps.github.late_calls} late"
    )
    assert (apps.github.late_calls, app.refused) == (0, 0)
    assert len(minted) == count and min(minted) >= 24 and max(minted) <= 24 * 60 // 50 + 1


def test_the_end_of_a_token_that_is_not_renewed_is_told_three_times(db):
    ends = NOON + timedelta(days=20)
    connection = a_connection(token_ends_at=ends)
    told = []
    for hours in range(0, 20 * 24 + 24):
        now = NOON + timedelta(hours=hours)
        for found, at in tokens.ending(now):
            assert tokens.warn(found, at)
            told.append((ends - now).days)
    assert told == [14, 3, 1]
    connection.refresh_from_db()
    assert not tokens.warn(connection, connection.expiry_warned_at)


def test_a_new_token_s_end_is_told_anew(db):
    connection = a_connection(token_ends_at=NOON + timedelta(days=2))
    [(_, at)] = tokens.ending(NOON)
    tokens.warn(connection, at)
    Connection.objects.update(token=Secret("new"), token_ends_at=NOON + timedelta(days=90))
    assert tokens.ending(NOON) == []
    assert len(tokens.ending(NOON + timedelta(days=80))) == 1
