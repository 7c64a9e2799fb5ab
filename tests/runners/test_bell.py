"""A bell passes nudges on, each key once a round, and keeps nobody waiting."""

import threading

from runners.bell import Bell
from tfci.management.up.waiting import until


def test_each_press_is_passed_on_and_many_of_one_key_as_one():
    rung, free = [], threading.Event()

    def ring(key):
        free.wait(5)
        rung.append(key)

    bell = Bell(ring)
    bell.press(1)
    until(lambda: bell._pressed.empty(), 5, "the first round")
    for key in (1, 2, 1, 2):
        bell.press(key)
    free.set()
    until(lambda: len(rung) == 3, 5, "the second round")
    assert sorted(rung) == [1, 1, 2]


def test_what_is_pressed_while_a_round_is_passed_on_is_not_lost():
    rung = []

    def ring(key):
        rung.append(key)
        if key < 20:
            bell.press(key + 1)

    bell = Bell(ring)
    bell.press(0)
    until(lambda: len(rung) == 21, 5, "the last round")
    assert rung == list(range(21))
