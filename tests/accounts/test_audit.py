"""The audit log's writer and its page."""

import pytest
from django.urls import reverse

from tests.builders import NOON, a_team, a_user
from tests.people import client_of
from tfci.accounts.audit import record
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_what_on_and_why():
    team, ana = a_team(), a_user("ana@example.org")
    record(team, ana, "pools.change", "pool heavy", at=NOON, before={"max": 4}, after={"max": 8}, why="rush")
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.what, entry.on, entry.why) == (
        "ana@example.org",
        "pools.change",
        "pool heavy",
        "rush",
    )
    assert (entry.before, entry.after, entry.at) == ({"max": 4}, {"max": 8}, NOON)


def test_texts_longer_than_the_row_are_cut():
    assert len(record(None, "x" * 500, "pools.change", "y" * 500, at=NOON).who) == 300


def test_an_entry_outlives_the_person_and_the_team():
    team, ana = a_team(), a_user("ana@example.org")
    record(team, ana, "pools.change", at=NOON)
    ana.delete()
    team.delete()
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.team) == ("ana@example.org", None)


def test_the_page_shows_only_the_teams_own_entries():
    team = a_team()
    record(team, "Farmhand", "pools.change", "pool ours", at=NOON)
    record(a_team(), "Farmhand", "pools.change", "pool theirs", at=NOON)
    page = client_of("admin", team).get(reverse("audit", args=[team.slug])).text
    assert "pool ours" in page
    assert "pool theirs" not in page


def test_the_page_leads_to_older_entries():
    team = a_team()
    for number in range(51):
        record(team, "Farmhand", "pools.change", f"pool {number}.", at=NOON)
    client, url = client_of("admin", team), reverse("audit", args=[team.slug])
    first = client.get(url)
    assert "pool 0." not in first.text
    older = client.get(url + first.context["page"].older)
    assert "pool 0." in older.text
