import signal
import subprocess
import time
from types import SimpleNamespace

import pytest
from celery import signals
from django.utils import timezone
from kombu.exceptions import OperationalError

from tfci import celery
from tfci.core.processes import worker_heartbeats
from tfci.management.up import valkey
from tfci.management.up.waiting import until


@pytest.fixture
def broker(tmp_path):
    """A Valkey of its own, for it does not fare well."""
    server = subprocess.Popen(valkey.command(tmp_path / "valkey"), stdout=subprocess.DEVNULL)
    until(lambda: valkey.ready(tmp_path / "valkey"), 10, "Valkey")
    server.url = celery.broker_of(valkey.url(tmp_path / "valkey"))
    yield server
    server.kill()
    server.wait()


def send(broker) -> None:
    with celery.app.connection_for_write(broker.url) as connection:
        celery.app.send_task("runners.tasks.vm_steps.step", connection=connection)


@pytest.mark.parametrize("fate", [signal.SIGSTOP, signal.SIGKILL], ids=["frozen", "dead"])
def test_a_broker_that_fails_holds_nobody_up(broker, fate):
    send(broker)
    broker.send_signal(fate)
    began = time.monotonic()
    with pytest.raises(OperationalError):
        send(broker)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "address, broker",
    [
        ("unix:///run/valkey.sock?db=0", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("redis://valkey:6379/0", "redis://valkey:6379/0"),
    ],
)
def test_celery_is_given_the_same_valkey_in_its_own_words(address, broker):
    assert celery.broker_of(address) == broker


def test_the_schedule_names_tasks_that_there_are():
    celery.app.loader.import_default_modules()
    assert {task for task, _ in celery.SCHEDULE.values()} <= set(celery.app.tasks)


@pytest.mark.parametrize(
    "task, queue",
    [
        ("vm_steps.step", "act"),
        ("forge_calls.ask", "ask"),
        ("reconciliation.ingest_deliveries", "decide"),
        ("upkeep.tidy", "upkeep"),
        ("due.ask_forges", "upkeep"),
    ],
)
def test_a_task_waits_in_the_queue_of_its_file(task, queue):
    assert celery.app.amqp.router.route({}, f"runners.tasks.{task}")["queue"].name == queue


class Heart:
    class eventer:
        hostname = "act@a"


def test_a_worker_tells_that_it_lives():
    began = timezone.now()
    celery.worker_lives(sender=Heart)
    assert ("act@a", True) in [(one.name, one.at >= began) for one in worker_heartbeats.living(began)]


def test_a_silent_valkey_stops_no_worker(settings):
    settings.VALKEY = "redis://127.0.0.1:1/0"
    celery.worker_lives(sender=Heart)


@pytest.mark.parametrize(
    ("fate", "line"),
    [
        ({"expired": True}, ("message_expired", "debug")),
        ({"expired": False, "terminated": True}, ("task_revoked", "warning")),
    ],
)
def test_a_message_that_expired_is_nothing_to_warn_of(fate, line, caplog):
    request = SimpleNamespace(id="1", task="runners.tasks.forge_calls.ask")
    step = celery.LogTasks(None)  # kept, for signals hold their receivers weakly
    with caplog.at_level("DEBUG"):
        signals.task_revoked.send(sender=step, request=request, **fate)
    assert [(one.msg["event"], one.levelname.lower()) for one in caplog.records] == [line]
