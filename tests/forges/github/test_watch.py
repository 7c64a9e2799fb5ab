"""Which repositories and runs are asked: pure, so by the second."""

from tfci.forges.github.watch import (
    BUSY,
    KEEP_SECONDS,
    MAX_DUE,
    OPEN,
    QUIET,
    RECENT,
    RETRIES,
    RUN_DELAY,
    WEBHOOK_DELAY,
    Watch,
)
from tfci.forges.github.webhooks import RememberedEvent

NOW = 1_000_000_000.0
QUIETLY = 2 * RECENT


def a_watch(**pushed):
    """Repositories by name, each pushed to so many seconds ago."""
    watch = Watch()
    watch.note((name, NOW - ago) for name, ago in pushed.items())
    for one in watch.repositories.values():
        one.read_at = NOW - 10_000
    return watch


def a_word(job="", over=False, at=NOW, repository="app", run="7"):
    return RememberedEvent(repository, run, 1, job, over, at)


def due(watch, now):
    """Names of repositories, and "repository/run" of runs."""
    return [one if isinstance(one, str) else f"{one.repository}/{one.run_id}" for one in watch.due(now)]


def runs_in_turn(watch, now):
    return [one.run_id for one in watch.in_turn(now) if not isinstance(one, str)]


def test_a_push_that_no_webhook_told_of_is_due_after_a_while():
    watch = a_watch(old=90_000, app=0)
    assert due(watch, NOW + WEBHOOK_DELAY - 0.1) == []
    assert due(watch, NOW + WEBHOOK_DELAY) == ["app"]


def test_it_is_asked_again_while_nothing_is_heard_and_then_no_more():
    watch, asked = a_watch(app=0), []
    for second in range(200):
        if due(watch, NOW + second):
            asked.append(second)
            watch.mark_read("app", NOW + second)
    assert asked == [int(WEBHOOK_DELAY + after) for after in RETRIES]


def test_a_push_that_a_webhook_told_of_is_not_due_but_its_run_is_once():
    watch = a_watch(app=0)
    watch.add_events([a_word("1", at=NOW + 1)])
    assert due(watch, NOW + 1 + RUN_DELAY - 0.1) == []
    assert due(watch, NOW + 1 + RUN_DELAY) == ["app/7"]
    watch.record_jobs("app", "7", 1, {"1": False, "2": False}, NOW + 10)
    watch.add_events([a_word("1", at=NOW + 1), a_word("2", at=NOW + 70)])
    assert due(watch, NOW + 100) == []


def test_a_run_that_webhooks_told_of_is_due_in_a_repository_that_no_list_has_shown_yet():
    watch = Watch()
    watch.add_events([a_word()])
    assert due(watch, NOW + RUN_DELAY) == ["app/7"]


def test_a_run_is_due_again_when_all_that_is_known_of_it_has_ended():
    watch = a_watch(app=0)
    watch.record_jobs("app", "7", 1, {"1": False, "2": False}, NOW)
    watch.add_events([a_word("1", over=True, at=NOW + 50)])
    assert due(watch, NOW + 90) == []
    watch.add_events([a_word("2", over=True, at=NOW + 60)])
    assert due(watch, NOW + 60 + RUN_DELAY) == ["app/7"]


def test_a_run_of_which_was_told_that_it_is_over_is_not_asked():
    watch = a_watch(app=0)
    watch.add_events([a_word("1"), a_word("1", over=True, at=NOW + 9), a_word(over=True, at=NOW + 9)])
    assert due(watch, NOW + 100) == [] and runs_in_turn(watch, NOW + 100) == []


def test_a_job_of_a_run_that_seemed_to_be_over_opens_it():
    watch = a_watch(app=0)
    watch.record_jobs("app", "7", 1, {"1": True}, NOW)
    watch.add_events([a_word("2", at=NOW + 5)])
    assert runs_in_turn(watch, NOW + 6) == ["7"]


def test_the_same_word_again_makes_nothing_due():
    watch, words = a_watch(app=0), [a_word("1"), a_word("1", over=True, at=NOW + 1)]
    watch.add_events(words)
    watch.record_jobs("app", "7", 1, {"1": True}, NOW + 12)
    watch.add_events(words)
    assert due(watch, NOW + 100) == []


def test_a_job_that_is_over_stays_so_whatever_an_older_answer_says():
    watch = a_watch(app=0)
    watch.add_events([a_word("1"), a_word("1", over=True)])
    watch.record_jobs("app", "7", 1, {"1": False}, NOW)
    assert runs_in_turn(watch, NOW) == []


def test_a_job_that_is_not_listed_any_more_is_over_and_a_run_without_jobs_is_held_back():
    watch = a_watch(app=0)
    watch.record_jobs("app", "7", 1, {"1": False}, NOW)
    watch.record_jobs("app", "7", 1, {}, NOW + 1)
    watch.record_jobs("app", "8", 1, {}, NOW + 1)
    assert runs_in_turn(watch, NOW + 2) == ["8"]


def test_open_runs_and_repositories_take_turns_the_longest_unasked_first():
    watch = a_watch(**{f"r{n}": 90_000 for n in range(9)}, **{f"q{n}": QUIETLY for n in range(9)})
    for n in range(9):
        watch.record_jobs("r0", str(n), 1, {"1": False}, NOW - n)
        watch.mark_read(f"r{n}", NOW - n)
        watch.mark_read(f"q{n}", NOW - n)
    *runs, b1, b2, b3, quiet = watch.in_turn(NOW)
    assert [run.run_id for run in runs] == [str(8 - n) for n in range(OPEN)]
    assert [b1, b2, b3, quiet] == ["r8", "r7", "r6", "q8"] and (BUSY, QUIET) == (3, 1)


def test_every_repository_has_its_turn():
    watch, now, seen = (
        a_watch(**{f"r{n}": 90_000 for n in range(60)}, **{f"q{n}": QUIETLY for n in range(20)}),
        NOW,
        set(),
    )
    for _ in range(20):
        for name in watch.in_turn(now):
            watch.mark_read(name, now)
            seen.add(name)
        now += 10
    assert len(seen) == 80


def test_one_that_refused_waits_for_its_turn_until_it_is_pushed_to():
    watch = a_watch(app=5)
    watch.mark_read("app", NOW, blocked=True)
    assert due(watch, NOW + 20) == []
    watch.note([("app", NOW + 30)])
    assert due(watch, NOW + 34) == ["app"]


def test_a_turn_has_an_end_and_begins_with_what_waits_longest():
    watch = a_watch(**{f"r{n}": WEBHOOK_DELAY + 1 for n in range(MAX_DUE)}, app=WEBHOOK_DELAY + 2)
    assert len(due(watch, NOW)) == MAX_DUE
    assert due(watch, NOW)[0] == "app"


def test_runs_that_are_over_are_forgotten_after_their_last_webhooks():
    watch = Watch()
    watch.add_events([a_word("1"), a_word(over=True), a_word("1", run="8")])
    watch.drop_finished(NOW + KEEP_SECONDS - 1)
    assert len(watch.runs) == 2
    watch.drop_finished(NOW + KEEP_SECONDS + 1)
    assert [run.run_id for run in watch.runs.values()] == ["8"]
