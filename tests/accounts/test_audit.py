"""The audit log's writer, its page and its file."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.builders import NOON, a_team, a_user
from tests.people import client_of
from tfci.accounts.audit import record
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_what_on_and_why():
    team, ana = a_team(), a_user("ana@example.org")
    record(
        team,
        ana,
        Action.POOL_CHANGED,
        "pool heavy",
        at=NOON,
        before={"max": 4},
        after={"max": 8},
        note="rush",
    )
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.on, entry.note) == ("ana@example.org", "pool heavy", "rush")
    assert (entry.what, entry.action) == ("pools.change", Action.POOL_CHANGED)
    assert (entry.before, entry.after, entry.at) == ({"max": 4}, {"max": 8}, NOON)


def test_texts_longer_than_the_row_are_cut():
    assert len(record(None, "x" * 500, Action.POOL_CHANGED, "y" * 500, at=NOON).who) == 300


def test_an_entry_outlives_the_person_and_the_team():
    team, ana = a_team(), a_user("ana@example.org")
    record(team, ana, Action.POOL_CHANGED, at=NOON)
    ana.delete()
    team.delete()
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.team) == ("ana@example.org", None)


def test_the_page_shows_only_the_teams_own_entries():
    team = a_team()
    record(team, "Farmhand", Action.POOL_CHANGED, "pool ours", at=NOON)
    record(a_team(), "Farmhand", Action.POOL_CHANGED, "pool theirs", at=NOON)
    page = client_of("admin", team).get(reverse("audit", args=[team.slug])).text
    assert "pool ours" in page
    assert "pool theirs" not in page


def test_the_page_leads_to_older_entries():
    team = a_team()
    for number in range(51):
        record(team, "Farmhand", Action.POOL_CHANGED, f"pool {number}.", at=NOON)
    client, url = client_of("admin", team), reverse("audit", args=[team.slug])
    first = client.get(url)
    assert "pool 0." not in first.text
    older = client.get(url + first.context["page"].older)
    assert "pool 0." in older.text


def at(*days):
    return [NOON + timedelta(days=day) for day in days]


@pytest.fixture
def log():
    """A team, and what two people did in it on three days."""
    team = a_team()
    first, second, third = at(0, 1, 2)
    record(team, "ana@example.org", Action.POOL_CREATED, "heavy", at=first, after={"max_vms": 4})
    record(team, "ben@example.org", Action.POOL_DELETED, "heavy", at=second)
    record(team, "ana@example.org", Action.TOKEN_REVOKED, "token ci (fh_abc…)", at=third)
    return team


@pytest.mark.parametrize(
    "asked, seen",
    [
        ("", 3),
        ("who=ana@example.org", 2),
        ("who=ana", 0),
        ("noun=pools", 2),
        ("on=HEAV", 2),
        ("since=2026-06-02", 2),
        ("until=2026-06-02", 2),
        ("until=9999-12-31", 3),
        ("since=9999-12-31", 0),
        ("since=2026-06-02&until=2026-06-02", 1),
        ("who=ana@example.org&noun=pools", 1),
        ("noun=weather", 0),
        ("since=yesterday", 0),
    ],
)
def test_the_address_filters_page_and_file_alike(log, asked, seen):
    client = client_of("admin", log)
    page = client.get(reverse("audit", args=[log.slug]) + "?" + asked)
    assert len(page.context["rows"]) == seen
    sent = client.get(reverse("audit_csv", args=[log.slug]) + "?" + asked)
    assert len(lines_of(sent)) == seen + 1


def test_days_begin_and_end_in_the_readers_zone(log):
    client = client_of("admin", log)
    client.user.time_zone = "Pacific/Kiritimati"  # 14 hours ahead: noon in UTC is the next day there
    client.user.save()
    page = client.get(reverse("audit", args=[log.slug]) + "?until=2026-06-01")
    assert not page.context["rows"]


def test_the_filter_stays_on_the_way_to_older_entries(log):
    for _ in range(51):
        record(log, "ben@example.org", Action.VM_RETIRED, "vm 7", at=NOON)
    page = client_of("admin", log).get(reverse("audit", args=[log.slug]) + "?noun=vms")
    assert "noun=vms" in page.context["page"].older


def test_the_filters_are_folded_until_one_is_used(log):
    client, page = client_of("admin", log), reverse("audit", args=[log.slug])
    assert '<details class="card ac-fold" >' in client.get(page).text
    assert '<details class="card ac-fold" open>' in client.get(page, {"noun": "pools"}).text


def test_an_entry_is_a_sentence_with_what_changed(log):
    change = {"before": {"max_vms": 4, "sizes": ["small"]}, "after": {"max_vms": 8, "sizes": ["small"]}}
    record(log, "ana@example.org", Action.POOL_CHANGED, "heavy", at=NOON, **change)
    page = client_of("admin", log).get(reverse("audit", args=[log.slug]))
    assert "changed the pool heavy" in page.text
    assert page.context["rows"][0]["changes"] == [("max vms", "4", "8")]


def test_the_file_runs_no_formula(log):
    record(log, "=cmd|' /C calc'!A0", Action.POOL_CHANGED, "@SUM(1)", at=NOON, note="-2+3")
    rows = lines_of(client_of("admin", log).get(reverse("audit_csv", args=[log.slug])))
    assert rows[0][:5] == ["at", "who", "what", "action", "on"]
    assert rows[1][1:5] == ["'=cmd|' /C calc'!A0", "pools.change", "pool_changed", "'@SUM(1)"]
    assert rows[1][-1] == "'-2+3"


def test_the_file_has_only_the_teams_own(log):
    record(a_team(), "eve@example.org", Action.POOL_CHANGED, "theirs", at=NOON)
    sent = client_of("admin", log).get(reverse("audit_csv", args=[log.slug]))
    assert sent["Content-Disposition"] == f'attachment; filename="audit-{log.slug}.csv"'
    assert "theirs" not in str(lines_of(sent))


def lines_of(answer):
    return list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))
