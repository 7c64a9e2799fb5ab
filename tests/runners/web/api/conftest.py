import itertools

import pytest

from tests.builders import a_team
from tests.practice.forge.harness import Forge, a_place
from tests.runners.web.api.scripts import Script

NUMBERS = itertools.count(1)


@pytest.fixture
def team():
    return a_team()


@pytest.fixture
def reader(team):
    return Script(team, "read")


@pytest.fixture
def writer(team):
    return Script(team, "write")


@pytest.fixture
def other():
    """A script of another team."""
    return Script(a_team(), "write")


@pytest.fixture(scope="session")
def practice_forge(tmp_path_factory):
    forge = Forge(tmp_path_factory.mktemp("api-forge"))
    yield forge
    forge.stop()


@pytest.fixture
def forge(practice_forge, settings):
    """The practice forge, which links may name though its address is private."""
    settings.PRACTICE_FORGE = practice_forge.url
    return practice_forge


@pytest.fixture
def place(forge):
    """An organisation there that no other test uses, with its owner's token."""
    return a_place(forge, f"acme{next(NUMBERS)}")
