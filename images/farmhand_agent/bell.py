"""One wait for all that can happen."""

import contextlib
import os
import select
import signal


class Bell:
    """Wakes the main thread: rung by signals, by ended children, and by the thread that reports."""

    def __init__(self):
        self.ear, self.hammer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.hammer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def ring(self):
        with contextlib.suppress(BlockingIOError):  # it is ringing already
            os.write(self.hammer, b"!")

    def wait(self, seconds, *others):
        """Those of `others` that can be read, as soon as there are any, it rings, or time is over."""
        ready, _, _ = select.select([self.ear, *others], [], [], max(0, seconds))
        if self.ear in ready:
            os.read(self.ear, 4096)
        return [other for other in ready if other != self.ear]
