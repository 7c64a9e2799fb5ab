"""What goes wrong with it, as tests say."""

import contextlib
import random
import time


class Faults:
    """`down`: no answers, `errors`: 502 to this share of calls, `slow`: seconds before each answer, `lost_answers`: the
    share of calls that are carried out and not answered, `lost_hooks`, `double`: of deliveries."""

    def __init__(self):
        self._random = random.Random(1)  # noqa: S311
        self.reset()

    def reset(self):
        self.down = self.errors = self.slow = self.lost_answers = self.lost_hooks = self.double = 0.0

    def before(self):
        """A status in place of an answer, or None. Raises ConnectionAbortedError."""
        if self.slow:
            time.sleep(self.slow)
        if self.down:
            raise ConnectionAbortedError
        return 502 if self._random.random() < self.errors else None

    def after(self):
        if self._random.random() < self.lost_answers:
            raise ConnectionAbortedError

    def lost(self):
        return self._random.random() < self.lost_hooks

    def doubled(self):
        return self._random.random() < self.double

    @contextlib.contextmanager
    def with_faults(self, seed=None, **faults):
        """By the names that the contract suite uses."""
        words = {
            "down_for": "down",
            "error_rate": "errors",
            "lost_answer_rate": "lost_answers",
            "slow": "slow",
            "double": "double",
            "lost_hooks": "lost_hooks",
        }
        if seed is not None:
            self._random.seed(seed)
        for name, value in faults.items():
            setattr(self, words[name], value)
        try:
            yield
        finally:
            self.reset()
