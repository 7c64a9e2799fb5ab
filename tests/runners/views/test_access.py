"""Every page and form of a team, for every kind of person: written by hand, and complete."""

import pytest
from django.urls import get_resolver, reverse

from runners.models import VM, Pool
from tests.builders import a_team
from tests.people import client_of, table
from tests.runners.views.conftest import House
from tfci.accounts.models import AuditEntry
from tfci.forges.models import LinkedOrg

pytestmark = pytest.mark.django_db

OUTSIDE = {"stranger": 404, "nobody": 302}
READ = {"team": 200, **OUTSIDE}
WORK = {"viewer": 403, "workers": 200, **OUTSIDE}
LINK = {"team": 403, "managers": 200, **OUTSIDE}
NEVER = {"team": 405, **OUTSIDE}

GET = [
    ("overview", READ),
    ("jobs", READ),
    ("job", READ),
    ("job_log", READ),
    ("pools", READ),
    ("pool", READ),
    ("pool_new", WORK),
    ("pool_nodes", READ),
    ("pool_edit", WORK),
    ("pool_close", WORK),
    ("pool_up", NEVER),
    ("pool_down", NEVER),
    ("vms", READ),
    ("vm", READ),
    ("vm_retire", WORK),
    ("nodes", READ),
    ("spend", READ),
    ("purse", READ),
    ("orgs", READ),
    ("org", READ),
    ("org_link", LINK),
    ("org_unlink", LINK),
    ("org_check", NEVER),
    ("org_token", NEVER),
    ("org_way", NEVER),
]
WORKED = {"viewer": 403, "workers": 302, **OUTSIDE}
LINKED = {"team": 403, "managers": 302, **OUTSIDE}
POST = [
    ("pool_new", WORKED),
    ("pool_edit", WORKED),
    ("pool_close", WORKED),
    ("pool_up", WORKED),
    ("pool_down", WORKED),
    ("vm_retire", WORKED),
    ("org_link", LINKED),
    ("org_check", LINKED),
    ("org_token", LINKED),
    ("org_way", LINKED),
    ("org_unlink", LINKED),
]
ELSEWHERE = {"team", "team_rename", "member_role", "member_remove", "tokens", "token_revoke", "audit"}


def fields(house: House, page: str) -> dict:
    pool = {"name": "default" if page == "pool_edit" else "second", "orgs": house.org.pk, "sizes": "small"}
    numbers = {
        "max_vms": 2,
        "max_job_minutes": 60,
        "linger_minutes": 5,
        "position": 0,
        "min_distinct_nodes": 1,
    }
    link = {"forge": "gitea", "url": "https://git.example.org", "token": "t", "way": "poll"}
    if page == "org_link":
        return link | {"name": "another"}
    return pool | numbers | {"default_size": "small"} | link


@pytest.mark.parametrize("page, person, status", table(GET))
def test_who_may_see_a_page(page, person, status, house):
    assert client_of(person, house.team).get(house.address(page)).status_code == status


@pytest.mark.parametrize("page, person, status", table(POST))
def test_who_may_send_a_form(page, person, status, house):
    answer = client_of(person, house.team).post(house.address(page), fields(house, page))
    assert answer.status_code == status


@pytest.mark.parametrize("page, person, status", [row for row in table(POST) if row[2] in (403, 404)])
def test_a_refused_form_changes_nothing(page, person, status, house):
    before = rows()
    client_of(person, house.team).post(house.address(page), fields(house, page))
    assert rows() == before


def rows():
    pools = list(Pool.objects.order_by("pk").values("name", "position", "closing_at", "max_vms"))
    linked = list(LinkedOrg.objects.order_by("pk").values("name", "way", "unlinking_at", "checked_at"))
    return pools, linked, list(VM.objects.order_by("pk").values("retire_why")), AuditEntry.objects.count()


def test_every_page_of_a_team_is_in_the_table():
    told = {page for page, _ in GET}
    assert told | ELSEWHERE == {name for name, route in routes() if route.startswith("t/<slug:team>/")}


def test_every_form_that_a_table_sends_has_a_page_in_it_too():
    assert {page for page, _ in POST} <= {page for page, _ in GET}


def routes(resolver=None, before=""):
    """Name and whole route of each address."""
    for one in (resolver or get_resolver()).url_patterns:
        route = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from routes(one, route)
        else:
            yield one.name, route


@pytest.mark.parametrize(
    "page", ["job", "job_log", "vm", "vm_retire", "pool", "pool_edit", "org", "org_unlink"]
)
def test_a_row_of_one_team_is_not_found_in_another(page, house):
    other = a_team()
    address = reverse(page, args=[other.slug, house.subject(page).pk])
    assert client_of("owner", other).get(address).status_code == 404
