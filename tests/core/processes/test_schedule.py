"""Beat's scheduler: everything when it is due, once, and nothing that fails stops the rest."""

import pytest

from tfci import celery
from tfci.core.processes import schedule as core_schedule, worker_heartbeats


@pytest.fixture
def world(monkeypatch):
    """Its time, and what happened: tasks that it sent or did, and signs of life."""

    class World:
        now, sent, told = 0.0, [], []

    World.sent, World.told = [], []
    monkeypatch.setattr(core_schedule.time, "monotonic", lambda: World.now)
    monkeypatch.setattr(core_schedule, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker_heartbeats, "record", lambda name, now: World.told.append(name))
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


def test_what_only_looks_for_due_rows_is_done_in_place(monkeypatch, world):
    looked = []
    monkeypatch.setattr("runners.connections.polling.due", lambda now: looked.append(now) or [])
    celery.app.loader.import_default_modules()
    beat = a_clock(ask=("runners.tasks.due.ask_forges", 0.5))
    world.now = 0.5
    assert (beat.tick(), len(looked), world.sent) == (0.5, 1, [])


def test_what_fails_stops_nothing_and_is_tried_again(monkeypatch, world):
    tries = []

    def fail(now):
        tries.append(now)
        raise RuntimeError

    monkeypatch.setattr("runners.connections.polling.due", fail)
    celery.app.loader.import_default_modules()
    beat = a_clock(ask=("runners.tasks.due.ask_forges", 1), sweep=("a.sweep", 1))
    for world.now in (1, 2):
        beat.tick()
    assert (len(tries), world.sent) == (2, 2 * [("a.sweep", 1)])


def test_it_tells_every_few_seconds_that_it_lives_and_goes_on_where_nobody_hears_it(monkeypatch, world):
    beat = a_clock(sweep=("a.sweep", 1))
    for world.now in range(11):
        beat.tick()
    assert world.told == 3 * ["beat"]

    def silent(*_):
        raise worker_heartbeats.Silent

    monkeypatch.setattr(worker_heartbeats, "record", silent)
    world.now = 20
    assert beat.tick() == 1


def test_every_look_is_a_task_that_there_is():
    celery.app.loader.import_default_modules()
    looks = {task for task, _ in celery.SCHEDULE.values() if task.startswith(core_schedule.LOOKS)}
    assert looks == {task for task in celery.app.tasks if task.startswith(core_schedule.LOOKS)}
