import pytest
import time_machine
from django.core.cache import cache

from tests.builders import NOON


@pytest.fixture(autouse=True)
def nothing_kept():
    """No answer of another test, and no count of who asked how often."""
    cache.clear()


@pytest.fixture
def frozen_noon():
    """One minute for as long as the test lasts."""
    with time_machine.travel(NOON, tick=False):
        yield
