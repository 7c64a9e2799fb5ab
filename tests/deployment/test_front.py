"""The front: the real Caddyfile before Granian as `make run` starts it, with a small application for the product."""

import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tfci.management.up import ports
from tfci.management.up.processes import COMMANDS
from tfci.management.up.waiting import until

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BOUND = "read_body 2m"
SENT_SLOWLY = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n{}"


class Front:
    """Caddy and Granian. Every call is bounded by 20 s."""

    def __init__(self, folder: Path, caddyfile: str) -> None:
        (folder / "Caddyfile").write_text(caddyfile)
        self.port, self._folder = next(ports.free()), folder
        self.web = self._start(COMMANDS["web"].replace("tfci.wsgi", "tests.deployment.slow_pages"))
        self.caddy = self._start(f"caddy run --config {folder / 'Caddyfile'} --adapter caddyfile")

    def _start(self, command: str) -> subprocess.Popen:
        program, *words = shlex.split(command)
        environment = os.environ | {
            "GRANIAN_UDS": str(self._folder / "web"),
            "FARMHAND_SITE": f"http://:{self.port}",
            "FARMHAND_LISTEN": "127.0.0.1",
            "FARMHAND_WEB": f"unix/{self._folder / 'web'}",
            "FARMHAND_AGENTS": f"unix/{self._folder / 'web'}",
            "XDG_DATA_HOME": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder),
        }
        with open(self._folder / f"{program}.log", "ab") as log:
            command = [BIN / program, *words]
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def workers(self) -> list[int]:
        pid = self.web.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("POST" if body is not None else "GET", path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def begin(self, path: str, length: int, body: str = "x") -> socket.socket:
        """A request whose body does not come whole."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(SENT_SLOWLY.format(path, length, body).encode())
        return connection

    def answers(self) -> bool:
        try:
            return self.ask("/health")[0] == 200
        except OSError:
            return False

    def end(self) -> None:
        for process in (self.caddy, self.web):
            process.terminate()
            process.wait(20)


@contextmanager
def running(caddyfile: str) -> Iterator[Front]:
    with tempfile.TemporaryDirectory() as folder:  # a short name: the address of a socket has a limit
        front = Front(Path(folder), caddyfile)
        try:
            until(front.answers, 60, "the front")
            yield front
        finally:
            front.end()


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    with running((ROOT / "Caddyfile").read_text()) as front:
        yield front


@pytest.fixture(scope="module")
def hasty() -> Iterator[Front]:
    """One that waits for a body for a second only."""
    caddyfile = (ROOT / "Caddyfile").read_text()
    assert BOUND in caddyfile
    with running(caddyfile.replace(BOUND, "read_body 1s")) as front:
        yield front


@pytest.mark.parametrize("path", ["/hooks/x", "/api/v1/jobs", "/accounts/login/"])
def test_bodies_that_do_not_come_take_no_web_thread(front, path):
    with ExitStack() as slow:
        for length in (900, 90_000, 900_000) * 8:
            slow.enter_context(closing(front.begin(path, length)))
        time.sleep(0.5)
        began = time.monotonic()
        assert front.ask("/health") == (200, "0")
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("length", [900, 900_000])
@pytest.mark.parametrize("path", ["/hooks/x", "/agent/beat"])
def test_a_body_that_does_not_come_in_time_ends_its_connection(hasty, path, length):
    with closing(hasty.begin(path, length, "x" * 500)) as connection:
        until(lambda: connection.recv(4096) == b"", 10, "the end of the connection")


def test_a_body_that_comes_slowly_and_in_time_arrives_whole(front):
    with closing(front.begin("/hooks/x", 900_000, "")) as connection:
        for _ in range(9):
            connection.sendall(b"x" * 100_000)
            time.sleep(0.1)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_who_waits_longer_for_an_answer_than_a_body_may_take_gets_it(hasty):
    """As agents and live pages do."""
    began = time.monotonic()
    assert hasty.ask("/agent/order?wait=2.5", b"{}") == (200, "2")
    assert time.monotonic() - began > 2


@pytest.mark.parametrize("path, length", [("/api/v1/jobs", 1_300_000), ("/hooks/x", 10_000_000)])
def test_what_is_too_large_is_refused_before_it_is_read(front, path, length):
    with closing(front.begin(path, length)) as connection:
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_delivery_that_is_too_large_for_a_web_process_still_reaches_it(front):
    """It counts these for the page of who sent them."""
    assert front.ask("/hooks/x", b"x" * 1_300_000) == (200, "1300000")


def deliver(front: Front, until_set: threading.Event, answers: Counter) -> None:
    while not until_set.is_set():
        answers[front.ask("/hooks/x", b"delivery")] += 1


def all_at_once(work: Callable[[], None], count: int) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_a_web_worker_that_is_killed_costs_no_delivery_and_gets_a_successor(front):
    answers, enough, first = Counter(), threading.Event(), front.workers()
    senders = all_at_once(lambda: deliver(front, enough, answers), 8)
    try:
        time.sleep(0.5)
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(set(front.workers()) - set(first)) == 1, 20, "a successor")
        time.sleep(0.5)
    finally:
        enough.set()
    for sender in senders:
        sender.join(30)
    assert set(answers) == {(200, "8")}
    assert first[1] in front.workers()
