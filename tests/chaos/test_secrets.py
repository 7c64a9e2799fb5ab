"""PostgreSQL dies while people sign in, forges deliver, scripts and agents call: no log of that run holds a secret."""

import http.client
import json
import os
import random
import re
import time
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet

from tests.chaos.product import Product

PASSWORD, SESSION, KEY = (
    "correct-horse-of-this-run",
    "session0of1this2run3aaaaaaaaaaaaa",
    "agent-key-of-this-run",
)
JOIN = "join-address-of-this-run"
DEATHS, SECONDS = 3, 8  # of PostgreSQL; between two
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(params=["0", "1"], ids=["text", "json"])
def product(request, tmp_path, monkeypatch):
    monkeypatch.setenv("FARMHAND_LOG_JSON", request.param)
    product = Product(tmp_path)
    try:
        product.start()
        yield product
    finally:
        product.end()


def secrets_of(product: Product) -> dict[str, str]:
    home = product.home
    [(address, sealed)] = product.sql("SELECT address, hook_secret FROM forges_connection")
    demo = json.loads((home.folder / "demo.json").read_text())
    forge = json.loads((home.folder / "forge" / "forge.json").read_text())
    return {
        **home.secrets(),
        **{name: value for name, value in forge.items() if name.endswith("token")},
        "demo password": demo["password"],
        "API token": demo["api_token"],
        "webhook": address,
        "signature's secret": Fernet(home.secrets()["keys"]).decrypt(sealed).decode(),
        "password": PASSWORD,
        "session": SESSION,
        "agent": KEY,
        "invitation": JOIN,
    }


def call_all(product: Product, secrets: dict[str, str]) -> None:
    """One call at each door. Whether it is answered is not our question."""
    cookie = {"Cookie": f"farmhand_session={SESSION}; farmhand_csrf={SESSION}"}
    form = urlencode({"login": "ann@example.org", "password": PASSWORD, "csrfmiddlewaretoken": SESSION})
    origin = {"Origin": f"http://127.0.0.1:{product.port}", "Content-Type": FORM}
    calls = [
        ("POST", "/accounts/login/", form, cookie | origin),
        ("GET", f"/join/{JOIN}/", None, cookie),
        ("POST", f"/hooks/{secrets['webhook']}", "{}", {"X-Gitea-Event": "workflow_job"}),
        ("GET", "/api/v1/jobs", None, {"Authorization": f"Bearer {secrets['API token']}"}),
        ("POST", "/agent/beat", "{}", {"Authorization": f"Bearer 1.{KEY}"}),
        ("POST", "/agent/claim", json.dumps({"vm": 1, "token": KEY, "key": KEY}), {}),
    ]
    for method, path, body, headers in calls:
        connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=20)
        with suppress(OSError, http.client.HTTPException):
            connection.request(method, path, body, headers)
            connection.getresponse().read()
        connection.close()


@pytest.mark.proof
def test_no_log_holds_a_secret_of_a_run_in_which_postgres_dies(product):
    secrets, dice = secrets_of(product), random.Random(13)
    for _ in range(DEATHS):
        product.kill("postgres", dice)
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            call_all(product, secrets)
    logs = {log.name: log.read_text(errors="replace") for log in product.home.logs.iterdir()}
    assert "OperationalError" in logs["web.log"]
    assert not re.search(r"/(?:hooks|join)/\w{8}", "".join(logs.values()))
    found = {(name, log) for name, secret in secrets.items() for log, text in logs.items() if secret in text}
    assert found == set(), os.linesep.join(map(str, sorted(found)))
