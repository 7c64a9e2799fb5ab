"""Every error is a problem that says what to do."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from runners.web.api import problems
from runners.web.api.access import Pace
from tests.builders import NOON, a_connection, a_pool
from tests.runners.web.api.scripts import Script
from tests.worlds import a_world
from tfci.forges.errors import Limited

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("raw", ["{", "\xff", "{'a': 1}", "[" * 100_000])
def test_a_body_that_is_no_json(writer, raw):
    assert "Send JSON" in writer.call("POST", "/pools", raw=raw).problem(400)


def test_a_body_that_is_too_large(writer):
    assert "up to 1 MiB" in writer.call("POST", "/pools", raw='"' + "x" * 2**20 + '"').problem(413)


@pytest.mark.parametrize("raw", ["[]", "7", '"text"', "null", "true"])
def test_json_that_is_no_object(writer, raw):
    answer = writer.call("POST", "/pools", raw=raw)
    assert answer.problem(422) == "body: Write an object."


def test_json_is_read_whatever_it_is_called(writer, team):
    """curl -d calls it a form."""
    response = writer.client.post(
        "/api/v1/pools",
        f'{{"name": "main", "connections": [{a_connection(team).pk}]}}',
        "application/x-www-form-urlencoded",
        headers=writer.headers,
    )
    assert response.status_code == 201, response.content


def test_no_body_at_all(writer):
    writer.call("POST", "/pools", raw="").problem(422)


@pytest.mark.parametrize("value", ['"\\ud800"', "NaN", "Infinity", "01"])
def test_what_only_looks_like_json(writer, value):
    writer.call("POST", "/pools", raw=f'{{"name": {value}, "connections": [1]}}').problem(400)


def test_very_many_mistakes_are_told_in_part(writer):
    answer = writer.post("/pools", name="main", connections=["x"] * 10_000)
    answer.problem(422)
    assert len(answer.said["errors"]) == problems.MAX_SENTENCES


@pytest.mark.parametrize(
    "said",
    [
        {"min_vms": {f"size-{number}": 1 for number in range(40_000)}},
        {"min_vms": {f"size-{number}": "x" for number in range(40_000)}},
        {"sizes": [f"size-{number}" for number in range(100)], "labels": ["a b"] * 20},
        {"nodes": {"ids": list(range(1, 1001)), "farms": list(range(1, 101))}},
        {"connections": list(range(1, 100_001))},
        {"x" * 500_000: 1, "y" * 500_000: 1},
    ],
)
def test_an_answer_stays_short_whatever_is_wrong(writer, team, said):
    answer = writer.post("/pools", **{"name": "main", "connections": [a_connection(team).pk]} | said)
    assert len(answer.problem(422)) < 10_000
    assert 0 < sum(map(len, answer.said["errors"].values())) <= problems.MAX_SENTENCES


def test_more_parameters_than_are_read(reader):
    asked = {f"a{number}": 1 for number in range(2001)}
    assert reader.get("/nodes", **asked).problem(400) == problems.TOO_MANY_FIELDS


@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/jobs/", "/jobs/x", "/jobs/-1", "/pools/1/check", "/wallet/1"]
)
def test_an_address_that_there_is_not(path):
    response = Script().client.get(f"/api/v1{path or '/'}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "openapi.json" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/jobs/{}", "/pools/{}", "/connections/{}", "/vms/{}", "/nodes/{}"])
@pytest.mark.parametrize("number", [999_999, 2**63, 10**30])
def test_a_row_that_there_is_not(reader, path, number):
    assert str(number) in reader.get(path.format(number)).problem(404)


def test_a_method_that_there_is_not(writer):
    answer = writer.call("PUT", "/pools", {})
    assert "PUT can't be done here" in answer.problem(405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_what_breaks_on_our_side_tells_nothing_of_the_inside(reader, team):
    pool = a_pool(team)
    type(pool).objects.filter(pk=pool.pk).update(sizes={"not": ["a", "list"]})
    answer = reader.get("/pools")
    assert answer.problem(500) == problems.BROKEN
    assert "sizes" not in str(answer.said)


def test_too_many_calls_are_told_how_long_to_wait(writer):
    for _ in range(20):
        writer.post("/connections").problem(422)
    answer = writer.post("/connections")
    assert "Retry-After" in answer.problem(429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert writer.get("/connections").status == 200


def test_the_pace_is_each_tokens_own(writer, team):
    for _ in range(21):
        answer = writer.post("/connections")
    answer.problem(429)
    Script(team, "write").post("/connections").problem(422)


def test_all_pass_while_the_cache_is_down(reader, monkeypatch):
    def broken(*args, **kwargs):
        raise RedisError

    monkeypatch.setattr(cache, "incr", broken)
    assert reader.get("/connections").status == 200


def test_a_new_minute_begins_anew(rf):
    request = rf.get("/")
    request.auth = type("Auth", (), {"pk": "a-new-minute"})()
    pace = Pace("test", 1)
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        assert (pace.allow_request(request), pace.allow_request(request)) == (True, False)
        assert 29 < pace.wait() <= 30
    with time_machine.travel(NOON + timedelta(seconds=60), tick=False):
        assert pace.allow_request(request)


def test_a_forge_that_wants_fewer_calls_says_until_when(writer, team, monkeypatch):
    world, forge, _, _ = a_world()
    forge.broken = Limited("The forge wants no calls for a while.", timezone.now() + timedelta(seconds=90))
    monkeypatch.setattr("runners.gateways.GATEWAYS", world)
    answer = writer.patch(f"/connections/{a_connection(team).pk}", token="t")
    assert "no calls for a while" in answer.problem(429)
    assert 80 < int(answer.headers["Retry-After"]) <= 90
