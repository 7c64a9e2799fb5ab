"""Spending limits as rows, with what the audit log says of them."""

from dataclasses import replace

import pytest

from billing.models import SpendingAlert
from billing.spending import alerts, changes
from billing.spending.crossings import Crossing
from billing.spending.limit import Limit
from billing.spending_kinds import AlertKind, LimitPeriod, LimitScope
from tests.builders import NOON, a_limit, a_team, a_user
from tfci.accounts.models import AuditEntry
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
LINUX = Limit(0, LimitScope.POOL, LimitPeriod.DAY, Tft.parse("10"), pool_id=7, name="linux")


def test_each_change_is_in_the_audit_log_once():
    team, ann = a_team(), a_user()
    row = changes.create(team, LINUX, ann, NOON)
    for _ in range(2):
        changes.change(row, replace(LINUX, amount=Tft.parse("20"), stops=False), ann, NOON)
    for _ in range(2):
        changes.delete(row, LINUX, ann, NOON)
    entries = (
        AuditEntry.objects.filter(team=team).order_by("pk").values_list("action", "on", "before", "after")
    )
    ten, twenty = {"amount": "10.0000000 TFT", "stops": True}, {"amount": "20.0000000 TFT", "stops": False}
    assert list(entries) == [
        ("spending_limit_created", "per day: linux", None, ten),
        ("spending_limit_changed", "per day: linux", ten, twenty),
        ("spending_limit_deleted", "per day: linux", twenty, None),
    ]


def test_a_changed_limit_is_on_no_page_as_reached_until_it_is_looked_at_again():
    team, ann = a_team(), a_user()
    row = changes.create(team, LINUX, ann, NOON)
    reached = Crossing(AlertKind.LIMIT, 100, "day", Tft.parse("10"), row.pk)
    alerts.record(team.pk, [reached], NOON)
    changes.change(row, replace(LINUX, amount=Tft.parse("20")), ann, NOON)
    assert not SpendingAlert.objects.get().holds
    alerts.record(team.pk, [reached], NOON)
    assert SpendingAlert.objects.get().holds


def test_there_is_one_limit_for_the_same_over_the_same_time():
    team, ann = a_team(), a_user()
    app = Limit(0, LimitScope.REPOSITORY, LimitPeriod.DAY, Tft(1), repository="acme/app", name="acme/app")
    for limit in (LINUX, replace(LINUX, period=LimitPeriod.MONTH), app, replace(app, period=LimitPeriod.JOB)):
        changes.create(team, limit, ann, NOON)
        changes.create(a_team(), limit, ann, NOON)
        with pytest.raises(changes.LimitTaken):
            changes.create(team, limit, ann, NOON)
    with pytest.raises(changes.LimitTaken):
        changes.create(team, replace(app, repository="Acme/App"), ann, NOON)


def test_a_team_has_so_many_and_no_more(monkeypatch):
    monkeypatch.setattr(changes, "MAX_LIMITS", 1)
    team = a_team()
    a_limit(team)
    with pytest.raises(changes.TooManyLimits):
        changes.create(team, LINUX, a_user(), NOON)
    changes.delete_of_pool(team, 7, "linux", "ann", NOON)
    assert changes.rows(team).count() == 1
