"""For views where many wait: rows are read in a thread, and one LISTEN connection a process wakes its waiting calls
(docs/design/design.md, 9)."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import connection as database
from psycopg.conninfo import make_conninfo

T = TypeVar("T")
log = structlog.get_logger()
RETRY = 1.0  # seconds until a lost connection is made anew


async def rows(function: Callable[..., T], *args: object, **kwargs: object) -> T:
    """Call a function in a thread, and give its connection back to the pool: none is held while somebody waits."""

    def call() -> T:
        try:
            return function(*args, **kwargs)
        finally:
            database.close()

    return await sync_to_async(call)()


class Listener:
    """Waiters by key; a NOTIFY on the channel whose payload is the key wakes them."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.waiters: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.task: asyncio.Task[None] | None = None

    @contextmanager
    def on(self, key: str) -> Iterator[asyncio.Event]:
        """An event that is set when the key is named. Look at the rows after entering, then wait."""
        if not self._listens():
            self.task = asyncio.create_task(self._listen())
        event = asyncio.Event()
        self.waiters[key].add(event)
        try:
            yield event
        finally:
            self.waiters[key].discard(event)
            if not self.waiters[key]:
                del self.waiters[key]

    def _listens(self) -> bool:
        """In the loop that runs now: one that has ended leaves its task neither done nor alive."""
        task = self.task
        return task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()

    async def _listen(self) -> None:
        """Listen for ever. After each new connection all wake, for something may have been missed."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(_address(), autocommit=True) as own:
                    await own.execute(f"LISTEN {self.channel}")
                    self._wake(list(self.waiters))
                    async for notice in own.notifies():
                        self._wake([notice.payload])
            except (psycopg.Error, OSError) as error:
                log.warning("listen_lost", channel=self.channel, error=type(error).__name__)
            await asyncio.sleep(RETRY)

    def _wake(self, keys: list[str]) -> None:
        for key in keys:
            for event in self.waiters.get(key, ()):
                event.set()


def _address() -> str:
    """Where Django's own connections go."""
    known = database.settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo("", **{parameter: known[name] for parameter, name in names.items() if known[name]})
