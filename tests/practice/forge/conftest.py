"""One practice forge for all tests of this folder, a place of its own for each."""

import itertools

import pytest

from tests.practice.forge.harness import Forge, Receiver, a_place

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def forge(tmp_path_factory):
    forge = Forge(tmp_path_factory.mktemp("forge"))
    forge.control("PATCH", "/faults", {"queued_delay": 0.05})
    yield forge
    assert forge.stop() == 0


@pytest.fixture
def place(forge):
    """An organization, its repository `app` and its owner, which no other test uses."""
    return a_place(forge, f"org{next(NUMBERS)}")


@pytest.fixture
def own_forge(tmp_path):
    """A forge that the test may change, kill and start again."""
    forge = Forge(tmp_path / "forge")
    yield forge
    forge.kill()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
