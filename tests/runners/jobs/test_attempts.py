"""Attempts of one job against a model of its forge: whatever is told late, twice, out of order or never."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from runners.jobs import ingest
from runners.models import Job
from tests.builders import NOON, a_connection, a_pool
from tfci.forges.facts import JobSeen

pytestmark = pytest.mark.django_db
moments = (NOON + timedelta(seconds=second) for second in itertools.count())


@dataclass
class Truth:
    """One attempt as it was. `picked`: a number of it, once a runner took it."""

    conclusion: str = ""
    runner: str = ""


@dataclass
class Forge:
    """One job of a Gitea: its attempts, and the webhooks that are under way. `counts`: `run_attempt` counts pickups and
    the job keeps its id (before 1.27); else each attempt has a number and a job of its own."""

    job_id: int
    counts: bool
    attempts: list[Truth] = field(default_factory=lambda: [Truth()])
    status: str = "queued"
    runners: int = 0
    on_the_way: list[JobSeen] = field(default_factory=list)

    def __post_init__(self):
        self.tell()

    def seen(self):
        last, picked = self.attempts[-1], bool(self.attempts[-1].runner)
        pickups = sum(bool(each.runner) for each in self.attempts)
        return JobSeen(
            job_id=str(self.job_id if self.counts else self.job_id + len(self.attempts)),
            run_id="4", repository="acme/app", name="build", labels=("small",), status=self.status,
            conclusion=last.conclusion or None,
            forge_attempt=pickups if self.counts else len(self.attempts),
            runner_id=last.runner or None, runner_name=last.runner or None,
            created_at=NOON, started_at=NOON if picked else None,
        )  # fmt: skip

    def tell(self):
        self.on_the_way.append(self.seen())

    def advance(self, conclusion):
        """Picked up, ended, rerun."""
        match self.status:
            case "queued":
                self.runners += 1
                self.attempts[-1].runner, self.status = f"{self.job_id}{self.runners}", "in_progress"
            case "in_progress":
                self.attempts[-1].conclusion, self.status = conclusion, "completed"
            case _:
                self.attempts.append(Truth())
                self.status = "queued"
        self.tell()

    def cancel(self):
        """Of a job that runs on a one-job runner nothing is told."""
        if self.status != "completed":
            told = self.status == "queued"
            self.attempts[-1].conclusion, self.status = "cancelled", "completed"
            if told:
                self.tell()


DO = st.one_of(
    st.tuples(st.just("advance"), st.sampled_from(["success", "failure"])),
    st.tuples(st.sampled_from(["advance", "advance", "poll", "poll", "ask", "cancel"]), st.just("success")),
    st.tuples(
        st.sampled_from(["hear", "hear", "hear again", "hear again", "lose", "answer"]), st.integers(0, 9)
    ),
)
numbers = itertools.count(1000, 100)


@given(st.lists(DO, min_size=10, max_size=30), st.booleans(), st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_attempt_is_made_up_and_none_gets_the_end_of_another(does, counts, well_known):
    """`well_known`: we know of which version the forge is; an upgrade is noticed at the next check."""
    connection = a_connection(version="1.26.3" if counts else "1.27.0" if well_known else "1.26.3")
    a_pool(connection.team, [connection])
    forge, answers, ended = Forge(next(numbers), counts), [], {}
    for name, *rest in does:
        effects = step(connection, forge, answers, name, rest)
        if effects and effects.reread:
            answers.append((forge.seen(), next(moments)))
        check(connection, forge, ended)
    settle(connection, forge)
    check(connection, forge, ended)
    newest = connection.jobs.filter(forge_job_id=forge.seen().job_id).order_by("-attempt").first()
    assert (newest.state, newest.conclusion) == (forge.status, forge.attempts[-1].conclusion)


def step(connection, forge, answers, name, rest):
    """What happens at the forge, or what we hear of it: by webhooks in any order, by answers to what we asked."""
    if name == "poll":
        return settle(connection, forge)
    if name == "ask":
        answers.append((forge.seen(), next(moments)))
    elif name == "answer" and answers:
        seen, asked_at = answers.pop(rest[0] % len(answers))
        return ingest.observe(connection, seen, next(moments), asked_at=asked_at)
    elif name in ("hear", "hear again", "lose") and forge.on_the_way:
        which = rest[0] % len(forge.on_the_way)
        told = forge.on_the_way[which] if name == "hear again" else forge.on_the_way.pop(which)
        return None if name == "lose" else ingest.observe(connection, told, next(moments))
    elif name == "cancel":
        forge.cancel()
    elif name == "advance":
        forge.advance(*rest)
    return None


def settle(connection, forge):
    at = next(moments)
    return ingest.observe(connection, forge.seen(), at, asked_at=at)


def check(connection, forge, ended):
    rows = list(connection.jobs.order_by("pk"))
    assert len(rows) <= len(forge.attempts)
    by_runner = {each.runner: each for each in forge.attempts if each.runner}
    for row in rows:
        if row.foreign_runner:
            its_own = by_runner[row.foreign_runner]
            assert row.conclusion in ("", ingest.RERUN, its_own.conclusion)
            assert row.forge_attempt == number(forge, its_own)
        elif row.state == Job.State.COMPLETED:
            assert row.conclusion in (ingest.RERUN, "cancelled", *told_late(row, forge))
        if row.conclusion not in ("", ingest.RERUN):
            assert ended.setdefault(row.pk, row.conclusion) == row.conclusion
    runners = [row.foreign_runner for row in rows if row.foreign_runner]
    assert len(runners) == len(set(runners))


def number(forge, attempt):
    """How the forge counts it."""
    at = [each is attempt for each in forge.attempts].index(True)
    before = forge.attempts[: at + 1]
    return sum(bool(each.runner) for each in before) if forge.counts else len(before)


def told_late(row, forge):
    """One whose runner we did not hear of before the next attempt began ends as that pickup did."""
    return {
        each.conclusion for each in forge.attempts if each.runner and number(forge, each) == row.forge_attempt
    }
