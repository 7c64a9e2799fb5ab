"""Log lines, and a run in which the database is gone: no line of it shows a secret."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from tfci.core import logs
from tfci.core.secret import Secret

ROOT = Path(__file__).parents[2]
SECRETS = {
    "database": "Wolpertinger-of-the-database",
    "password": "correct horse battery staple",
    "session": "s3ssion0f1ower1etters",
    "csrf": "Csrf0fFormsThatIsOfThirtyTwoSigns",
    "token": "fh_no-capital-and-no-digit-in-it",
    "hook": "hook-address-without-capitals",
    "join": "join-address-without-capitals",
    "agent": "agent-key-without-capitals",
}
CALLS = {
    "web": """
client.cookies["farmhand_session"], client.cookies["farmhand_csrf"] = SECRETS["session"], SECRETS["csrf"]
form = {"login": "ann@example.org", "password": SECRETS["password"], "csrfmiddlewaretoken": SECRETS["csrf"]}
client.post("/accounts/login/", form)
client.get("/teams/?code=" + SECRETS["join"])
client.get(f"/join/{SECRETS['join']}/")
client.post(f"/hooks/{SECRETS['hook']}", b"{}", content_type="application/json")
client.get("/api/v1/jobs", headers={"Authorization": "Bearer " + SECRETS["token"]})
client.post("/nowhere/", headers={"Authorization": "Bearer " + SECRETS["token"]})
""",
    "agents": """
bearer = {"Authorization": "Bearer 1." + SECRETS["agent"]}
client.post("/agent/beat", {"phase": "idle"}, "application/json", headers=bearer)
client.post("/agent/claim", {"vm": 1, "token": SECRETS["token"], "key": SECRETS["agent"]}, "application/json")
""",
}
RUN = f"""
import django; django.setup()
from django.test import Client
client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
SECRETS = {SECRETS!r}
"""


@pytest.fixture(params=[False, True], ids=["text", "json"])
def lines(request, capsys):
    """What a log line looks like in either form."""
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=logs.configure(logging.INFO, request.param)["formatters"]["line"]["processors"],
        foreign_pre_chain=logs.SHARED,
    )
    return lambda *values, **extra: formatter.format(
        logging.makeLogRecord(
            {"name": "x", "levelname": "INFO", "msg": values[0], "args": values[1:], **extra}
        )
    )


def test_a_line_shows_what_happened_and_no_secret(lines):
    line = lines("linked %s with %s", "blue", Secret("hunter2"), token="hunter2")
    assert "linked blue with" in line
    assert "hunter2" not in line


def test_a_line_of_an_error_has_its_traceback(lines):
    try:
        raise ValueError("the wall is too high")
    except ValueError as error:
        line = lines("failed", exc_info=(type(error), error, error.__traceback__))
    assert "the wall is too high" in line
    assert "test_logs.py" in line


@pytest.mark.parametrize(
    "process, as_json", [("web", "1"), pytest.param("agents", "0", marks=pytest.mark.proof)]
)
def test_a_run_without_its_database_logs_each_fault_and_no_secret(process, as_json):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tfci.settings",
        "FARMHAND_PROCESS": process,
        "FARMHAND_LOG_JSON": as_json,
        "DATABASE_URL": f"host=127.0.0.1 port=1 dbname=x user=farmhand password={SECRETS['database']}",
    }
    command = [sys.executable, "-c", RUN + CALLS[process]]
    run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("OperationalError") >= CALLS[process].count("client.") // 2
    assert [name for name, secret in SECRETS.items() if secret in run.stderr] == []
