"""Events of webhooks, stored for the reader of jobs: it need not read these runs, or just once.

They are in the memory that all processes share, in spans of ten seconds, since one process takes in a delivery and
another looks for jobs.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime

import msgspec

from tfci.forges.facts import RunSeen, WebhookEvent
from tfci.forges.ports.forge import Memory

SPAN, SPANS = 10, 12  # seconds that are kept together, and how many of them are looked back at
KEEP_SECONDS = 300  # seconds for which a span is kept
TITLE = 3600  # and what a run is called


class RememberedEvent(msgspec.Struct, array_like=True):
    """One event. `job`: "" if it is of the whole run. `at`: when we received it, in seconds."""

    repository: str
    run_id: str
    attempt: int
    job: str
    over: bool
    at: float


EVENTS = msgspec.json.Decoder(list[RememberedEvent])
RUN = msgspec.json.Decoder(RunSeen)


def remember(memory: Memory, deliveries: Iterable[tuple[WebhookEvent, datetime]]) -> None:
    """Store the events of these deliveries, and when they came."""
    deliveries = list(deliveries)
    stored_events = sorted(
        (stored for event, at in deliveries for stored in _stored_events(event, at.timestamp())), key=_span
    )
    for span, some in itertools.groupby(stored_events, _span):
        memory.put(_key(span), msgspec.json.encode([*_read(memory, span), *some]), KEEP_SECONDS)
    for event, _ in deliveries:
        if event.run and event.run.seen.workflow:
            store_run(memory, event.repository, event.run.run_id, event.run.seen)


def recent(memory: Memory, now: float) -> list[RememberedEvent]:
    """All events of the last two minutes, by spans."""
    newest = int(now // SPAN)
    return _read(memory, *range(newest - SPANS + 1, newest + 1))


def store_run(memory: Memory, repository: str, run_id: str, seen: RunSeen) -> None:
    """Store a run's title."""
    memory.put(_title(repository, run_id), msgspec.json.encode(seen), TITLE)


def cached_run(memory: Memory, repository: str, run_id: str) -> RunSeen | None:
    """A run's stored facts, if there are some."""
    (known,) = memory.get(_title(repository, run_id))
    return RUN.decode(known) if isinstance(known, bytes) else None


def _stored_events(event: WebhookEvent, at: float) -> Iterable[RememberedEvent]:
    for job in event.jobs:
        over = job.status == "completed"
        yield RememberedEvent(job.repository, job.run_id, max(1, job.forge_attempt), job.job_id, over, at)
    if event.run:
        yield RememberedEvent(event.repository, event.run.run_id, event.run.attempt, "", event.run.over, at)


def _span(stored: RememberedEvent) -> int:
    return int(stored.at // SPAN)


def _read(memory: Memory, *spans: int) -> list[RememberedEvent]:
    stored_spans = memory.get(*map(_key, spans))
    return [stored for some in stored_spans if isinstance(some, bytes) for stored in EVENTS.decode(some)]


def _key(span: int) -> str:
    return f"events:{span}"


def _title(repository: str, run_id: str) -> str:
    return f"run:{repository}:{run_id}"
