"""Who works behind the pages, and what waits for them, in the Valkey of this run."""

from datetime import timedelta

import pytest
from django.conf import settings
from redis import Redis

from tests.builders import NOON
from tfci.core.processes import worker_heartbeats


@pytest.fixture(autouse=True)
def valkey():
    with Redis.from_url(settings.VALKEY) as valkey:
        valkey.delete(worker_heartbeats.KEY, "a-queue")
        yield valkey
        valkey.delete(worker_heartbeats.KEY, "a-queue")


def test_who_spoke_lately_is_alive():
    worker_heartbeats.record("act@a", NOON)
    worker_heartbeats.record("beat", NOON - timedelta(seconds=20))
    act, beat = worker_heartbeats.living(NOON + timedelta(seconds=5))
    assert (act.name, act.at, act.alive) == ("act@a", NOON, True)
    assert (beat.name, beat.alive) == ("beat", False)


def test_who_is_silent_for_a_day_is_forgotten(valkey):
    worker_heartbeats.record("act@gone", NOON)
    later = NOON + timedelta(days=1)
    worker_heartbeats.record("act@a", later)
    assert [one.name for one in worker_heartbeats.living(later)] == ["act@a"]
    worker_heartbeats.remove_old(later)
    assert valkey.hkeys(worker_heartbeats.KEY) == [b"act@a"]


def test_a_queue_is_as_long_as_its_messages(valkey):
    valkey.rpush("a-queue", "one", "two")
    assert worker_heartbeats.lengths(("a-queue", "no-queue")) == {"a-queue": 2, "no-queue": 0}


def test_what_answers_says_its_version():
    assert worker_heartbeats.version().startswith(("Valkey ", "Redis "))


def test_where_nobody_answers_it_is_a_sentence(settings):
    settings.VALKEY = "redis://127.0.0.1:1/0"
    with pytest.raises(worker_heartbeats.ValkeyDown, match="does not answer"):
        worker_heartbeats.living(NOON)
