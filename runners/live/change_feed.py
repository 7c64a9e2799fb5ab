"""One poll for hints a process, four times a second, sent to all watchers (docs/decisions/live.md)."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog
from django.db import DatabaseError

from runners.live import change_log
from runners.live.pg_listener import rows

log = structlog.get_logger()
PAUSE = 0.25  # seconds between two polls: no page gets hints more often
RETRY = 1.0  # seconds after a poll that failed
CLEANUP_EVERY = 10.0  # seconds between two deletions of old hints
SLACK = 2.0  # seconds by which the clocks of two hosts may differ
ALL = "all"  # the topic for pages that may have missed something
MAX_TOPICS = 200  # topics that are sent one by one


class Watcher:
    """One open page: its topics that are not sent yet."""

    def __init__(self) -> None:
        self.ended = False
        self._topics: set[str] = set()
        self._woken = asyncio.Event()

    def notify(self, topics: set[str]) -> None:
        self._topics |= topics
        if len(self._topics) > MAX_TOPICS:
            self._topics = {ALL}
        self._woken.set()

    def end(self) -> None:
        self.ended = True
        self._woken.set()

    async def topics(self, seconds: float) -> set[str]:
        """All since the last call, as soon as there is one; none when nothing came for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
        topics, self._topics = self._topics, set()
        return topics


class ChangeFeed:
    """Watchers by team. Polling begins with the first of them."""

    def __init__(self) -> None:
        self.watchers: dict[int, set[Watcher]] = defaultdict(set)
        self.open: Counter[int] = Counter()  # pages by person
        self.read_until = 0.0  # everything committed up to then has been sent
        self._complete_since: float | None = None  # nothing since then was missed
        self._changed: dict[int, float] = {}  # when a team's last hints were seen
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, team_id: int, person_id: int, since: float) -> Iterator[Watcher]:
        """`since`: what the page shows is as new as this (Unix time); it gets `all` if something came after."""
        if not self._is_polling():
            self._complete_since, self._task = None, asyncio.create_task(self._poll())
        watcher = Watcher()
        self.watchers[team_id].add(watcher)
        self.open[person_id] += 1
        if self._complete_since and since - SLACK < max(
            self._complete_since, self._changed.get(team_id, 0.0)
        ):
            watcher.notify({ALL})
        try:
            yield watcher
        finally:
            self.open[person_id] -= 1
            self.watchers[team_id].discard(watcher)
            if not self.watchers[team_id]:
                del self.watchers[team_id]

    def _is_polling(self) -> bool:
        """In the loop that runs now: one that has ended leaves its task neither done nor alive."""
        task = self._task
        return task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()

    async def _poll(self) -> None:
        """For ever. Where it can't read, all streams end, and pages show that they are stale."""
        mark, cleanup_at = None, 0.0
        while True:
            try:
                now = time.time()
                mark, found = await rows(change_log.read, mark)
                self._publish(found, now)
                if now > cleanup_at:
                    await rows(change_log.delete_old)
                    cleanup_at = now + CLEANUP_EVERY
            except DatabaseError as error:
                log.warning("poll_failed", error=type(error).__name__)
                mark = self._complete_since = None
                self._each(Watcher.end)
                await asyncio.sleep(RETRY)
            await asyncio.sleep(PAUSE)

    def _publish(self, found: dict[int, set[str]], now: float) -> None:
        """After the first poll all are notified, for something may have been missed before it."""
        self.read_until = now
        if self._complete_since is None:
            self._complete_since = now
            self._each(lambda watcher: watcher.notify({ALL}))
        for team_id, topics in found.items():
            self._changed[team_id] = now
            for watcher in self.watchers.get(team_id, ()):
                watcher.notify(topics)

    def _each(self, action: Callable[[Watcher], object]) -> None:
        for watchers in self.watchers.values():
            for watcher in watchers:
                action(watcher)
