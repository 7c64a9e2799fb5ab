"""What webhooks told of runs, kept for whoever looks for jobs: of these nothing need be asked, or just once.

It lies in the memory that all processes share, in spans of ten seconds, for a delivery is taken in by one process and
jobs are looked for by another.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime

import msgspec

from tfci.forges.facts import Heard, RunSeen
from tfci.forges.ports.forge import Memory

SPAN, SPANS = 10, 12  # seconds that are kept together, and how many of them are looked back at
KEPT = 300  # seconds for which a span is kept
TITLE = 3600  # and what a run is called


class RememberedEvent(msgspec.Struct, array_like=True):
    """One thing that was told. `job`: "" where it is of the whole run. `at`: when we heard it, in seconds."""

    repository: str
    run_id: str
    attempt: int
    job: str
    over: bool
    at: float


WORDS = msgspec.json.Decoder(list[RememberedEvent])
RUN = msgspec.json.Decoder(RunSeen)


def remember(memory: Memory, told: Iterable[tuple[Heard, datetime]]) -> None:
    """What these deliveries told, and when."""
    told = list(told)
    words = sorted((word for heard, at in told for word in _words(heard, at.timestamp())), key=_span)
    for span, some in itertools.groupby(words, _span):
        memory.put(_key(span), msgspec.json.encode([*_read(memory, span), *some]), KEPT)
    for heard, _ in told:
        if heard.run and heard.run.seen.workflow:
            title(memory, heard.repository, heard.run.run_id, heard.run.seen)


def lately(memory: Memory, now: float) -> list[RememberedEvent]:
    """All that was told in the last two minutes, by spans."""
    newest = int(now // SPAN)
    return _read(memory, *range(newest - SPANS + 1, newest + 1))


def title(memory: Memory, repository: str, run_id: str, seen: RunSeen) -> None:
    """Remember what a run is called."""
    memory.put(_title(repository, run_id), msgspec.json.encode(seen), TITLE)


def titled(memory: Memory, repository: str, run_id: str) -> RunSeen | None:
    """What was remembered of a run, if it is."""
    (known,) = memory.get(_title(repository, run_id))
    return RUN.decode(known) if isinstance(known, bytes) else None


def _words(heard: Heard, at: float) -> Iterable[RememberedEvent]:
    for job in heard.jobs:
        over = job.status == "completed"
        yield RememberedEvent(job.repository, job.run_id, max(1, job.forge_attempt), job.job_id, over, at)
    if heard.run:
        yield RememberedEvent(heard.repository, heard.run.run_id, heard.run.attempt, "", heard.run.over, at)


def _span(word: RememberedEvent) -> int:
    return int(word.at // SPAN)


def _read(memory: Memory, *spans: int) -> list[RememberedEvent]:
    kept = memory.get(*map(_key, spans))
    return [word for some in kept if isinstance(some, bytes) for word in WORDS.decode(some)]


def _key(span: int) -> str:
    return f"told:{span}"


def _title(repository: str, run_id: str) -> str:
    return f"run:{repository}:{run_id}"
