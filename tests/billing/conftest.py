"""A chain, and an installation on it."""

import pytest

from tests.billing.installation import Installation
from tests.billing.till import Till


@pytest.fixture
def till():
    return Till()


@pytest.fixture
def farm(till):
    return Installation(till)


@pytest.fixture
def slow():
    """Finality is three blocks behind."""
    return Installation(Till(lag=3))
