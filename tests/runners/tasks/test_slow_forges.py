"""A forge that never answers, and who works beside it: the tasks that doors enqueue, in as many threads as worker-act
has."""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from runners.queue import nudges
from runners.tasks import due
from tests.builders import a_connection, a_node, a_pool, a_quote, a_team, a_vm
from tfci.celery import app
from tfci.management.up.processes import COMMANDS

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = int(re.search(r"-c (\d+)", COMMANDS["worker-act"])[1])
CONNECTIONS = 41
HOUR = timedelta(hours=1)


@pytest.fixture
def silent():
    """A host that accepts every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as server:
        yield server


@pytest.fixture
def worker(settings, silent):
    """run(messages) -> futures, each done once its task is."""
    settings.PROCESS, settings.ALLOW_PRIVATE_FORGES = "worker-act", True
    app.loader.import_default_modules()
    with ThreadPoolExecutor(THREADS) as threads:
        yield lambda messages: [threads.submit(_carry_out, task, ids) for task, ids in messages]
        silent.close()  # and who waits there hears of it


def _carry_out(task: str, ids: dict) -> None:
    try:
        app.tasks[task](**ids)
    finally:
        database.close()


def test_41_connections_to_a_silent_forge_do_not_hold_up_another_teams_vm(silent, worker, sent):
    now = timezone.now()
    url, team, node = f"http://127.0.0.1:{silent.getsockname()[1]}", a_team(), a_node()
    for _ in range(CONNECTIONS):
        a_connection(team, url=url, next_poll_at=now)
    pool = a_pool(connections=[a_connection(next_poll_at=now + HOUR)])
    vm = a_vm("wanted", pool, node=node, quote=a_quote(node), next_step_at=now, leased_until=now)
    due.ask_forges()
    nudges.step(vm.pk)
    assert len(sent) == CONNECTIONS + 1
    began = time.monotonic()
    worker(sent)[-1].result(timeout=30)
    vm.refresh_from_db()
    assert (vm.state, time.monotonic() - began < 3) == ("deploying", True)
