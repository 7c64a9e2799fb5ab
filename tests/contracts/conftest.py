"""Every kind of forge for the contract suite, started when it is first asked for."""

import pytest

from tests.contracts.forges import KINDS, Receiver, levels_for


def pytest_generate_tests(metafunc):
    """Each test once for every level of every kind that has what it needs."""
    needs = getattr(metafunc.function, "needs", frozenset())
    protocols = getattr(metafunc.function, "protocols", ())
    if "call" in metafunc.fixturenames:
        cases = [
            (level, call, name)
            for name, (call, protocol) in metafunc.module.CALLS.items()
            for level in levels_for(needs, [protocol])[0]
        ]
        ids = [f"{name}-{kind}-{level.level}" for (kind, level), _, name in cases]
        metafunc.parametrize(
            ("connection", "call"), [case[:2] for case in cases], indirect=["connection"], ids=ids
        )
    elif "connection" in metafunc.fixturenames:
        levels, ids = levels_for(needs, protocols)
        metafunc.parametrize("connection", levels, indirect=True, ids=ids)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A forge of a kind."""
    forges = {}

    def start(kind):
        return forges.get(kind) or forges.setdefault(kind, KINDS[kind][0](tmp_path_factory.mktemp(kind)))

    yield start
    for forge in forges.values():
        forge.stop()


@pytest.fixture
def connection(request, running):
    """A new organization, user or repository, so that each test has its own jobs, runners and hooks."""
    kind, make = request.param
    connection = make(running(kind))
    yield connection
    if hasattr(connection, "close"):  # one with a forge of its own
        connection.close()


@pytest.fixture
def driver(connection):
    return connection.driver()


@pytest.fixture
def acting(connection):
    """A driver whose token may change runs."""
    return connection.driver(token=connection.token([*connection.scopes, connection.writing]))


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
