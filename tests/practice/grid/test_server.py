"""The HTTP around the grid: who may ask, what is no question, and silence."""

import http.client
import json

import pytest

from tests.practice.grid.harness import POLICY, Grid
from tfci.core.http_client import Broken, Client


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """One for all tests here: none of them changes it."""
    grid = Grid(tmp_path_factory.mktemp("server") / "grid")
    yield grid
    grid.close()


@pytest.fixture(scope="module")
def client(grid):
    return Client(grid.url, POLICY)


def control(grid):
    return {"Authorization": f"Bearer {json.loads((grid.home / 'ready.json').read_text())['control_token']}"}


@pytest.mark.parametrize("path", ["/account", "/account/bills", "/machines"])
@pytest.mark.parametrize("bearer", ["", "Bearer", "Bearer wrong words", "Basic abc"])
def test_an_account_needs_its_mnemonic(client, path, bearer):
    assert client.request("GET", path, headers={"Authorization": bearer}).status == 401


@pytest.mark.parametrize(("method", "path"), [("POST", "/control/clock"), ("GET", "/control/faults")])
def test_control_needs_its_token(grid, client, method, path):
    account = grid.control("/accounts")
    for bearer in ("", "Bearer", f"Bearer {account['mnemonic']}"):
        assert client.request(method, path, headers={"Authorization": bearer}).status == 401


def test_the_token_may_come_from_the_environment(a_grid, monkeypatch):
    monkeypatch.setenv("FARMHAND_GRID_TOKEN", "chosen")
    client = Client(a_grid().url, POLICY, headers={"Authorization": "Bearer chosen"})
    assert client.request("GET", "/control/faults").json() == []


def test_what_needs_no_secret_asks_for_none(client):
    for path in ("/nodes", "/farms", "/prices", "/clock"):
        assert client.request("GET", path).status == 200


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "size=0", "size=1001", "size=-1", "colour=blue", "page=²"]
)
def test_a_wrong_page_is_a_bad_request(client, query):
    name, value = query.split("=")
    answer = client.request("GET", "/nodes", params={name: value})
    assert answer.status == 400 and answer.json()["error"]


def test_a_page_can_tell_of_how_many(client):
    answer = client.request("GET", "/nodes", params={"size": 70, "page": 5, "ret_count": "true"})
    assert (answer.headers["count"], answer.headers["size"], answer.headers["pages"]) == ("300", "70", "5")
    assert len(answer.json()) == 20


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"machines": "vm1"},
        {"machines": ["vm1"]},
        {"machines": [{"name": "vm1"}]},
        {"machines": [{"name": "vm1", "node_id": 1, "cpu": True, "memory": 512, "disk": 5}]},
        {
            "machines": [
                {"name": "vm1", "node_id": 1, "cpu": 1, "memory": 512, "disk": 5, "environment": {"A": 1}}
            ]
        },
        {"machines": [{}] * 401},
    ],
)
def test_an_order_that_makes_no_sense_is_a_bad_request(grid, client, body):
    headers = {"Authorization": f"Bearer {grid.control('/accounts', amount=10**9)['mnemonic']}"}
    answer = client.request("POST", "/machines", json=body, headers=headers)
    assert answer.status == 400 and answer.json()["error"]
    assert grid.journal("deployed") == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/control/clock", {"advance": -1}),
        ("/control/clock", {"speed": "fast"}),
        ("/control/price", {"tft_musd": 0}),
        ("/control/faults", {"kind": "earthquake"}),
        ("/control/faults", {"kind": "slow", "severity": 3}),
        ("/control/faults", {"kind": "slow", "seconds": "many"}),
        ("/control/faults", {}),
    ],
)
def test_a_wish_that_makes_no_sense_is_a_bad_request(grid, client, path, body):
    answer = client.request("POST", path, json=body, headers=control(grid))
    assert answer.status == 400 and answer.json()["error"]


@pytest.mark.parametrize("path", ["/nothing", "/control/nodes/9999", "/control/accounts/5/fund"])
def test_what_is_not_there_is_not_found(grid, client, path):
    assert client.request("POST", path, json={"amount": 1}, headers=control(grid)).status == 404


def raw(grid, method, path, body, headers):
    connection = http.client.HTTPConnection(grid.url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_bytes_that_are_no_json_are_a_bad_request(grid):
    for body in (b"{", b"\xff", b"[1]", b"[" * 100_000):
        assert raw(grid, "POST", "/control/clock", body, control(grid)) == 400


def test_a_body_that_is_too_large_is_refused_unread(grid):
    headers = {**control(grid), "Content-Length": str(5 * 2**20)}
    assert raw(grid, "POST", "/control/clock", b"", headers) == 413


def test_a_silent_proxy_closes_the_connection_without_a_word(grid, client):
    grid.control("/faults", kind="proxy_silent", times=1)
    with pytest.raises(Broken):
        client.request("GET", "/nodes")
    assert client.request("GET", "/nodes").status == 200
    assert [event["fault"] for event in grid.journal("struck")] == ["proxy_silent"]
