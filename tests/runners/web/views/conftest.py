import pytest
from django.utils import timezone

from tests.house import a_house
from tests.people import client_of
from tests.worlds import a_world


@pytest.fixture(autouse=True)
def outside(monkeypatch):
    """A forge in memory, where pages reach for one."""
    world, forge, _, _ = a_world()
    monkeypatch.setattr("runners.gateways.GATEWAYS", world)
    return forge


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def house(now):
    return a_house(now)


@pytest.fixture
def owner(house):
    """Signed in."""
    return client_of("owner", house.team)
