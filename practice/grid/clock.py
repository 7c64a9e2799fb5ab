"""Chain time: its own, with a speed, and stepped by whoever tests."""

import time
from typing import Any


class Clock:
    """Seconds since 1970 in chain time; never runs backward.

    While it runs it is anchored to the host's time, so that it goes on while this process is away.
    Speed 0 is a frozen clock. Changed by events only.
    """

    def __init__(self) -> None:
        self._set(chain=time.time(), speed=1.0)

    def now(self) -> float:
        return self._chain + (time.monotonic() - self._since) * self.speed

    def second(self) -> int:
        """The chain's time stamp: whole seconds."""
        return int(self.now())

    def apply(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "clock", "chain": chain, "speed": speed, "wall": wall}:
                self._set(chain + max(0.0, time.time() - wall) * speed, speed)

    def _set(self, chain: float, speed: float) -> None:
        self.speed = speed
        self._chain = chain
        self._since = time.monotonic()
