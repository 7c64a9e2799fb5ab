"""Clients that need a permit for each call, over real sockets."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_connection
from tfci.core.permits import Full, Permits
from tfci.forges import admission, registry
from tfci.forges.admission import COMMAND, LIMITS, Admitted
from tfci.forges.errors import Busy, ForgeSilent, Limited, Unreachable
from tfci.management.up.processes import COMMANDS

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Client:
    url = "https://git.example.org"

    def order(self):
        return "an order"

    def runners(self, *names):
        return names


def admitted(client=None, **named):
    named = {"team": "team 1", "host": Client.url, "clock": NOON.timestamp} | named
    return Admitted(client or Client(), **named)


@pytest.fixture
def full(monkeypatch):
    """No permit is left."""
    none = Permits(admission.CallLimits(all=0, team=5, slow=5, slow_host=5, seconds=1))
    monkeypatch.setattr(admission, "permits", lambda process: none)


def test_a_call_goes_through_with_what_was_asked():
    assert admitted().runners("a", "b") == ("a", "b")
    assert admitted().url == Client.url


def test_one_without_a_permit_is_told_when_to_come_again(full):
    with pytest.raises(Busy) as error:
        admitted().runners()
    assert error.value.full is Full.ALL and isinstance(error.value, Limited)
    assert timedelta(seconds=0.5) <= error.value.until - NOON <= timedelta(seconds=1.5)


def test_what_calls_nobody_needs_none(full):
    assert admitted().order() == "an order"


def test_a_host_that_is_left_alone_is_not_called():
    later = NOON + timedelta(minutes=1)
    with pytest.raises(ForgeSilent):
        admitted(retry_at=later).runners()
    assert admitted(retry_at=later, clock=later.timestamp).runners() == ()


@pytest.mark.parametrize("process", LIMITS)
def test_a_process_has_no_more_calls_than_threads_and_leaves_some_where_others_need_them(process):
    threads = int(re.search(r"(?:-c|--blocking-threads) (\d+)", COMMANDS[process])[1])
    limits = LIMITS[process]
    assert limits.all <= threads and (limits.all < threads or process == "worker-hear")
    assert limits.team < limits.all


def test_what_has_no_limits_of_its_own_is_a_command():
    assert admission.permits("command").limits == COMMAND


@pytest.mark.django_db
def test_a_slow_forge_holds_few_threads_of_the_web_and_the_others_are_told_at_once(settings):
    """Connections that are accepted and never answered."""
    settings.PROCESS, settings.ALLOW_PRIVATE_FORGES = "web", True
    admission.permits.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(4) as threads:
        connection = a_connection(url=f"http://127.0.0.1:{server.getsockname()[1]}")
        calls = [threads.submit(registry.forge(connection).runners) for _ in range(4)]
        ended = [type(call.exception(timeout=5)) for call in calls[LIMITS["web"].team :]]
        server.close()
        assert ended == [Busy, Busy]
        assert {type(call.exception()) for call in calls} == {Busy, Unreachable}
