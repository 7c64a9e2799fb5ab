"""A mistake in the environment stops a process at its start, with all mistakes in one message."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {
    "SECRET_KEY": "-",
    "FARMHAND_KEYS": "-",
    "DATABASE_URL": "dbname=-",
    "FARMHAND_VALKEY": "redis://-",
    "PATH": os.environ["PATH"],
}
WRONG = {
    "SECRET_KEY": "",
    "FARMHAND_GRID": "moon",
    "FARMHAND_GRANT": "-3",
    "FARMHAND_OVERDRAFT": "nan",
    "FARMHAND_TEAM_MAX_PRICE": "inf",
    "FARMHAND_TEAM_MAX_VMS": "-1",
    "FARMHAND_TEAM_MAX_JOB_MINUTES": "0",
    "FARMHAND_TEAMS_PER_PERSON": "0",
    "FARMHAND_SIGN_UPS_PER_DAY": "-1",
    "FARMHAND_CONNECTIONS_PER_TEAM": "many",
    "FARMHAND_SMTP_PORT": "99999999",
    "FARMHAND_URL": "ci.example.org",
    "FARMHAND_AGENT_URL": "ftp://example.org",
    "FARMHAND_GITHUB_SIGN_IN": "hunter2",
    "FARMHAND_MINUTE_PRICES": "/nowhere/prices.toml",
}


def start(**variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "import tfci.settings"]
    environment = NEEDED | variables
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def test_all_mistakes_are_named_at_once_a_line_each():
    ended = start(**WRONG)
    lines = ended.stderr.strip().splitlines()
    assert ended.returncode == 1
    assert lines[0] == "These environment variables are wrong:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == sorted(WRONG)


def test_no_value_is_repeated_for_some_are_secret():
    assert "hunter2" not in start(**WRONG).stderr


@pytest.mark.parametrize("name", WRONG)
def test_each_alone_stops_the_process(name):
    assert f"  {name}: " in start(**{name: WRONG[name]}).stderr


def test_what_is_right_starts():
    right = {
        "FARMHAND_GRANT": "0.5",
        "FARMHAND_GITHUB_SIGN_IN": "id:secret",
        "FARMHAND_URL": "https://a.example",
    }
    ended = start(**right)
    assert ended.returncode == 0, ended.stderr
