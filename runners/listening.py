"""One LISTEN connection a process, that wakes whoever waits in it (docs/design/design.md, 9)."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog
from django.conf import settings

log = structlog.get_logger()
AGAIN = 1.0  # seconds until a lost connection is made anew


class Listener:
    """Waiters by key; a NOTIFY on the channel whose payload is the key wakes them."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.waiters: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.task: asyncio.Task | None = None

    @contextmanager
    def on(self, key: str) -> Iterator[asyncio.Event]:
        """An event that is set when the key is named. Look at the rows after entering, then wait."""
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._listen())
        event = asyncio.Event()
        self.waiters[key].add(event)
        try:
            yield event
        finally:
            self.waiters[key].discard(event)
            if not self.waiters[key]:
                del self.waiters[key]

    async def _listen(self) -> None:
        """Listen for ever. After each new connection all wake, for something may have been missed."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    settings.DATABASE_URL, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {self.channel}")
                    self._wake(list(self.waiters))
                    async for notice in connection.notifies():
                        self._wake([notice.payload])
            except (psycopg.Error, OSError) as error:
                log.warning("listen_lost", channel=self.channel, error=type(error).__name__)
            await asyncio.sleep(AGAIN)

    def _wake(self, keys: list[str]) -> None:
        for key in keys:
            for event in self.waiters.get(key, ()):
                event.set()
