"""What webhooks told is remembered for whoever looks, for a while and for all processes."""

from datetime import UTC, datetime

from tfci.forges.facts import JobSeen, RunEvent, RunSeen, WebhookEvent
from tfci.forges.github import webhooks
from tfci.forges.github.webhooks import SPAN, SPANS, RememberedEvent, cached_run, recent, remember
from tfci.forges.memory.process import ProcessMemory

NOW = 1_800_000_005.0
AT = datetime.fromtimestamp(NOW, UTC)
CALLED = RunSeen("ci.yml", "Mend it", "ann", "push")


def a_job(number, status="queued", attempt=1):
    seen = JobSeen(number, "7", "acme/app", "build", ("small",), status, forge_attempt=attempt)
    return WebhookEvent("workflow_job", (seen,), stirred=True)


def a_run(*, over=False, seen=CALLED):
    return WebhookEvent(
        "workflow_run", stirred=not over, repository="acme/app", run=RunEvent("7", 1, over, seen)
    )


def test_jobs_and_runs_are_kept_in_the_order_in_which_they_were_told():
    memory = ProcessMemory()
    remember(memory, [(a_run(), AT), (a_job("1"), AT)])
    remember(memory, [(a_job("1", "completed"), AT)])
    assert recent(memory, NOW) == [
        RememberedEvent("acme/app", "7", 1, "", False, NOW),
        RememberedEvent("acme/app", "7", 1, "1", False, NOW),
        RememberedEvent("acme/app", "7", 1, "1", True, NOW),
    ]


def test_what_is_older_than_two_minutes_is_not_looked_back_at():
    memory = ProcessMemory()
    remember(memory, [(a_job("1"), AT)])
    assert len(recent(memory, NOW + SPAN * (SPANS - 1))) == 1
    assert recent(memory, NOW + SPAN * SPANS) == []


def test_a_server_that_counts_no_attempts_means_the_first():
    memory = ProcessMemory()
    remember(memory, [(a_job("1", attempt=0), AT)])
    assert [word.attempt for word in recent(memory, NOW)] == [1]


def test_what_a_run_is_called_is_kept_and_one_without_a_name_is_asked_for():
    memory = ProcessMemory()
    remember(memory, [(a_run(), AT)])
    assert cached_run(memory, "acme/app", "7") == CALLED
    assert cached_run(memory, "acme/app", "8") is None
    remember(
        memory,
        [
            (
                WebhookEvent(
                    "workflow_run", repository="acme/x", run=RunEvent("7", 1, False, RunSeen("", ""))
                ),
                AT,
            )
        ],
    )
    assert cached_run(memory, "acme/x", "7") is None


def test_a_push_is_no_word_of_a_run():
    memory = ProcessMemory()
    remember(memory, [(WebhookEvent("push", stirred=True), AT)])
    assert webhooks.recent(memory, NOW) == []
