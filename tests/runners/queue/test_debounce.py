"""A debouncer passes nudges on, each key once a round, and keeps nobody waiting."""

import threading
from types import SimpleNamespace

from runners.queue import debounce
from runners.queue.debounce import Debouncer
from tfci.management.up.waiting import until


def test_each_press_is_passed_on_and_many_of_one_key_as_one():
    sent, free = [], threading.Event()

    def send(key):
        free.wait(5)
        sent.append(key)

    debouncer = Debouncer(send)
    debouncer.notify(1)
    until(lambda: debouncer._waiting.empty(), 5, "the first round")
    for key in (1, 2, 1, 2):
        debouncer.notify(key)
    free.set()
    until(lambda: len(sent) == 3, 5, "the second round")
    assert sorted(sent) == [1, 1, 2]


def test_what_comes_while_a_round_is_sent_is_not_lost():
    sent = []

    def send(key):
        sent.append(key)
        if key < 20:
            debouncer.notify(key + 1)

    debouncer = Debouncer(send)
    debouncer.notify(0)
    until(lambda: len(sent) == 21, 5, "the last round")
    assert sent == list(range(21))


def test_the_more_come_the_longer_it_gathers_and_one_alone_waits_for_nothing(monkeypatch):
    pauses, sent, going = [], [], threading.Event()

    def pause(seconds):
        pauses.append(seconds)
        going.wait(5)

    monkeypatch.setattr(debounce, "time", SimpleNamespace(sleep=pause))
    one = debounce.Debouncer(sent.append)
    one.notify(1)
    until(lambda: pauses, 5, "the first round")
    for _ in range(50):
        one.notify(2)
    going.set()
    until(lambda: len(pauses) == 2, 5, "the second round")
    assert (sent, pauses) == ([1, 2], [debounce.PAUSE_EACH, debounce.LONGEST_PAUSE])
