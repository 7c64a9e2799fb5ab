"""Its own clock, which tests move: tokens end, limits are reset and deliveries grow old by it."""

import time
from datetime import UTC, datetime


class Clock:
    """Runs with the real one, unless it was told to stand still."""

    def __init__(self):
        self._ahead, self._stands = 0.0, None

    def seconds(self):
        return self._stands if self._stands is not None else time.time() + self._ahead

    def now(self):
        return datetime.fromtimestamp(self.seconds(), UTC)

    def move(self, seconds):
        if self._stands is not None:
            self._stands += seconds
        else:
            self._ahead += seconds

    def stand(self, at):
        self._stands = at.timestamp()


def text(moment):
    """As GitHub writes it; None stays None."""
    return moment and moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
