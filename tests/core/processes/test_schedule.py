"""Beat's scheduler: everything when it is due, once, and nothing that fails stops the rest."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from tfci import celery
from tfci.core.processes import schedule as core_schedule, worker_heartbeats


@pytest.fixture
def world(monkeypatch):
    """Its time, and the tasks that it sent."""

    class World:
        now, sent = 0.0, []

    World.sent = []
    monkeypatch.setattr(core_schedule.time, "monotonic", lambda: World.now)
    monkeypatch.setattr(core_schedule, "close_old_connections", lambda: None)
    monkeypatch.setattr(
        celery.app, "send_task", lambda task, **options: World.sent.append((task, options["expires"]))
    )
    monkeypatch.setattr(core_schedule.Clock, "producer", None)
    return World


def a_clock(**schedule: tuple[str, float]) -> core_schedule.Clock:
    entries = {
        name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
        for name, (task, seconds) in schedule.items()
    }
    celery.app.conf.beat_schedule = entries
    return core_schedule.Clock(celery.app)


@pytest.fixture(autouse=True)
def schedule_as_it_was():
    kept = celery.app.conf.beat_schedule
    yield
    celery.app.conf.beat_schedule = kept


def test_each_is_sent_when_it_is_due_and_says_how_long_to_sleep(world):
    beat = a_clock(tidy=("a.tidy", 60), sweep=("a.sweep", 2))
    assert (beat.tick(), world.sent) == (2, [])
    world.now = 2
    assert (beat.tick(), world.sent) == (2, [("a.sweep", 2)])
    world.now = 60
    assert beat.tick() == 2
    assert world.sent[1:] == [("a.sweep", 2), ("a.tidy", 60)]  # what was missed is done once


@pytest.fixture
def look():
    """A task of the schedule's own, and what it does."""
    deeds = []

    def run():
        for deed in deeds:
            deed()

    task = celery.app.task(run, name=f"{core_schedule.DUE_TASKS}of_a_test", lazy=False, shared=False)
    yield SimpleNamespace(name=task.name, deeds=deeds)
    celery.app.tasks.unregister(task.name)


def test_what_only_looks_for_due_rows_is_done_in_place(look, world):
    looked = []
    look.deeds.append(lambda: looked.append(world.now))
    beat = a_clock(ask=(look.name, 0.5))
    world.now = 0.5
    assert (beat.tick(), looked, world.sent) == (0.5, [0.5], [])


def test_what_fails_stops_nothing_and_is_tried_again(look, world):
    tries = []
    look.deeds.append(lambda: tries.append(1) or 1 / 0)
    beat = a_clock(ask=(look.name, 1), sweep=("a.sweep", 1))
    for world.now in (1, 2):
        beat.tick()
    assert (len(tries), world.sent) == (2, 2 * [("a.sweep", 1)])


def test_it_tells_every_few_seconds_that_it_lives_and_goes_on_where_nobody_hears_it(world, settings):
    beat, told = a_clock(sweep=("a.sweep", 1)), set()
    for world.now in range(11):
        beat.tick()
        told |= {one.at for one in worker_heartbeats.living(timezone.now()) if one.name == "beat"}
    assert len(told) == 3
    settings.VALKEY = "redis://127.0.0.1:1/0"
    world.now = 20
    assert beat.tick() == 1


def test_every_look_is_a_task_that_there_is():
    celery.app.loader.import_default_modules()
    looks = {task for task, _ in celery.SCHEDULE.values() if task.startswith(core_schedule.DUE_TASKS)}
    assert looks == {task for task in celery.app.tasks if task.startswith(core_schedule.DUE_TASKS)}
