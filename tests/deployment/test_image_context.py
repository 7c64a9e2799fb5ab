"""What Docker is sent for the image, and what git keeps: everything that runs, and no secret that lies about."""

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
RULES = [
    line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
]
LYING_ABOUT = [
    ".env",
    ".env.production",
    ".git/config",
    "backup.sql",
    "docs/.env",
    "id_rsa",
    "runners/github.pem",
    "secrets.json",
    "tests/conftest.py",
    "tfci/.env.local",
    "tfci/__pycache__/vault.cpython-311.pyc",
    "tfci/grid/account.key",
    "tfci/secrets.json",
    "var/secrets.json",
    "var2/postgres/base/1",
]
RUNS = ("billing/", "docs/", "runners/", "static/", "templates/", "tfci/")
ALONE = {"Caddyfile", "manage.py", "pyproject.toml", "requirements.txt"}


def matches(rule: str, path: str) -> bool:
    """As Docker reads a pattern: for the path or a folder above it, `*` within a name, `**/` for any folders."""
    pattern = re.escape(rule).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    candidates = [path, *map(str, PurePosixPath(path).parents)]
    return any(re.fullmatch(pattern, candidate) for candidate in candidates if candidate != ".")


def sent(path: str) -> bool:
    """The last rule that matches decides."""
    verdict = True
    for rule in RULES:
        if matches(rule.removeprefix("!"), path):
            verdict = rule.startswith("!")
    return verdict


def tracked() -> list[str]:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20
    )
    return files.stdout.splitlines()


def test_all_that_runs_is_sent():
    needed = {file for file in tracked() if file.startswith(RUNS)} | ALONE
    assert {file for file in needed if not sent(file)} == set()


@pytest.mark.parametrize("path", LYING_ABOUT)
def test_nothing_else_is_sent(path):
    assert not sent(path)


def test_what_is_not_committed_can_not_be_sent_from_the_top_folder():
    assert RULES[0] == "*"
    assert not sent("a-new-folder/notes.txt")


@pytest.mark.parametrize(
    "path", [".env", ".env.production", "var/secrets.json", "tfci/github.pem", "account.key"]
)
def test_git_keeps_no_secret_by_accident(path):
    assert not subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, timeout=20).returncode
