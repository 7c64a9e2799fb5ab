"""A PostgreSQL's folder with a database that has all migrations, made once for each set of migrations: applying them
takes a third of a minute, and each run of the tests needs them."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from tfci.management.up import postgres
from tfci.management.up.waiting import until

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "var/tests"
DATABASE = "migrated"
BESIDES = ("requirements-dev.txt", "tfci/settings.py", "tfci/management/up/postgres.py", "tests/migrated.py")


def copy_to(data: Path) -> None:
    """Makes the data folder of a new PostgreSQL, whose database DATABASE is a template for others."""
    kept = KEPT / f"postgres-{_fingerprint()}"
    if not kept.exists():
        _make(kept)
    subprocess.run(["cp", "--archive", str(kept), str(data)], check=True, timeout=120)


def _fingerprint() -> str:
    apps = [folder for app in ("billing", "runners", "tfci") for folder in (ROOT / app).rglob("migrations")]
    files = [*map(ROOT.joinpath, BESIDES), *sorted(file for app in apps for file in app.glob("*.py"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _make(kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="farmhand-test-") as name:
        folder = Path(name)
        postgres.initialise(folder / "postgres/data")
        command = postgres.command(folder / "postgres/data", folder, ["fsync=off"])
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as server:
            try:
                until(lambda: postgres.ready(folder), 30, "PostgreSQL")
                _migrate(folder)
            finally:
                server.send_signal(signal.SIGINT)
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob("postgres-*"):
            shutil.rmtree(old, ignore_errors=True)
        half = Path(tempfile.mkdtemp(dir=KEPT)) / "data"
        subprocess.run(["cp", "--archive", str(folder / "postgres/data"), str(half)], check=True, timeout=120)
        if not kept.exists():
            half.rename(kept)
        shutil.rmtree(half.parent)


def _migrate(socket: Path) -> None:
    url = postgres.url(socket)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(f"create database {DATABASE}")
    environment = os.environ | {
        "DATABASE_URL": url.replace("dbname=farmhand", f"dbname={DATABASE}"),
        "FARMHAND_VALKEY": "redis://127.0.0.1:1/0",  # which no migration asks
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=600)
