"""A team's jobs beside another team's 41 connections to a forge that never answers: from a webhook to the order that is
committed, without them and with them, in turns."""

import contextlib
import random
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import load, orders
from tests.bench.figures import percentile, shares, spread, verdict
from tests.bench.stage import Stage

CONNECTIONS = 41
TURNS, JOBS = 3, 15  # of each kind; in each turn
PAUSE = (0.3, 1.0)  # seconds between two jobs: a turn outlasts what a call may take
LIMIT = 1.5  # times the p95 without them
TEAM = {"name": "'Silence'", "slug": "'silence'"}
LINK = {
    "team_id": "(SELECT id FROM accounts_team WHERE slug = 'silence')",
    "name": "'silent' || number",
    "address": "'silent' || number",
    "way": "'poll'",
    "hook_id": "''",
    "signpost_labels": "'[]'::jsonb",
    "disconnected_at": "now()",
}


def measure() -> None:
    with tempfile.TemporaryDirectory(prefix="farmhand-bench-") as folder, _silent() as port:
        stage = Stage(Path(folder), FARMHAND_ALLOW_PRIVATE_FORGES="1")
        stage.start()
        try:
            stage.until_quiet()
            _tell(*_in_turns(stage, port))
        finally:
            stage.end()


@contextlib.contextmanager
def _silent() -> Iterator[int]:
    """The port of a host that accepts every connection, keeps it open and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as server:
        kept: list[socket.socket] = []
        threading.Thread(target=_accept, args=(server, kept), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for connection in kept:
            connection.close()


def _accept(server: socket.socket, kept: list[socket.socket]) -> None:
    with contextlib.suppress(OSError):  # until it is closed
        while True:
            kept.append(server.accept()[0])


def _in_turns(stage: Stage, port: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The phases of all jobs without the connections, and with them."""
    dice, supply = random.Random(11), stage.deliveries()
    _connect(stage, port)
    stage.pool(max_vms=2 * JOBS, linger_minutes=0, min_vms={})
    stage.sql(
        "UPDATE forges_connection SET limited_until = now() + interval '1 hour' WHERE disconnected_at IS NULL"
    )
    found = {phase: [] for phase in orders.PHASES}, {phase: [] for phase in orders.PHASES}
    for _ in range(TURNS):
        for there, phases in enumerate(found):
            _let_be_there(stage, bool(there))
            sent = []
            for _ in range(JOBS):
                sent += (deliveries := supply.make(1))
                orders.ordered(stage, deliveries, phases)
                time.sleep(dice.uniform(*PAUSE))
            load.at_once(stage.port, supply.ends(sent), 4)
            stage.until_quiet()
    return found


def _connect(stage: Stage, port: int) -> None:
    """Copies of the demo's team and connection, but for what makes them others. None is there yet."""
    _copy(stage, "accounts_team", TEAM, 1)
    url = {"url": f"'http://127.0.0.1:{port}'"}
    _copy(stage, "forges_connection", LINK | url, CONNECTIONS)


def _copy(stage: Stage, table: str, other: dict[str, str], times: int) -> None:
    known = stage.sql(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'",
        table,
    )
    columns = [name for (name,) in known]
    values = ", ".join(other.get(name, name) for name in columns)
    stage.sql(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
        f" FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) first, generate_series(1, {times}) number"
    )


def _let_be_there(stage: Stage, there: bool) -> None:
    """All connections at once, as if they were new; or none."""
    fresh = "unlinked_at = NULL, poll_at = now(), polled_at = NULL, silent_since = NULL, retry_at = NULL"
    stage.sql(
        f"UPDATE forges_connection SET {fresh if there else 'disconnected_at = now()'} WHERE address LIKE 'silent%%'"
    )


def _tell(alone: dict[str, list[float]], beside: dict[str, list[float]]) -> None:
    wholes = []
    for title, phases in (("without them", alone), (f"beside {CONNECTIONS}", beside)):
        wholes.append([sum(parts) for parts in zip(*phases.values(), strict=True)])
        print(f"simulated  webhook -> ordered, {title:<13}{spread(wholes[-1])}")
        print(*(f"             {line}" for line in shares(phases)), sep="\n")
    ratio = percentile(wholes[1], 0.95) / percentile(wholes[0], 0.95)
    print(f"           p95 beside them {ratio:.2f} of that without them, {verdict(ratio, LIMIT)}")
