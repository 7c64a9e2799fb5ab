"""Real virtual machines, by software emulation: what the whole product does with them, and what they can't do.

They need QEMU and an image (`make machines`, which `make test` calls where it can). Elsewhere these tests are
skipped with the reason; with CI=true that is a failure.
"""

import os

import pytest

from tfci.management.up import grid

GROUP = pytest.mark.xdist_group("machines")  # they boot one after the other, in one process of pytest


def need() -> None:
    """Returns where machines can run."""
    if lacks := grid.lacking(os.environ):
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end(f"no virtual machines here: {lacks} (make machines)")
