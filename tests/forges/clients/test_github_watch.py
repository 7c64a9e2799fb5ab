"""Which repositories are asked: pure, so by the second."""

import pytest

from tfci.forges.clients.github_watch import AGAIN, MOST, ONCE, OPEN, OTHERS, UNTOLD, Watch

NOW = 1_000_000.0


def a_watch(**pushed):
    """Repositories by name, each pushed to so many seconds ago."""
    watch = Watch()
    watch.note((name, NOW - ago) for name, ago in pushed.items())
    for one in watch.repositories.values():
        one.asked = NOW - 10_000
    return watch


def chosen(watch, told=None, now=NOW):
    return watch.choose(now, told or {})


def test_a_push_that_no_webhook_told_of_is_asked_for_first():
    watch = a_watch(old=90_000, older=95_000, pushed=UNTOLD + 1)
    assert chosen(watch)[0] == "pushed"


def test_a_push_that_was_told_of_is_asked_for_once_all_the_same():
    watch, told = a_watch(app=ONCE - 1), {"app": NOW}
    watch.repositories["app"].asked = NOW - ONCE
    assert watch.choose(NOW, told) == ["app"]  # it is alone, so it is its turn
    busy = a_watch(**{f"r{n}": 90_000 + n for n in range(OTHERS)}, app=ONCE + 1)
    busy.repositories["app"].asked = NOW - ONCE
    assert busy.choose(NOW, told)[0] == "app"
    busy.asked("app", NOW, open=False)
    assert busy.choose(NOW + 1, told)[0] != "app"


def test_it_is_asked_again_while_nothing_is_heard_and_then_no_more():
    watch, asked = a_watch(**{f"r{n}": 90_000 + n for n in range(50)}, app=0), []
    for second in range(200):
        now = NOW + second
        if "app" in watch.pushed(now):
            asked.append(second)
            watch.asked("app", now, open=False)
    assert asked == [int(UNTOLD + after) for after in AGAIN]


def test_open_ones_and_others_take_turns_the_longest_unasked_first():
    watch = a_watch(**{f"r{n:02}": 90_000 for n in range(40)})
    for n in range(20):
        watch.asked(f"r{n:02}", NOW - 100 + n, open=True)
    for n in range(20, 40):
        watch.asked(f"r{n:02}", NOW - 100 + n, open=False)
    first = chosen(watch)
    assert first == [f"r{n:02}" for n in (*range(OPEN), *range(20, 20 + OTHERS))]


def test_every_repository_has_its_turn():
    watch, now = a_watch(**{f"r{n}": 90_000 for n in range(100)}), NOW
    seen = set()
    for _ in range(100 // OTHERS):
        for name in chosen(watch, now=now):
            watch.asked(name, now, open=False)
            seen.add(name)
        now += 10
    assert len(seen) == 100


def test_one_that_refused_waits_for_its_turn_until_it_is_pushed_to():
    watch = a_watch(**{f"r{n}": 90_000 for n in range(20)}, app=5)
    watch.asked("app", NOW, open=False, barred=True)
    assert "app" not in chosen(watch, now=NOW + 20)
    watch.note([("app", NOW + 30)])
    assert chosen(watch, now=NOW + 34)[0] == "app"


@pytest.mark.parametrize("pushes", [MOST + 20])
def test_a_turn_has_an_end(pushes):
    assert len(chosen(a_watch(**{f"r{n}": UNTOLD + 1 for n in range(pushes)}))) == MOST
