"""Fails tasks that get no updates any more (Gitea: every 5 minutes; here every second)."""

import threading
import time

from practice.forge import tasks
from practice.forge.store import Store

EVERY = 1.0


class Sweeper(threading.Thread):
    def __init__(self, store: Store) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._store = store
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(EVERY):
            with self._store.transaction():
                tasks.fail_zombies(self._store, time.time())

    def end(self) -> None:
        self._ended.set()
        self.join(EVERY + 1)
