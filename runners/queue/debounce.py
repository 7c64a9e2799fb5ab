"""Where nudges come by the thousand: a thread passes them on, so that nobody who answers waits for the broker."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

# Seconds between two rounds: what comes meanwhile for one key is passed on once. So long for each that came in the last
# round, within a bound: one alone is passed on at once, and of a stream each round is a task of many.
PAUSE_EACH = 0.02
LONGEST_PAUSE = 0.1


class Debouncer:
    """notify(key) returns at once; send(key) is called soon, by a thread of its own. What a process that dies has not
    sent, the schedule finds."""

    def __init__(self, send: Callable[[int], None]) -> None:
        self._send = send
        self._waiting: SimpleQueue[int] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def notify(self, key: int) -> None:
        self._waiting.put(key)
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._send_in_rounds, name="debouncer", daemon=True)
                self._thread.start()

    def _send_in_rounds(self) -> None:
        while True:
            waiting = self._round()
            for key in set(waiting):
                self._send(key)
            time.sleep(min(PAUSE_EACH * len(waiting), LONGEST_PAUSE))

    def _round(self) -> list[int]:
        """All that wait; blocks until there is one."""
        waiting = [self._waiting.get()]
        try:
            while True:
                waiting.append(self._waiting.get_nowait())
        except Empty:
            return waiting
