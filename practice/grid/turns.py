"""One act at a time for each account: a second one waits, and the journal records a collision.

On the real chain the second one would have read the same nonce; here it queues.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    def __init__(self, collided: Callable[[int, str, str], None]) -> None:
        """`collided(twin_id, came, running)` is called when an act comes while another one runs."""
        self._collided = collided
        self._lock = threading.Lock()
        self._running: dict[int, list[str]] = defaultdict(list)
        self._gates: dict[int, threading.Lock] = defaultdict(threading.Lock)

    @contextmanager
    def take(self, twin_id: int, act: str) -> Iterator[None]:
        """Wait for this account's turn and hold it."""
        with self._lock:
            running, gate = self._running[twin_id], self._gates[twin_id]
            before = running[-1] if running else ""
            running.append(act)
        if before:
            self._collided(twin_id, act, before)
        try:
            with gate:
                yield
        finally:
            with self._lock:
                running.remove(act)
