"""A bell passes nudges on, each key once a round, and keeps nobody waiting."""

import threading
from types import SimpleNamespace

from runners.queue import debounce
from runners.queue.debounce import Bell
from tfci.management.up.waiting import until


def test_each_press_is_passed_on_and_many_of_one_key_as_one():
    rung, free = [], threading.Event()

    def ring(key):
        free.wait(5)
        rung.append(key)

    pressed = Bell(ring)
    pressed.press(1)
    until(lambda: pressed._pressed.empty(), 5, "the first round")
    for key in (1, 2, 1, 2):
        pressed.press(key)
    free.set()
    until(lambda: len(rung) == 3, 5, "the second round")
    assert sorted(rung) == [1, 1, 2]


def test_what_is_pressed_while_a_round_is_passed_on_is_not_lost():
    rung = []

    def ring(key):
        rung.append(key)
        if key < 20:
            pressed.press(key + 1)

    pressed = Bell(ring)
    pressed.press(0)
    until(lambda: len(rung) == 21, 5, "the last round")
    assert rung == list(range(21))


def test_the_more_come_the_longer_it_gathers_and_one_alone_waits_for_nothing(monkeypatch):
    pauses, rung, going = [], [], threading.Event()

    def pause(seconds):
        pauses.append(seconds)
        going.wait(5)

    monkeypatch.setattr(debounce, "time", SimpleNamespace(sleep=pause))
    one = debounce.Bell(rung.append)
    one.press(1)
    until(lambda: pauses, 5, "the first round")
    for _ in range(50):
        one.press(2)
    going.set()
    until(lambda: len(pauses) == 2, 5, "the second round")
    assert (rung, pauses) == ([1, 2], [debounce.PAUSE_EACH, debounce.LONGEST_PAUSE])
