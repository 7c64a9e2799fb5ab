"""Waiting for something to be so, and not for ever."""

import time
from collections.abc import Callable


def until(
    ready: Callable[[], bool], seconds: float, what: str, meanwhile: Callable[[], object] = bool
) -> None:
    """Returns once ready() is true; between two looks does meanwhile(). Raises TimeoutError naming what."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Timeout after {seconds:.0f} s waiting for {what}.")
        meanwhile()
        time.sleep(0.1)
