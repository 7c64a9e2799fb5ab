"""A thousand open live pages on one ASGI process: how soon each is told of a change, and what it weighs.

A page is a stream as a browser opens it, through Caddy. The change is a row that is committed; what it takes a page to
ask for its part after that is in `pages`.
"""

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time

from tests.bench.figures import spread, verdict
from tests.bench.stage import ROOT, Stage
from tfci.management.up.environment import environment

PAGES, READERS = 1000, 40  # open pages, and the people who look at them
CHANGES = 20
PATIENCE = 60  # seconds until all are open, and until a change has come to all
CHANGE = "UPDATE runners_pool SET decision = %s RETURNING id"


class Page:
    """One stream: what it was told, and when."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}  # each topic's latest time

    async def read(self, port: int, session: str, opened: asyncio.Semaphore) -> None:
        """Until cancelled. Raises ConnectionError when it is no stream, or ends."""
        head = f"GET /live/t/demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: farmhand_session={session}\r\n\r\n"
        async with opened:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(head.encode())
            status = await reader.readline()
        with contextlib.closing(writer):
            if b" 200 " not in status:
                raise ConnectionError(status.decode())
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.told |= dict.fromkeys(line.decode().split()[1:], time.perf_counter())
        raise ConnectionError("a stream has ended")


def measure(stage: Stage) -> None:
    sessions, before = _sessions(stage), {name: stage.memory(name) for name in ("uvicorn", "caddy")}
    took, opening, used = asyncio.run(_watch(stage, sessions, before))
    print(f"real       {PAGES} pages open, {opening:.1f} s; a change until a page is told  {spread(took)}")
    print(f"           its max in seconds: {verdict(max(took), 1)}")
    for name, size in used.items():
        each = (size - before[name]) / PAGES / 1024
        print(
            f"           {name:<8}{before[name] / 2**20:.0f} -> {size / 2**20:.0f} MiB, {each:.0f} KiB a page"
        )


def _sessions(stage: Stage) -> list[str]:
    told = environment(stage.home, os.environ) | {"DJANGO_SETTINGS_MODULE": "tfci.settings"}
    command = [sys.executable, "-m", "tests.bench.readers", "demo", str(READERS)]
    return subprocess.run(
        command, env=told, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.split()


async def _watch(stage: Stage, sessions: list[str], before: dict[str, int]):
    """How long each page waited for each change, how long all took to open, and the memory while they were."""
    pages, opened, began = [Page() for _ in range(PAGES)], asyncio.Semaphore(50), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(page.read(stage.port, sessions[n % READERS], opened))
            for n, page in enumerate(pages)
        ]
        await _all(pages, "all", began)
        opening, took = time.perf_counter() - began, []
        for number in range(CHANGES):
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311
            changed = time.perf_counter()
            [(pool,)] = await asyncio.to_thread(stage.sql, CHANGE, f"change {number}")
            await _all(pages, f"pool:{pool}", changed)
            took += [page.told[f"pool:{pool}"] - changed for page in pages]
        used = {name: stage.memory(name) for name in before}
        for task in tasks:
            task.cancel()
    return took, opening, used


async def _all(pages: list[Page], topic: str, since: float) -> None:
    async with asyncio.timeout(PATIENCE):
        while not all(page.told.get(topic, 0.0) >= since for page in pages):
            await asyncio.sleep(0.05)
