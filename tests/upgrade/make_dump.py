"""Makes dump.sql.gz anew: python -m tests.upgrade.make_dump

A fresh database gets the migrations of OLD, no newer ones, and is filled with rows of every model in every state, by
the models as they were then: so this program goes on working while code and tables change. It makes the same each time.
"""

import gzip
import os
import re
import subprocess
from pathlib import Path
from unittest.mock import patch

import django
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.engines import Engines
from tests.upgrade import outside, people, work
from tests.upgrade.installation import NOON, Installation
from tests.upgrade.key import KEY
from tfci.management.up import postgres, valkey

DUMP = Path(__file__).with_name("dump.sql.gz")
OLD = {  # the migrations of bf7f638
    "accounts": "0004_ssh_keys",
    "billing": "0012_grants_of_before",
    "forges": "0012_one_spelling",
    "grid": "0004_steal",
    "runners": "0021_jobs_to_end",
}
# Hints speak of transactions of the database that they are in.
PLAIN = [
    "--inserts",
    "--rows-per-insert=100",
    "--no-owner",
    "--no-privileges",
    "--exclude-table-data=runners_hint",
]
VERSIONED = re.compile(r"^(-- Dumped .*|\\(un)?restrict .*|SET transaction_timeout = 0;)\n", re.MULTILINE)


def make():
    engines = Engines()
    try:
        _set_up(engines)
        _migrate()
        _fill()
        DUMP.write_bytes(gzip.compress(_dump(engines).encode(), mtime=0))
    finally:
        engines.stop()


def _set_up(engines):
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tfci.settings",
        "DATABASE_URL": postgres.url(engines.folder),
        "FARMHAND_VALKEY": valkey.url(engines.socket),
        "FARMHAND_KEYS": KEY,
        "SECRET_KEY": KEY,
    }
    django.setup()


def _migrate():
    """Those of others are today's."""
    for app, last in OLD.items():
        call_command("migrate", app, last, verbosity=0)
    for app in apps.get_app_configs():
        if app.label not in OLD and (Path(app.path) / "migrations").is_dir():
            call_command("migrate", app.label, verbosity=0)


def _fill():
    """At noon and without chance, for encryption writes down the one and asks for the other."""
    loader = MigrationLoader(connection)
    old = Installation(loader.project_state(list(loader.applied_migrations)).apps)
    with time_machine.travel(NOON, tick=False), patch("os.urandom", bytes):
        for part in (people, outside, work):
            part.fill(old)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET applied = %s", [NOON])
    connection.close()


def _dump(engines):
    """Without what only psql or a server as new as ours takes."""
    program = [postgres.binary("pg_dump"), "-h", str(engines.folder), "-U", "farmhand", *PLAIN, "farmhand"]
    return VERSIONED.sub("", subprocess.run(program, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    make()
