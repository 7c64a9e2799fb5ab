"""Where nudges come by the thousand: a thread passes them on, so that nobody who answers waits for the broker."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

# Seconds between two rounds: what comes meanwhile for one key is passed on once. So long for each that came in the last
# round, within a bound: one alone is passed on at once, and of a stream each round is a task of many.
PAUSE_EACH = 0.02
LONGEST_PAUSE = 0.1


class Bell:
    """press(key) returns at once; ring(key) is called soon, by the bell's thread. What a process that dies has not
    passed on, the schedule finds."""

    def __init__(self, ring: Callable[[int], None]) -> None:
        self._ring = ring
        self._pressed: SimpleQueue[int] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def press(self, key: int) -> None:
        self._pressed.put(key)
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._pass_on, name="bell", daemon=True)
                self._thread.start()

    def _pass_on(self) -> None:
        while True:
            pressed = self._round()
            for key in set(pressed):
                self._ring(key)
            time.sleep(min(PAUSE_EACH * len(pressed), LONGEST_PAUSE))

    def _round(self) -> list[int]:
        """All that were pressed; waits for the first."""
        pressed = [self._pressed.get()]
        try:
            while True:
                pressed.append(self._pressed.get_nowait())
        except Empty:
            return pressed
