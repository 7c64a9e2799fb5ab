"""Search over all that a team has: what is found, by whom, and at what cost."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from runners.models import VM
from tests.builders import a_connection, a_job, a_node, a_pool, a_server, a_team, a_vm
from tests.house import a_house
from tests.people import client_of
from tests.worlds import a_world
from tfci.accounts.access import RANKS
from tfci.pages import team_search
from tfci.pages.destinations import EVERYBODY, OWN, TEAM, reachable
from tfci.pages.team_search import find

pytestmark = pytest.mark.django_db

QUERIES = 12


@pytest.fixture(autouse=True)
def outside(monkeypatch):
    monkeypatch.setattr("runners.gateways.GATEWAYS", a_world()[0])
    cache.clear()


@pytest.fixture
def house():
    return a_house(timezone.now())


def found(house, query, role="owner", most=5):
    """Group -> titles."""
    return {group.title: titles(group) for group in find(house.team, role, query, most)}


def titles(group):
    return [result.title for result in group.results]


@pytest.mark.parametrize("role", RANKS)
def test_every_page_that_a_role_is_led_to_opens(house, role):
    client = client_of(role, house.team)
    pages = reachable(house.team, role, [])
    assert len(pages) > len(TEAM) / 2
    for page, url in pages:
        assert client.get(url).status_code == 200, page.title


def test_pages_of_everybody_and_of_ones_account_open(house):
    client = client_of("viewer", house.team)
    for page in [*OWN, *EVERYBODY]:
        assert client.get(reverse(page.name)).status_code in (200, 302), page.title


def test_nobody_is_led_to_a_page_that_their_role_may_not_see(house):
    assert "API tokens" in found(house, "api tokens")["Pages"]
    assert "API tokens" not in found(house, "api tokens", role="viewer").get("Pages", [])


def test_a_page_is_found_by_what_else_it_is_called(house):
    assert found(house, "create pool")["Pages"] == ["New pool"]
    assert found(house, "2fa")["Pages"] == ["Two-factor sign-in"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("pay out", "withdrawals"),
        ("withdraw", "withdrawals"),
        ("limit", "limits"),
        ("spending limit", "limits"),
        ("ledger", "ledger"),
        ("deposit", "deposit"),
        ("add tft", "deposit"),
        ("own twin", "own_twin"),
    ],
)
def test_a_page_about_money_is_found_first(house, query, name):
    assert reachable(house.team, "owner", query.split())[0][0].name == name


def test_without_a_word_the_teams_pages_are_listed(house):
    assert list(found(house, "")) == ["Pages"]
    assert found(house, "")["Pages"][:3] == ["Overview", "Jobs", "Pools"]


def test_names_are_found_by_any_part_in_any_case(house):
    a_server(house.team, name="Docs site")
    assert found(house, "DEFAU")["Pools"] == ["default"]
    assert found(house, "estre")["Connections"] == ["kestrel"]
    assert found(house, "site docs")["Servers"] == ["Docs site"]
    assert found(house, "kestrel/app")["Repositories"] == ["kestrel/app"]


def test_a_job_is_found_by_its_names_and_by_its_number(house):
    lint = a_job(
        house.connection, "completed", workflow="ci.yml", name="lint", branch="main", conclusion="failure"
    )
    [group] = [group for group in find(house.team, "owner", "lint", 5) if group.title == "Jobs"]
    [result] = group.results
    assert (result.title, result.state, result.conclusion) == ("ci.yml › lint", "completed", "failure")
    assert result.url == reverse("job", args=[house.team.slug, lint.pk])
    for query in (f"{lint.pk}", f"#{lint.pk}", f"job {lint.pk}"):
        assert found(house, query)["Jobs"][0] == "ci.yml › lint"


def test_a_vm_is_found_by_its_number_and_by_its_pool(house):
    assert found(house, f"vm {house.vm.pk}")["VMs"] == [f"VM {house.vm.pk}"]
    assert f"VM {house.vm.pk}" in found(house, "default")["VMs"]


def test_a_node_is_found_by_its_number_and_many_by_country_or_farm(house):
    a_node(country="Belgium")
    groups = {group.title: group for group in find(house.team, "owner", f"node {house.node.node_id}", 5)}
    [one] = groups["Nodes"].results
    assert one.url == f"{reverse('nodes', args=[house.team.slug])}?node={house.node.node_id}"
    assert found(house, "belg")["Nodes"] == ["Belgium"]
    assert "Farm" in found(house, "farm")["Nodes"]


def test_the_manual_is_found_too(house):
    assert found(house, "webhook polling")["Manual"]


def test_a_noun_alone_lists_the_newest_of_its_kind(house):
    assert found(house, "pools")["Pools"] == ["default"]
    assert len(found(house, "vms")["VMs"]) == VM.objects.filter(team=house.team).count()


def test_each_group_has_an_end_and_says_where_it_goes_on(house):
    for n in range(8):
        a_job(house.connection, name=f"test {n}")
        a_pool(house.team, [house.connection], name=f"test {n}")
    groups = {group.title: group for group in find(house.team, "owner", "test", 5)}
    assert len(groups["Jobs"].results) == len(groups["Pools"].results) == 5
    assert groups["Jobs"].more == f"{reverse('jobs', args=[house.team.slug])}?q=test"


@pytest.mark.parametrize(
    "query", ["?!", "%", "_", "'", "\\", "x" * 500, "9" * 18, "9" * 40, "٣", "²", "a b c d e f g h i j"]
)
def test_any_query_has_an_answer(house, query):
    answer = client_of("owner", house.team).get(reverse("team_search", args=[house.team.slug]), {"q": query})
    assert answer.status_code == 200


def test_no_team_finds_what_is_anothers(house):
    """Each row of another team by its own name and number; nothing of it but what belongs to the grid."""
    other = a_team("Others")
    connection = a_connection(other, name="osprey")
    pool = a_pool(other, [connection], name="osprey")
    job = a_job(connection, pool=pool, name="osprey", repository="osprey/nest")
    vm = a_vm("standby", pool)
    a_server(other, name="osprey")
    assert set(found_titles(other, "osprey")) == {"osprey", "osprey/nest", f"VM {vm.pk}"}
    assert found_titles(house.team, "osprey") == []
    assert found(house, f"job {job.pk}").get("Jobs") is None
    assert found(house, f"vm {vm.pk}").get("VMs") is None
    assert not {"osprey", "osprey/nest"} & set(found_titles(house.team, "pool repository connection server"))


def found_titles(team, query):
    return [title for group in find(team, "owner", query, 50) for title in titles(group)]


@pytest.mark.parametrize("query", ["", "e", "12", "node 12", "kestrel app"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_search_takes_few_queries_however_much_there_is(house, query, htmx):
    for n in range(30):
        a_job(house.connection, name=f"test {n}", discovered_at=timezone.now() - timedelta(minutes=n))
    client, url = client_of("owner", house.team), reverse("team_search", args=[house.team.slug])
    client.get(url)
    with CaptureQueriesContext(database) as asked:
        answer = client.get(url, {"q": query}, headers={"HX-Request": "true"} if htmx else {})
    assert answer.status_code == 200 and ("<html" in answer.text) != htmx
    assert len(asked) <= QUERIES, "\n".join(query["sql"][:120] for query in asked)


def test_old_vms_are_left_out_of_a_search_by_name(house, monkeypatch):
    monkeypatch.setattr(team_search, "LOOKED_AT", 1)
    assert len(found(house, "default")["VMs"]) == 1


def test_the_page_shows_what_was_asked_for_as_text(house):
    url = reverse("team_search", args=[house.team.slug])
    text = client_of("owner", house.team).get(url, {"q": "<script>xyzzy(1)</script>"}).text
    assert "<script>xyzzy" not in text and "Nothing found" in text
