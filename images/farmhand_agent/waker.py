"""One wait for everything that the main thread reacts to."""

import contextlib
import os
import select
import signal


class Waker:
    """Wakes the main thread: for signals, for ended children, and for the thread that reports."""

    def __init__(self):
        self.read_fd, self.write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.write_fd, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def wake(self):
        with contextlib.suppress(BlockingIOError):  # it is awake already
            os.write(self.write_fd, b"!")

    def wait(self, seconds, *others):
        """Those of `others` that can be read, as soon as there are any, wake() is called, or time is over."""
        ready, _, _ = select.select([self.read_fd, *others], [], [], max(0, seconds))
        if self.read_fd in ready:
            os.read(self.read_fd, 4096)
        return [other for other in ready if other != self.read_fd]
