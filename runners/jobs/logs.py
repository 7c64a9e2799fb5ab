"""A job's log, read from its forge while somebody looks at it.

All who look at the same job share what was read, for a few seconds while it runs. A team has one read open at a time,
which ends after a few seconds, and so many a minute: neither a slow forge nor many open pages hold up other teams. What
was read lies encrypted in Valkey for some minutes, and nowhere else.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from redis.exceptions import RedisError

from runners.gateways import Gateways
from runners.models import Job
from runners.reasons import catalogue
from runners.reasons.logs import (
    LogAfterEnd,
    LogDisconnected,
    LogEmpty,
    LogMissing,
    LogNotStarted,
    LogOldAttempt,
    LogReading,
    LogReason,
    LogRefused,
    LogTeamLimit,
    LogUnread,
)
from tfci.core import permits, vault
from tfci.core.rate_limit import calls
from tfci.core.reasons import columns
from tfci.core.secret import Secret
from tfci.forges import registry
from tfci.forges.errors import ForgeError, ForgeRefused, Gone

log = structlog.get_logger()

SECONDS = 5.0  # that one read may take
READS = 60  # of one team in one minute
FRESH = timedelta(seconds=3)  # how long what was read of a running job is the newest
PAUSE = timedelta(
    seconds=10
)  # after a read that failed, and between two of a log that is longer than is read
KEPT = 300  # seconds: a log that has ended, and what was read last of one that has not
LONGEST = 2**20  # bytes of its end that a forge is asked for
SETTLING = timedelta(minutes=3)  # after a job's end, in which its forge may still be storing the log
NEVER = datetime.min.replace(tzinfo=UTC)
FAILED = (LogMissing, LogUnread, LogRefused, LogTeamLimit)
BEGUN = (Job.State.IN_PROGRESS, Job.State.COMPLETED)


@dataclass(frozen=True, slots=True)
class JobLog:
    """`whole`: False where its beginning is left out. `ended`: nothing comes any more. `reason`: why there is nothing,
    or nothing newer than what was read at `read_at`."""

    text: str = ""
    whole: bool = True
    ended: bool = False
    read_at: datetime | None = None
    tried_at: datetime = NEVER
    reason: LogReason | None = None


def read(job: Job, gateways: Gateways, now: datetime) -> JobLog:
    """The end of its log, as new as it may be. Needs its connection; one query where that is asked."""
    if job.state not in BEGUN:
        return JobLog(reason=LogNotStarted())
    kept = _load(job)
    if kept and (kept.ended or now - kept.tried_at < _rest(kept)):
        return kept
    if reason := _barred(job):
        return replace(kept or JobLog(), reason=reason)
    with _turn(job) as free:
        if not free:
            return kept or JobLog(reason=LogReading())
        if calls("job_log", job.team_id, now) > READS:
            return replace(kept or JobLog(), reason=LogTeamLimit(READS))
        found = _fetch(job, gateways, kept or JobLog(), now)
        _keep(job, found)
    return found


def pause(job: Job, seen: JobLog, now: datetime) -> timedelta | None:
    """When to read it again, from now; None once nothing more comes."""
    if seen.ended or job.state in Job.SET_ASIDE or isinstance(seen.reason, LogOldAttempt | LogDisconnected):
        return None
    if isinstance(seen.reason, LogReading):
        return timedelta(seconds=1)
    over = job.state == Job.State.COMPLETED
    if over and seen.reason and now - (job.completed_at or job.read_at) > SETTLING:
        return None
    return _rest(seen)


def _rest(seen: JobLog) -> timedelta:
    """Between this read and the next."""
    return PAUSE if isinstance(seen.reason, FAILED) or not seen.whole else FRESH


def _barred(job: Job) -> LogReason | None:
    """Why its forge need not be asked."""
    connection, kind = job.connection, registry.kind(job.connection.forge)
    if not connection.alive:
        return LogDisconnected(connection.name)
    if job.state != Job.State.COMPLETED and not kind.jobs.log_while_running:
        return LogAfterEnd(kind.title)
    later = Job.objects.filter(connection=connection, forge_job_id=job.forge_job_id, attempt__gt=job.attempt)
    return LogOldAttempt(kind.title) if later.exists() else None


def _fetch(job: Job, gateways: Gateways, kept: JobLog, now: datetime) -> JobLog:
    """What was read before stays where nothing newer comes."""
    name, over = job.connection.name, job.state == Job.State.COMPLETED
    try:
        with permits.within(SECONDS):
            text = gateways.forge(job.connection).log(job.repository, job.run_id, job.forge_job_id)
    except Gone:
        return replace(kept, tried_at=now, reason=LogMissing(name) if over else LogEmpty(name))
    except ForgeRefused as error:
        return replace(kept, tried_at=now, reason=LogRefused(name, str(error)))
    except ForgeError as error:
        return replace(kept, tried_at=now, reason=LogUnread(name, str(error)))
    whole = len(text.encode()) < LONGEST
    shown = text if whole else text.partition("\n")[2] or text  # its first line is cut somewhere
    return JobLog(shown, whole, over, read_at=now, tried_at=now)


# --- What all processes share -------------------------------------------------------------------------------------


@contextmanager
def _turn(job: Job) -> Iterator[bool]:
    """Around a read: whether no other of the team is open. Without Valkey the permits of a process bound them."""
    key = f"job_log:turn:{job.team_id}"
    try:
        free = cache.add(key, 1, timeout=2 * SECONDS)
    except RedisError as error:
        log.warning("job_log_not_shared", error=type(error).__name__)
        yield True
        return
    try:
        yield free
    finally:
        if free:
            _forget(key)


def _forget(key: str) -> None:
    try:
        cache.delete(key)
    except RedisError as error:  # it ends with its time
        log.warning("job_log_not_shared", error=type(error).__name__)


def _load(job: Job) -> JobLog | None:
    """What was read last, by whichever process."""
    try:
        sealed = cache.get(_key(job))
        stored = json.loads(zlib.decompress(b64decode(vault.open(sealed).reveal()))) if sealed else None
    except (RedisError, InvalidToken) as error:
        log.warning("job_log_not_shared", error=type(error).__name__)
        return None
    if stored is None:
        return None
    reason = catalogue.read(stored["reason"], stored["reason_params"]) if stored["reason"] else None
    return JobLog(
        stored["text"],
        stored["whole"],
        stored["ended"],
        datetime.fromisoformat(stored["read_at"]) if stored["read_at"] else None,
        datetime.fromisoformat(stored["tried_at"]),
        reason if isinstance(reason, LogReason) else None,
    )


def _keep(job: Job, found: JobLog) -> None:
    values = {
        "text": found.text,
        "whole": found.whole,
        "ended": found.ended,
        "read_at": found.read_at and found.read_at.isoformat(),
        "tried_at": found.tried_at.isoformat(),
        **columns(found.reason),
    }
    sealed = vault.seal(Secret(b64encode(zlib.compress(json.dumps(values).encode(), 1)).decode()))
    try:
        cache.set(_key(job), sealed, timeout=KEPT)
    except RedisError as error:
        log.warning("job_log_not_shared", error=type(error).__name__)


def _key(job: Job) -> str:
    return f"job_log:{job.pk}"
