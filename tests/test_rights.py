"""Every address and method of the product, for every kind of person and token: the answers of tests/rights.py."""

import re
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection as database, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, get_resolver, resolve, reverse
from django.utils import timezone

from tests.builders import a_team
from tests.house import WORD, a_house
from tests.people import EVERYBODY, client_of
from tests.rights import API, PEOPLE
from tests.rights_rows import rows
from tests.rights_sent import SENT
from tests.runners.web.api.scripts import Script, description
from tests.worlds import a_world

pytestmark = pytest.mark.django_db

FRONT_DOORS = ("tfci.urls", "tfci.urls_agents")
FORM = "application/x-www-form-urlencoded"
REFUSED = ("401", "403", "404", "405", "in")
WRITE = re.compile(
    r'(INSERT INTO|UPDATE|DELETE FROM) "(?!django_session)(?!accounts_token")(?!forges_tally")'
)


@pytest.fixture(autouse=True)
def outside(monkeypatch):
    """A forge in memory, where pages reach for one, and no memory of who tried too often."""
    monkeypatch.setattr("runners.gateways.GATEWAYS", a_world()[0])
    cache.clear()


@pytest.fixture
def house():
    return a_house(timezone.now())


def each(table):
    return pytest.mark.parametrize("row", rows(table), ids=str)


@each(PEOPLE)
def test_what_each_person_gets(row, house):
    url, form = house.fill(row.address), house.form(SENT.get(str(row), {}))

    def caller(person):
        client = client_of(person, house.team)

        def call():
            answer = client.generic(row.method, url, urlencode(form), FORM)
            assert person == "nobody" or row.answers["nobody"] != "in" or is_private(answer)
            return word_for(answer)

        return call

    assert answers(row, caller) == row.line


def is_private(answer):
    """Whether neither a browser nor a proxy may store it."""
    return {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", "))


@each(API)
def test_what_each_token_gets(row, house):
    url, said = house.fill(row.address).removeprefix("/api/v1"), SENT.get(str(row))

    def caller(token):
        team = {"other": a_team(), "none": None}.get(token, house.team)
        script = Script(team, "read" if token == "read" else "write")
        return lambda: str(script.call(row.method, url, said).status)

    assert answers(row, caller) == row.line


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_no_method_tells_others_that_the_operators_pages_are_there(method, house):
    client = client_of("stranger", house.team)
    for row in rows(PEOPLE):
        if row.address.startswith("/operator/"):
            assert client.generic(method, house.fill(row.address)).status_code == 404, row.address


EVERYBODYS = {"TEAM", "NODE", "MONTH"}  # a node is the grid's, and every team's to look at; so is a month
ABOUT_A_ROW = [
    row
    for row in rows(PEOPLE)
    if row.address.startswith("/t/TEAM/") and set(WORD.findall(row.address)) - EVERYBODYS
]


@pytest.mark.parametrize("row", ABOUT_A_ROW, ids=str)
def test_a_row_of_one_team_is_not_found_in_another(row, house):
    other = a_team()
    url = house.fill(row.address.replace("TEAM", other.slug))
    form = house.form(SENT.get(str(row), {}))
    answer = client_of("owner", other).generic(row.method, url, urlencode(form), FORM)
    assert answer.status_code == (405 if row.answers["owner"] == "405" else 404)


def answers(row, caller):
    """The line as it came out. Each asks in a transaction of their own: nobody finds what another one did."""
    return row.write({who: _answer(who, caller) for who in row.answers})


def _answer(who, caller):
    with transaction.atomic():
        call = caller(who)
        with CaptureQueriesContext(database) as said:
            word = call()
        transaction.set_rollback(True)
    assert word not in REFUSED or not writes(said), f"{who} gets {word}, yet it wrote {writes(said)}"
    return word


def word_for(answer):
    """The status, or `in` where the answer sends one to sign in."""
    to_sign_in = answer.headers.get("Location", "").startswith(reverse("account_login") + "?")
    return "in" if to_sign_in else str(answer.status_code)


def writes(said):
    """Statements that changed something, but for notes of who was here: sessions, use of tokens, refused webhooks."""
    return [query["sql"] for query in said if WRITE.match(query["sql"])]


@pytest.mark.parametrize("person", EVERYBODY)
def test_a_session_in_the_browser_is_no_token(person, house):
    client = client_of(person, house.team)
    got = {str(row): client.generic(row.method, house.fill(row.address)).status_code for row in rows(API)}
    assert set(got.values()) == {401}, got


# The table is whole.


def test_every_address_of_the_url_map_is_in_a_table(house):
    told = {route_of(house.fill(row.address)) for row in [*rows(PEOPLE), *rows(API)]}
    missing = {route for door in FRONT_DOORS for route in routes(get_resolver(door))} - told
    assert not missing, f"say in tests/rights.py who gets what at {sorted(missing)}"


def route_of(url):
    """The route that answers it; None for what is answered before the URL map is asked."""
    for door in FRONT_DOORS:
        try:
            return resolve(url, door).route
        except Resolver404:
            continue
    return None


def routes(resolver, before=""):
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        yield from routes(one, route) if hasattr(one, "url_patterns") else [route]


def test_every_operation_of_the_api_is_in_its_table(house):
    answered = ((row.method, route_of(house.fill(row.address))) for row in rows(API))
    told = {(method, re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", route)) for method, route in answered}
    there = {
        (method.upper(), re.sub(r"{(\w+)}", r"<\1>", path.lstrip("/")))
        for path, operations in description()["paths"].items()
        for method in operations
    }
    assert told == there


SAID = {str(row) for row in rows(PEOPLE)}
READ_ONLY = [row for row in rows(PEOPLE) if row.method == "GET" and f"POST {row.address}" not in SAID]


@pytest.mark.parametrize("row", READ_ONLY, ids=str)
@pytest.mark.parametrize("person", ["owner", "operator", "nobody"])
def test_an_address_without_a_line_for_forms_takes_none(row, person, house, monkeypatch):
    looked = []
    form = WSGIRequest.POST
    monkeypatch.setattr(WSGIRequest, "POST", property(lambda self: looked.append(self) or form.fget(self)))
    client, url = client_of(person, house.team), house.fill(row.address)
    with CaptureQueriesContext(database) as said:
        word = word_for(client.post(url))
    assert word in (row.answers[person], "405"), f"say in tests/rights.py who may POST {row.address}"
    assert not looked and not writes(said), f"say in tests/rights.py who may POST {row.address}"
