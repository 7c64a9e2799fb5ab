"""How soon the site answers while strangers hold connections whose bodies don't come."""

import http.client
import socket
import time
from contextlib import ExitStack, closing

from tests.bench.figures import percentile, spread, verdict
from tests.bench.stage import Stage

CONNECTIONS = 500
PATHS = ("/hooks/x", "/hooks/x", "/hooks/x", "/accounts/login/", "/api/v1/jobs", "/agent/claim")
LENGTH = 900_000  # bytes that are announced; one is sent
CALLS, PAUSE = 200, 0.02  # of /health; seconds between two
TIMEOUT = 30


def measure(stage: Stage) -> None:
    quiet = _health(stage.port)
    with ExitStack() as held:
        before = stage.memory("caddy")
        for number in range(CONNECTIONS):
            held.enter_context(closing(_begin(stage.port, PATHS[number % len(PATHS)])))
        time.sleep(1)
        took = _health(stage.port)
        weight = (stage.memory("caddy") - before) / CONNECTIONS / 1024
    print(f"real       /health, nobody else   {spread(quiet)}")
    print(f"real       /health beside {CONNECTIONS}     {spread(took)}")
    print(f"           p99 {verdict(percentile(took, 0.99), 0.5)} s; {weight:.0f} KiB of Caddy a connection")


def _begin(port: int, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {LENGTH}\r\n\r\nx".encode()
    )
    return connection


def _health(port: int) -> list[float]:
    """Seconds of each call. Each has a connection of its own, as a stranger's has."""
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)) as connection:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            answer.read()
        if answer.status != 200:
            raise ConnectionError(f"/health answers {answer.status}")
        took.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    return took
