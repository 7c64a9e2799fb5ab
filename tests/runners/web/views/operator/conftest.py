import pytest
from django.utils import timezone

from tests.house import a_house
from tests.people import client_of


@pytest.fixture
def house(db):
    return a_house(timezone.now())


@pytest.fixture
def operator(house):
    """A browser of who runs this installation."""
    return client_of("operator", house.team)
