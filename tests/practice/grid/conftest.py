"""A simulated grid for each test that asks; `a_grid` takes options of its own."""

import pytest

from tests.practice.grid.harness import Grid


@pytest.fixture
def a_grid(tmp_path):
    made = []

    def make(*options):
        made.append(Grid(tmp_path / f"grid{len(made)}", *options))
        return made[-1]

    yield make
    for grid in made:
        grid.close()


@pytest.fixture
def grid(a_grid):
    """Its chain's clock stands still."""
    return a_grid("--speed", "0")


@pytest.fixture
def account(grid):
    return grid.account()
