"""What doors enqueue: after commit, merged, and never held up by a broker."""

import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from runners import jobs, tasks
from tests.builders import an_org
from tests.worlds import a_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_nudges_for_one_pool_are_one_message(sent):
    for _ in range(3):
        tasks.nudge(tasks.decide, "pool:7", pool_id=7)
    assert sent == [("runners.tasks.decide", {"pool_id": 7})]


def test_a_nudge_of_a_transaction_that_failed_silences_nobody(sent):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tasks.nudge(tasks.decide, "pool:7", pool_id=7)
        raise ZeroDivisionError
    tasks.nudge(tasks.decide, "pool:7", pool_id=7)
    assert len(sent) == 1


def test_nothing_is_sent_before_the_commit(sent):
    with transaction.atomic():
        tasks.follow(jobs.News(pools={1}, vms={2}, reread={3}, orgs={4}))
        assert sent == []
    assert {name for name, _ in sent} == {
        f"runners.tasks.{name}" for name in ("decide", "step", "reread", "ask")
    }


@pytest.mark.parametrize(("stirred_at", "again"), [(timedelta(0), 1), (-timedelta(hours=1), 0)])
def test_where_something_stirs_it_is_asked_again_before_the_schedule_comes(
    sent, monkeypatch, stirred_at, again
):
    world, *_ = a_world()
    monkeypatch.setattr(tasks, "WORLD", world)
    now = timezone.now()
    org = an_org(poll_at=now, stirred_at=now + stirred_at)
    tasks.ask(org_id=org.pk)
    tasks.ask(org_id=org.pk)  # not due
    assert sent == again * [("runners.tasks.ask", {"org_id": org.pk})]


NUDGE = """
import time, django
django.setup()
from runners import jobs, tasks
began = time.monotonic()
tasks.follow(jobs.News(pools={1}, vms={2}))
print("held up for", time.monotonic() - began)
"""


def test_a_frozen_broker_holds_up_nobody():
    """It takes connections and never says a word; GitHub would wait 10 s for a webhook's answer, Gitea 5."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        settings = {"FARMHAND_VALKEY": address, "DJANGO_SETTINGS_MODULE": "tfci.settings"}
        nudged = subprocess.run(
            [sys.executable, "-c", NUDGE], env=os.environ | settings, capture_output=True, timeout=60
        )
    said = nudged.stdout.decode()
    assert "nudge_lost" in said + nudged.stderr.decode()
    assert float(said.rpartition("held up for")[2]) < 4
