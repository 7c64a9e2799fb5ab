"""What forges write is bounded as it becomes a fact, however it came."""

import json
from dataclasses import fields, replace

import msgspec
import pytest

from tests.builders import NOON
from tfci.forges import texts as forge_texts
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import Checked, JobSeen, RunnerSeen, RunSeen, StepSeen, WebhookEvent
from tfci.forges.gitea.client import GiteaHooks

ODD = "a\x00b\ud800c\udfffd" + "e" * 100_000
FACTS = [
    JobSeen(ODD, ODD, ODD, ODD, (ODD,) * 500, "completed", ODD, 2**31 - 1, ODD, ODD, workflow=ODD, branch=ODD,
            sha=ODD, url=f"https://{ODD}", sender=ODD, steps=(StepSeen(ODD),) * 500, handle=ODD),
    RunSeen(ODD, ODD, ODD, ODD),
    RunnerSeen("1", ODD, True, False, True, (ODD,) * 500),
    Checked(ODD, ODD),
    WebhookEvent(ODD, repository=ODD),
]  # fmt: skip


def texts(fact):
    """All that are in it."""
    for value in fact if isinstance(fact, tuple) else [getattr(fact, field.name) for field in fields(fact)]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | StepSeen):
            yield from texts(value)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_each_text_of_a_fact_can_be_stored_and_has_its_end(fact):
    found = list(texts(fact))
    assert found
    assert all(not forge_texts.REFUSED.search(text) and len(text) <= forge_texts.HANDLE for text in found)
    assert len("".join(found).encode()) < 100_000


def test_a_job_has_so_many_labels_steps_and_attempts_and_no_more():
    job = FACTS[0]
    assert (len(job.labels), len(job.steps)) == (forge_texts.LABELS, forge_texts.STEPS)
    assert job.forge_attempt + 1 < 2**31


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a/b", "https://a/b"),
        ("javascript:x", ""),
        ("https://" + "a" * 600, ""),
        ("https://a/\x00b", "https://a/b"),
    ],
)
def test_a_page_is_an_address_that_one_may_link_to(address, kept):
    assert replace(FACTS[0], url=address).url == kept


def test_plain_facts_stay_as_they_are():
    job = JobSeen("9", "4", "acme/app", "bücher 🐄", ("small",), "queued", url="https://a/b", created_at=NOON)
    assert (job.name, job.labels, job.conclusion, job.runner_name) == ("bücher 🐄", ("small",), None, None)


def test_what_was_kept_before_is_bounded_when_it_is_read_back():
    kept = b'{"event":"push","repository":"acme/a\\u0000pp"}'
    assert msgspec.json.decode(kept, type=WebhookEvent).repository == "acme/app"


def test_a_webhook_of_gitea_is_bounded():
    job = {
        "id": 1,
        "run_id": 1,
        "status": "queued",
        "name": "a\0b",
        "labels": ["c\0d"] * 200,
        "head_branch": "e\0" * 999,
    }
    body = json.dumps(
        {"action": "queued", "workflow_job": job, "repository": {"full_name": "acme/app"}}
    ).encode()
    (seen,) = GiteaHooks().read({"x-gitea-event": "workflow_job"}, body).jobs
    assert (seen.name, seen.labels, seen.branch) == ("ab", ("cd",) * forge_texts.LABELS, "e" * 300)


def test_a_refusal_is_a_sentence_that_can_be_stored():
    assert str(ForgeRefused("a\0b")) == "ab"
    assert len(str(ForgeRefused("a" * 10**6))) == forge_texts.SENTENCE
