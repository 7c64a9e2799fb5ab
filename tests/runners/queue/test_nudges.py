"""What doors enqueue: after commit, merged, and never held up by a broker."""

import inspect
import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError

from runners.queue import nudges
from runners.queue.effects import Effects
from runners.tasks import due
from tests.builders import a_pool, a_server
from tfci import celery

pytestmark = pytest.mark.django_db(transaction=True)

ALL = [
    *(nudges.ingest_deliveries, nudges.reconcile_pool, nudges.keep_server),
    *(
        nudges.step,
        nudges.step_due,
        nudges.use_account,
        nudges.ask,
        nudges.reread,
        nudges.describe,
        nudges.rerun,
    ),
    *(nudges.refresh_token, nudges.watch, nudges.keep_signpost, nudges.sweep_connection),
    *(nudges.listen, nudges.remove_scale_set, nudges.redeliver_app, nudges.redeliver),
    lambda connection_id: nudges.ask_again(connection_id, timedelta(seconds=1)),
]


@pytest.mark.parametrize("nudge", ALL)
def test_each_names_a_task_that_there_is_and_the_row_that_it_takes(sent, nudge):
    celery.app.loader.import_default_modules()
    nudge(7)
    [(name, ids)] = sent
    inspect.signature(celery.app.tasks[name].run).bind(**ids)
    assert list(ids.values()) == [7]


def test_many_nudges_for_one_pool_are_one_message(sent):
    for _ in range(3):
        nudges.reconcile_pool(7)
    assert sent == [("runners.tasks.reconciliation.reconcile_pool", {"pool_id": 7})]


def test_a_merged_one_is_not_taken_any_more_when_it_may_have_been_sent_anew(monkeypatch):
    options = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda app, task, **more: options.append(more))
    for nudge in (nudges.step_due, nudges.step, nudges.watch, nudges.ingest_deliveries):
        nudge(7)
    assert [more.get("expires") for more in options] == [nudges.MERGED, None, None, None]


def test_what_is_taken_however_late_is_a_task_that_there_is():
    celery.app.loader.import_default_modules()
    assert celery.app.tasks.keys() >= nudges.NEVER_EXPIRE


class TestRoundsThatTakeTooLong:
    """Workers take a few of each round before its messages end."""

    FEW = 2

    def a_round(self, sent, wanted=()):
        """Who had its turn: the first few messages; when the next round comes, the others and their keys have ended."""
        sent.clear()
        due.decide()
        for pool in wanted:
            nudges.reconcile_pool(pool.pk)
        for name, ids in (messages := sent[: self.FEW]):
            task = nudges.merge(_as(name))
            task(**ids)
        cache.delete_many([nudges._key(*message) for message in sent])
        return [(name, *ids.values()) for name, ids in messages]

    def test_none_of_many_rows_starves(self, sent):
        pools, kept = [a_pool() for _ in range(5)], [a_server() for _ in range(2)]
        rows = [(nudges.RECONCILE, pool.pk) for pool in pools] + [(nudges.KEEP, server.pk) for server in kept]
        rounds = [turn for _ in range(4) for turn in self.a_round(sent)]
        assert rounds == [*rows, rows[0]]

    def test_nor_does_one_that_a_webhook_wants_while_its_message_waits(self, sent):
        *_, last = [a_pool() for _ in range(6)]
        turns = [turn for _ in range(3) for turn in self.a_round(sent, [last])]
        assert (nudges.RECONCILE, last.pk) in turns


def _as(name):
    def task(**_) -> None:
        pass

    task.__module__, _, task.__name__ = name.rpartition(".")
    return task


def test_one_that_the_broker_did_not_take_silences_nobody(monkeypatch):
    tries = []

    def send(app, task, **_):
        tries.append(task)
        raise OperationalError

    monkeypatch.setattr("celery.app.base.Celery.send_task", send)
    nudges.reconcile_pool(7)
    nudges.reconcile_pool(7)
    assert len(tries) == 2


def test_one_that_comes_while_the_task_reads_is_a_message_of_its_own(sent):
    def ask(*, connection_id: int) -> None:
        nudges.ask(connection_id)

    ask.__module__ = nudges.ASK
    nudges.ask(7)
    nudges.merge(ask)(connection_id=7)
    assert sent == 2 * [("runners.tasks.forge_calls.ask", {"connection_id": 7})]


def test_a_nudge_of_a_transaction_that_failed_silences_nobody(sent):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        nudges.reconcile_pool(7)
        raise ZeroDivisionError
    nudges.reconcile_pool(7)
    assert len(sent) == 1


def test_nothing_is_sent_before_the_commit(sent):
    with transaction.atomic():
        nudges.follow(Effects(pools={1}, vms={2}, reread={3}, connections={4}, posts={5}))
        assert sent == []
    assert dict(sent) == {
        "runners.tasks.reconciliation.reconcile_pool": {"pool_id": 1},
        "runners.tasks.vm_steps.step": {"vm_id": 2},
        "runners.tasks.forge_calls.reread": {"job_id": 3},
        "runners.tasks.forge_calls.ask": {"connection_id": 4},
        "runners.tasks.forge_calls.keep_signpost": {"connection_id": 5},
    }


NUDGE = """
import time, django
django.setup()
from runners.queue import nudges
from runners.queue.effects import Effects
began = time.monotonic()
nudges.follow(Effects(pools={1}, vms={2}))
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
