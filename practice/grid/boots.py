"""The queue of machines to boot: as many at a time as the host can bear."""

import time
from collections import deque
from collections.abc import Callable

PATIENCE = 60.0  # seconds that a boot keeps its place; after them the next one begins as well


class BootQueue:
    """Used under the grid's lock only."""

    def __init__(self, at_once: int, start: Callable[[int], bool], is_up: Callable[[int], bool]) -> None:
        """`start` says whether it started something; `is_up` is also true of what can't come up any more."""
        self._at_once, self._start, self._is_up = at_once, start, is_up
        self._waiting: deque[int] = deque()
        self._coming: dict[int, float] = {}

    def queue(self, contract_id: int) -> None:
        self._waiting.append(contract_id)
        self.turn()

    def drop(self, contract_id: int) -> bool:
        """It is not to boot after all; whether it waited to."""
        waited = contract_id in self._waiting
        self._waiting = deque(key for key in self._waiting if key != contract_id)
        return waited

    def turn(self) -> None:
        """Whoever has come up, or took too long, makes room for the next."""
        now = time.monotonic()
        coming = self._coming.items()
        self._coming = {key: until for key, until in coming if until > now and not self._is_up(key)}
        while self._waiting and len(self._coming) < self._at_once:
            contract_id = self._waiting.popleft()
            if self._start(contract_id):
                self._coming[contract_id] = now + PATIENCE
