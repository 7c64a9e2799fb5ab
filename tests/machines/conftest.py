import pytest

from tests import machines
from tests.machines.product import Local


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(machines.GROUP)


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    """One for all: to start it takes longer than most tests here."""
    machines.need()
    product = Local(tmp_path_factory.mktemp("machines"))
    product.start()
    yield product
    assert product.end() == 0
