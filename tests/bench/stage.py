"""The whole product in a folder of its own, and the view that it is compared with beside it."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet

from tests.bench.deliveries import Deliveries
from tests.chaos.product import ROOT, Product
from tfci.management.up import ports, postgres
from tfci.management.up.waiting import until

BARE = (
    "granian --interface wsgi --workers 2 --blocking-threads 4 --log-level error tests.bench.bare:application"
)
BARE_SECRET = "bare"  # noqa: S105  it protects nothing
BARE_TABLES = """
    CREATE TABLE delivery (id bigserial PRIMARY KEY, delivery_id text UNIQUE, event text, received_at timestamptz);
    CREATE TABLE job (id bigserial PRIMARY KEY, forge_job_id text UNIQUE, repository text, name text, labels jsonb,
        state text, queued_at timestamptz, heard_at timestamptz);
"""
LOOK = 0.01  # seconds between two looks at the rows
TICK = os.sysconf("SC_CLK_TCK")


class Stage(Product):
    """The product, asked for what a measurement needs. Its one pool is the demo's."""

    def pool(self, **columns: object) -> None:
        """Change the pool, by its columns."""
        for name, value in columns.items():
            value = json.dumps(value) if isinstance(value, dict) else value
            self.sql(f"UPDATE runners_pool SET {name} = %s", value)  # noqa: S608  our own names

    def deliveries(self, label: str = "small") -> Deliveries:
        """Deliveries that the demo's organisation takes for its forge's."""
        [(address, sealed)] = self.sql("SELECT address, hook_secret FROM forges_connection")
        secret = Fernet(self.home.secrets()["keys"]).decrypt(sealed).decode()
        return Deliveries(f"/hooks/{address}", secret, label)

    @contextlib.contextmanager
    def looking(self) -> Iterator[Callable[..., list[tuple]]]:
        """look(query, values) -> rows, over one connection that stays open."""
        with psycopg.connect(postgres.url(self.home.sockets), autocommit=True) as database:
            yield lambda query, *values: database.execute(query, values).fetchall()

    @contextlib.contextmanager
    def no_polls(self) -> Iterator[None]:
        """Polls rest, as when a forge asks for it: they would find that it has none of the sender's jobs."""
        self.sql("UPDATE forges_connection SET limited_until = now() + interval '1 hour'")
        try:
            yield
        finally:
            self.sql("UPDATE forges_connection SET limited_until = NULL")

    def until_taken_in(self, seconds: float = 60) -> float:
        """Until all that forges told stands in rows. Returns the seconds that it took."""
        began = time.monotonic()
        until(
            lambda: not self.sql("SELECT 1 FROM forges_delivery WHERE told IS NOT NULL LIMIT 1"),
            seconds,
            "the intake",
        )
        return time.monotonic() - began

    def until_quiet(self, seconds: float = 120) -> None:
        """Until no job is open and no VM is left."""
        self.pool(min_vms={}, linger_minutes=0)
        busy = (
            "SELECT 1 FROM runners_vm WHERE state <> 'gone'"
            " UNION ALL SELECT 1 FROM runners_job WHERE state <> 'completed' AND pool_id IS NOT NULL"
        )
        until(lambda: not self.sql(busy), seconds, "the last VM to go")

    def cpu(self, *programs: str) -> float:
        """Seconds of processor time that the product's children which run these programs, and theirs, have used."""
        return sum(cpu_of(pid) for pid in _children(self._process.pid) if _program(pid) in programs)

    def memory(self, program: str) -> int:
        """Bytes that the product's children which run this program have in memory."""
        return sum(_resident(pid) for pid in _children(self._process.pid) if _program(pid) == program)

    def kill_web_worker(self) -> int:
        """One of Granian's workers dies without a word. Returns its process id."""
        [granian] = [pid for pid in _children(self._process.pid) if _program(pid) == "granian"]
        victim = _children(granian)[0]
        os.kill(victim, signal.SIGKILL)
        return victim

    @contextlib.contextmanager
    def bare(self) -> Iterator[tuple[int, int]]:
        """The bare view, served with a database of its own beside the product's. Its port and process id."""
        url, port = postgres.url(self.home.sockets), next(ports.free())
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("CREATE DATABASE bare")
        with psycopg.connect(url.replace("dbname=farmhand", "dbname=bare")) as database:
            database.execute(BARE_TABLES)
        program, *words = shlex.split(BARE)
        command = [Path(sys.executable).with_name(program), *words, "--port", str(port)]
        environment = os.environ | {"BARE_HOST": str(self.home.sockets), "BARE_SECRET": BARE_SECRET}
        server = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            until(lambda: ports.taken("127.0.0.1", port), 20, "the bare view")
            yield port, server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process and all that descend from it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK + sum(map(cpu_of, _children(pid)))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _program(pid: int) -> str:
    """The name of what a process runs; its title may be longer ("postgres: writer")."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def seen(look: Callable[[], list[tuple]], wanted: int, seconds: float) -> dict[str, list[float]]:
    """By key, the first row that look() has for it, and when that was by the sender's clock."""
    found: dict[str, list[float]] = {}
    deadline = time.time() + seconds
    while len(found) < wanted:
        if time.time() > deadline:
            raise TimeoutError(f"Only {len(found)} of {wanted} came within {seconds:.0f} s.")
        for key, *row in look():
            found.setdefault(key, [*row, time.time()])
        time.sleep(LOOK)
    return found
