"""Poll forges: polling is the truth, a webhook only a hint. Where there is activity we poll often, else rarely."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Q

from runners import engine
from runners.gateways import Gateways
from runners.jobs import bulk_ingest, ingest
from runners.models import VM, Job
from runners.queue.effects import Effects
from tfci.core.leases import lease
from tfci.core.permits import LONG
from tfci.forges import connections, registry
from tfci.forges.errors import Busy, ForgeError, Gone, Limited, Unreachable
from tfci.forges.models import Connection
from tfci.forges.ports.forge import Forge, ReadsJobs
from tfci.forges.problems import stored

OFTEN = timedelta(seconds=0.5)  # while jobs run or wait, or after a push (design, 9)
EAGER = timedelta(seconds=0.2)  # right after a push: its jobs are queued any moment
EAGER_FOR = timedelta(seconds=30)  # for so long: Gitea may report a push seconds late
SOON = timedelta(seconds=1)  # after a call that failed
RARELY = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)  # where it does not answer, or needs long for it
FRESH = timedelta(seconds=5)  # activity so recent need not be recorded again
ACTIVE_FOR = timedelta(minutes=2)  # how long a push or a job's webhook keeps us asking often
FAST = timedelta(milliseconds=100)  # a forge that answers slower is polled less often
RETRIED = (Unreachable, Limited)
MAX_SINGLE_READS = 50  # jobs that are read one by one in one turn
PERMIT_PAUSES = 6  # times the pause of a VM's step, where no call is left: many polls may wait for one
READING = timedelta(seconds=10)  # after which a turn asks for no other
TURN = timedelta(seconds=60)  # that one may take: what was not processed by then comes with the next


def due(now: datetime) -> list[int]:
    """The organisations to ask now, those that have waited longest first."""
    return list(Connection.objects.filter(_free(now)).order_by("next_poll_at").values_list("pk", flat=True))


def _free(now: datetime) -> Q:
    """Whose time has come, and whose forge accepts calls: a nudge does not shorten a pause that a forge asked for."""
    not_limited = Q(limited_until=None) | Q(limited_until__lte=now)
    return not_limited & Q(next_poll_at__lte=now, disconnected_at=None)


def lease_due(connection_id: int, now: datetime) -> Connection | None:
    """The organisation, if nobody else is polling it now. One whose calls were paused is called again, by others
    too."""
    rows = Connection.objects.select_related("team")
    return lease(rows, _free(now), connection_id, next_poll_at=now + RARELY, retry_at=None)


def ask(connection: Connection, gateways: Gateways, now: datetime) -> Effects:
    """All jobs that the forge has queued, and those that we hold open and it no longer lists."""
    effects = Effects()
    try:
        forge = gateways.forge(connection)
        listed = forge.waiting_jobs()
        answered_at = gateways.clock()
        answer = answered_at - now
        readings = [bulk_ingest.TimedReading(seen, answered_at) for seen in listed]
        effects.add(
            bulk_ingest.observe_all(
                connection, readings, asked_at=now, enough=lambda: gateways.clock() - now > TURN
            )
        )
        _read_unlisted(connection, forge, {seen.job_id for seen in listed}, effects, gateways, now)
        whole = gateways.clock() - now
        _schedule_next(connection, whole if whole.total_seconds() > LONG else answer, now)
        _check(connection, forge, now)
    except Busy as error:
        refused_at = gateways.clock()
        Connection.objects.filter(pk=connection.pk).update(
            next_poll_at=refused_at + PERMIT_PAUSES * (error.until - refused_at)
        )
    except Limited as error:
        Connection.objects.filter(pk=connection.pk).update(
            limited_until=error.until, next_poll_at=error.until
        )
    except Unreachable:
        _back_off(connection, now, gateways.clock())
    except ForgeError as error:
        Connection.objects.filter(pk=connection.pk).update(
            problems=[stored(error.reason)], last_polled_at=now, next_poll_at=now + 10 * RARELY
        )
    return effects


def _check(connection: Connection, forge: Forge, now: datetime) -> None:
    """Where it is wanted. Without a call left it waits for the next turn, which comes no later for that."""
    with suppress(Busy):
        if _wants_check(connection, now):
            connections.check(connection, forge, now)


def _wants_check(connection: Connection, now: datetime) -> bool:
    """A connection by an App was not checked before its token was there; one with problems may have been fixed."""
    if connection.installation_id and connection.checked_at is None:
        return True
    return bool(connection.problems) and now - (connection.checked_at or connection.connected_at) > RARELY


def _back_off(connection: Connection, began: datetime, now: datetime) -> None:
    """Pause as long again as it has been silent: one failure costs little, and a forge that is down is not called."""
    since = connection.silent_since or began
    retry_at = now + min(max(now - since, SOON), LONGEST)
    Connection.objects.filter(pk=connection.pk).update(
        silent_since=since, next_poll_at=retry_at, retry_at=retry_at
    )


def _read_unlisted(
    connection: Connection,
    forge: Forge,
    listed: set[str],
    effects: Effects,
    gateways: Gateways,
    now: datetime,
) -> None:
    """Queued here and not there: taken, cancelled or deleted without a webhook. Running, and no VM of
    ours is left that watches it: a foreign runner has it, or its VM was lost."""
    pace = registry.pace(connection)
    held = Q(state__in=[Job.State.QUEUED, Job.State.WAITING, *Job.SET_ASIDE], read_at__lt=now - pace.settled)
    unwatched = Q(vm=None) | Q(vm__state__in=[VM.State.KEPT, VM.State.REMOVING, VM.State.GONE])
    running = unwatched & Q(state=Job.State.IN_PROGRESS, read_at__lt=now - pace.running)
    unlisted = Job.objects.filter(held | running, connection=connection).exclude(forge_job_id__in=listed)
    for job in unlisted.select_related("connection").order_by("read_at")[:MAX_SINGLE_READS]:
        try:
            effects.add(reread(job, forge, gateways.clock()))
        except RETRIED:  # the list was answered, so the next turn comes soon and asks for the rest
            return
        if gateways.clock() - now > READING:
            return


def reread(job: Job, forge: ReadsJobs, now: datetime) -> Effects:
    """One job, asked for by itself. Raises ForgeError."""
    try:
        seen = forge.job(job.repository, job.run_id, job.forge_job_id)
    except Gone:
        return ingest.vanished(job, now)
    return ingest.observe(job.connection, seen, now, asked_at=now)


def _schedule_next(connection: Connection, took: timedelta, now: datetime) -> None:
    """When to poll next: soon where there is activity, never more than a tenth of the time of a forge that counts no
    calls."""
    open_jobs = Job.objects.filter(connection=connection).exclude(
        Q(ours=False) | Q(state__in=[Job.State.COMPLETED, Job.State.REFUSED])
    )
    last_activity_at = Connection.objects.values_list("last_activity_at", flat=True).get(pk=connection.pk)
    since = now - last_activity_at if last_activity_at else ACTIVE_FOR
    pace = registry.pace(connection)
    took = timedelta() if pace.counted else took
    pause = _pause(took, since) if since < ACTIVE_FOR or open_jobs.exists() else pace.quiet
    pause = max(pause, pace.often)
    cleared = {"limited_until": None, "silent_since": None, "retry_at": None}
    Connection.objects.filter(pk=connection.pk).update(
        last_polled_at=now, next_poll_at=now + pause, **cleared
    )
    if connection.silent_since:
        engine.nudge(VM.objects.filter(runners__connection=connection, runners__deregistered_at=None), now)


def _pause(took: timedelta, since: timedelta) -> timedelta:
    """Between two polls where there is activity: `took` the last answer, or the last turn where that was long;
    `since` the last activity."""
    if since < EAGER_FOR:
        return min(max(EAGER, 10 * took), LONGEST)
    return OFTEN if took <= FAST else min(10 * took, LONGEST)


def seconds_left(connection: Connection, now: datetime) -> timedelta | None:
    """How long until it is to be asked again; None where that is no sooner than the schedule looks anyway."""
    next_poll_at = Connection.objects.values_list("next_poll_at", flat=True).get(pk=connection.pk)
    return max(next_poll_at - now, timedelta(0)) if next_poll_at - now <= SOON else None


def note_activity(connection: Connection, now: datetime, within: timedelta = timedelta(0)) -> None:
    """Activity: poll soon, and often for a while. Written only where it changes something, for whoever
    writes this row holds up all other deliveries of the organisation until the commit."""
    is_fresh = connection.last_activity_at is not None and now - connection.last_activity_at < FRESH
    soonest = _soonest(connection, now)
    if not is_fresh or connection.next_poll_at > soonest + within:
        columns = {"last_activity_at": now, "last_webhook_at": now, "next_poll_at": soonest}
        Connection.objects.filter(pk=connection.pk).update(**columns, retry_at=None)


def poll_soon(connection: Connection, now: datetime) -> None:
    """Ask as soon as its pace allows, once."""
    soonest = _soonest(connection, now)
    Connection.objects.filter(pk=connection.pk, next_poll_at__gt=soonest).update(next_poll_at=soonest)


def _soonest(connection: Connection, now: datetime) -> datetime:
    return (
        max(now, connection.last_polled_at + registry.pace(connection).often)
        if connection.last_polled_at
        else now
    )
