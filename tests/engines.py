"""A pytest plugin, loaded with -p: every run has its own PostgreSQL and Valkey in a temporary folder.

It comes before conftest.py, because Django's settings are read before that. Under xdist the controller
starts the engines, and each worker has a database of each to itself: pytest-django names PostgreSQL's, we
number Valkey's.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests import migrated
from tfci.management.up import postgres, valkey
from tfci.management.up.waiting import until

CARELESS = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
]  # PostgreSQL loses all with its host
WORKER = os.environ.get("PYTEST_XDIST_WORKER")


class Engines:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="farmhand-test-"))
        self.socket = self.folder / "valkey"
        data = self.folder / "postgres" / "data"
        data.parent.mkdir()
        migrated.copy_to(data)
        with open(self.folder / "log", "wb") as log:
            self.postgres = _start(postgres.command(data, self.folder, CARELESS), log)
            self.valkey = _start(valkey.command(self.socket), log)
        until(lambda: postgres.ready(self.folder), 30, "PostgreSQL")
        until(lambda: valkey.ready(self.socket), 10, "Valkey")

    def stop(self) -> None:
        self.valkey.terminate()
        self.postgres.send_signal(signal.SIGINT)
        self.valkey.wait(10)
        self.postgres.wait(30)
        shutil.rmtree(self.folder)


def _start(command: list[str], log) -> subprocess.Popen:
    # In a session of their own, for a Ctrl-C is meant for pytest, which then stops them in order.
    return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config):
    if WORKER:
        number = int(WORKER.removeprefix("gw")) + 1
        os.environ["FARMHAND_VALKEY"] = os.environ["FARMHAND_VALKEY"].replace("db=0", f"db={number}")
    else:
        os.environ |= {key: Fernet.generate_key().decode() for key in ("FARMHAND_KEYS", "SECRET_KEY")}
        engines = Engines()
        early_config.add_cleanup(engines.stop)
        os.environ |= {
            "DATABASE_URL": postgres.url(engines.folder),
            "FARMHAND_VALKEY": valkey.url(engines.socket),
            "FARMHAND_HOME": str(engines.folder / "home"),
            "FARMHAND_APPS": str(Path(__file__).parent / "runners/servers/catalogue/apps"),
        }
    return (yield)
