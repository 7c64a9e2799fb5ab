import pytest

from tests import machines
from tests.machines.product import Local
from tests.machines.worker import Worker


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(machines.GROUP)


@pytest.fixture(scope="package")
def product(tmp_path_factory):
    """One for all: to start it takes longer than most tests here."""
    machines.need()
    product = Local(tmp_path_factory.mktemp("machines"))
    product.start()
    yield product
    assert product.end() == 0


@pytest.fixture(scope="package")
def worker(tmp_path_factory):
    """One encrypted machine for all that can share it: it takes a job after the other."""
    machines.need()
    worker = Worker(tmp_path_factory.mktemp("worker"), memory=1024)
    yield worker
    worker.close()
