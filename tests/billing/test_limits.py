"""The operator's limits of a team."""

import pytest

from billing import limits
from billing.limits import TeamCaps
from tests.builders import NOON, a_team, a_user
from tfci.accounts.models import AuditEntry
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def test_a_team_without_its_own_follows_the_settings(settings):
    settings.TEAM_MAX_VMS, settings.TEAM_MAX_PRICE, settings.TEAM_MAX_JOB_MINUTES = 7, "2.5", 90
    assert limits.caps(a_team().pk) == limits.Caps(7, Tft.parse("2.5"), 90)


def test_each_of_its_own_takes_the_place_of_one_setting(settings):
    settings.TEAM_MAX_VMS, settings.TEAM_MAX_JOB_MINUTES = 7, 90
    team = a_team()
    limits.change(team, TeamCaps(max_vms=0, max_per_hour=Tft.parse("1")), "op", NOON)
    assert limits.caps(team.pk) == limits.Caps(0, Tft.parse("1"), 90)
    limits.change(team, TeamCaps(), "op", NOON)
    assert limits.caps(team.pk) == limits.default_caps()


def test_a_change_is_in_the_audit_log_once():
    team, operator = a_team(), a_user()
    for _ in range(2):
        limits.change(team, TeamCaps(max_vms=5), operator, NOON)
    entry = AuditEntry.objects.get(team=team, what="operator.limits")
    assert (entry.before["max_vms"], entry.after["max_vms"]) == ("the setting", "5")
