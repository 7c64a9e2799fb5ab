"""A worker keeps its database session from task to task, and gets a new one where PostgreSQL has ended it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.core.processes.session_worker import ANSWERS, app
from tests.engines import CARELESS
from tfci.celery import broker_of
from tfci.management.up import postgres, valkey
from tfci.management.up.waiting import until

ROOT = Path(__file__).resolve().parents[3]
POOLS = ("prefork", "threads")
START = 60  # seconds for a worker on a busy computer


class Engines:
    """A PostgreSQL and a Valkey of their own, for the first does not fare well."""

    def __init__(self, folder: Path) -> None:
        self.sockets, self._data = folder, folder / "postgres" / "data"
        folder.chmod(0o755)  # PostgreSQL may be another user
        postgres.initialise(self._data)
        self._valkey = subprocess.Popen(valkey.command(folder / "valkey"), stdout=subprocess.DEVNULL)
        self.start_postgres()
        until(lambda: valkey.ready(folder / "valkey"), 10, "Valkey")

    def start_postgres(self) -> None:
        command = postgres.command(self._data, self.sockets, CARELESS)
        self._postgres = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: postgres.ready(self.sockets), 30, "PostgreSQL")

    def stop_postgres(self) -> None:
        self._postgres.send_signal(signal.SIGINT)
        self._postgres.wait(30)

    def stop(self) -> None:
        self._valkey.kill()
        self._valkey.wait()
        self.stop_postgres()


@pytest.fixture(scope="module")
def engines(tmp_path_factory) -> Iterator[Engines]:
    engines = Engines(tmp_path_factory.mktemp("sessions", numbered=True))
    yield engines
    engines.stop()


@pytest.fixture(params=POOLS)
def sessions(request, engines) -> Iterator:
    """sessions(count) -> what so many tasks told, one after the other, of one worker."""
    variables = {
        "DATABASE_URL": postgres.url(engines.sockets),
        "FARMHAND_VALKEY": valkey.url(engines.sockets / "valkey"),
        "FARMHAND_PROCESS": "worker-act",
        "CELERY_SKIP_CHECKS": "1",
    }
    words = ["worker", "--pool", request.param, "-c", "1", "-Q", "upkeep"]
    command = [Path(sys.executable).with_name("celery"), "-A", "tests.core.processes.session_worker", *words]
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, stderr=subprocess.DEVNULL)
    yield lambda count: [_session(variables["FARMHAND_VALKEY"]) for _ in range(count)]
    worker.kill()
    worker.wait()


def _session(address: str) -> str:
    patient = Redis.from_url(address, socket_timeout=2 * START)
    with app.connection_for_write(broker_of(address)) as broker, patient as answers:
        app.send_task("tests.session", queue="upkeep", connection=broker)
        told = answers.blpop(ANSWERS, START)
    assert told, "No worker took the task."
    return told[1].decode()


def test_a_session_is_kept_and_opened_anew_after_a_restart_of_the_database(sessions, engines):
    before = sessions(3)
    engines.stop_postgres()
    engines.start_postgres()
    after = sessions(3)
    assert before == [before[0]] * 3 and after == [after[0]] * 3
    assert before[0].isdigit() and after[0].isdigit() and before[0] != after[0]
