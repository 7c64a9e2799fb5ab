"""One look for hints a process, four times a second, told to all who watch (docs/decisions/live.md)."""

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
PAUSE = 0.25  # seconds between two looks: nobody is told more often
AGAIN = 1.0  # seconds after a look that failed
FORGET = 10.0  # seconds between two clearances
SLACK = 2.0  # seconds by which the clocks of two hosts may differ
ALL = "all"  # the topic of who may have missed something
MANY = 200  # topics that are told one by one


class Watcher:
    """One open page: what it was told and has not sent yet."""

    def __init__(self) -> None:
        self.ended = False
        self._topics: set[str] = set()
        self._woken = asyncio.Event()

    def tell(self, topics: set[str]) -> None:
        self._topics |= topics
        if len(self._topics) > MANY:
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


class Lookout:
    """Watchers by team. The looking begins with the first of them."""

    def __init__(self) -> None:
        self.watchers: dict[int, set[Watcher]] = defaultdict(set)
        self.open: Counter[int] = Counter()  # pages by person
        self.looked_at = 0.0  # what was sent up to here was seen at that time
        self._begun: float | None = None  # nothing since then was missed
        self._changed: dict[int, float] = {}  # when a team's last hints were seen
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, team_id: int, person_id: int, since: float) -> Iterator[Watcher]:
        """`since`: what the page shows is as new as this (Unix time); it is told `all` if something came after."""
        if not self._looks():
            self._begun, self._task = None, asyncio.create_task(self._look())
        watcher = Watcher()
        self.watchers[team_id].add(watcher)
        self.open[person_id] += 1
        if self._begun and since - SLACK < max(self._begun, self._changed.get(team_id, 0.0)):
            watcher.tell({ALL})
        try:
            yield watcher
        finally:
            self.open[person_id] -= 1
            self.watchers[team_id].discard(watcher)
            if not self.watchers[team_id]:
                del self.watchers[team_id]

    def _looks(self) -> bool:
        """In the loop that runs now: one that has ended leaves its task neither done nor alive."""
        task = self._task
        return task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()

    async def _look(self) -> None:
        """For ever. Where it can't see, all streams end, and pages say that they are stale."""
        mark, forget_at = None, 0.0
        while True:
            try:
                now = time.time()
                mark, found = await rows(change_log.read, mark)
                self._tell(found, now)
                if now > forget_at:
                    await rows(change_log.forget)
                    forget_at = now + FORGET
            except DatabaseError as error:
                log.warning("look_failed", error=type(error).__name__)
                mark = self._begun = None
                self._each(Watcher.end)
                await asyncio.sleep(AGAIN)
            await asyncio.sleep(PAUSE)

    def _tell(self, found: dict[int, set[str]], now: float) -> None:
        """After the first look all are told, for something may have been missed before it."""
        self.looked_at = now
        if self._begun is None:
            self._begun = now
            self._each(lambda watcher: watcher.tell({ALL}))
        for team_id, topics in found.items():
            self._changed[team_id] = now
            for watcher in self.watchers.get(team_id, ()):
                watcher.tell(topics)

    def _each(self, deed: Callable[[Watcher], object]) -> None:
        for watchers in self.watchers.values():
            for watcher in watchers:
                deed(watcher)
