"""Discover jobs by scale sets, where the operator turns it on: a message is a hint which run to read
(docs/decisions/scale-sets.md).

One scale set for each named size that a pool serves. A turn is one long call for a message; all that the next one
needs is in the row. A message is acknowledged once its content is stored: one that a process dies over comes again.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from runners.connections import polling
from runners.gateways import Gateways
from runners.jobs import bulk_ingest, matching
from runners.jobs.labels import NAMED
from runners.models import VM, Pool, Runner
from runners.queue.effects import Effects
from tfci.core.leases import lease
from tfci.core.optional import present
from tfci.core.reasons import Reason, columns
from tfci.core.vault import instance
from tfci.forges import registry
from tfci.forges.errors import Busy, ForgeError, ForgeRefused, Gone, Limited, SessionEnded
from tfci.forges.facts import WebhookEvent
from tfci.forges.models import Connection, ScaleSet
from tfci.forges.ports.scale_sets import HasScaleSets, Message, ScaleSets
from tfci.forges.problems import ScaleSetLeft, stored

LEASE = timedelta(seconds=75)  # longer than a call for messages may take
RETRY = timedelta(seconds=30)  # after a turn that failed
SOON = timedelta(seconds=2)  # at least, between turns that get no message
SOURCE = "scale set"  # how a job was discovered
NO_PROBLEM = columns(None, "problem")
DRAINING = timedelta(seconds=5)  # between two checks whether a set that is not wanted has runners left


def settle(now: datetime) -> None:
    """Create a row for each scale set that there should be, and mark each other one for removal."""
    for connection in Connection.objects.filter(
        forge__in=registry.kinds_implementing(HasScaleSets), disconnected_at=None
    ):
        wanted = _labels(connection) if settings.SCALE_SETS else set()
        kept = Q(label__in=wanted, runner_group=connection.runner_group)
        ScaleSet.objects.filter(connection=connection, wanted=True).exclude(kept).update(
            wanted=False, due_at=now
        )
        known = set(ScaleSet.objects.filter(connection=connection).values_list("label", flat=True))
        row = {
            "connection": connection,
            "runner_group": connection.runner_group,
            "due_at": now,
            "leased_until": now,
        }
        new = [ScaleSet(label=label, **row) for label in sorted(wanted - known)]
        ScaleSet.objects.bulk_create(new, ignore_conflicts=True)


def _labels(connection: Connection) -> set[str]:
    """The named sizes that a pool serves jobs of, whatever repository of it they are in."""
    pools = matching.pools_of(connection)
    return {label for label in NAMED if _pool(connection, label, pools)}


def _pool(connection: Connection, label: str, pools: Iterable[Pool]) -> Pool | None:
    repository = connection.name if connection.level == Connection.Level.REPO else ""
    found = matching.match(connection, repository, [label], pools)
    return None if found.reason else found.pool


def due(now: datetime) -> list[tuple[int, bool]]:
    """Those that are due and that nobody polls, each with whether it is wanted."""
    return list(ScaleSet.objects.filter(_free(now)).order_by("due_at").values_list("pk", "wanted"))


def _free(now: datetime) -> Q:
    return Q(due_at__lte=now, leased_until__lte=now)


def lease_due(pk: int, now: datetime) -> ScaleSet | None:
    """The scale set, if nobody else has it now."""
    rows = ScaleSet.objects.select_related("connection__team", "connection__installation__app")
    return lease(rows, _free(now), pk, leased_until=now + LEASE)


def step(row: ScaleSet, gateways: Gateways) -> Effects:
    """Read and process one message at most; remove what is not wanted."""
    try:
        sets = gateways.scale_sets(row.connection)
        effects = _listen(row, sets, gateways) if row.wanted else _remove(row, sets, gateways.clock())
    except Busy as error:
        return _postpone(row, row.typed_problem, error.until, gateways.clock())
    except Limited as error:
        return _postpone(row, error.reason, error.until, gateways.clock())
    except ForgeError as error:
        return _postpone(row, error.reason, gateways.clock() + RETRY, gateways.clock())
    if row.pk:
        _update(row, leased_until=gateways.clock())
    return effects


def _postpone(row: ScaleSet, problem: Reason | None, due_at: datetime, now: datetime) -> Effects:
    _update(row, **columns(problem, "problem"), due_at=due_at, leased_until=now)
    return Effects()


def _listen(row: ScaleSet, sets: ScaleSets, gateways: Gateways) -> Effects:
    try:
        if row.session is None:
            return _open(row, sets, gateways)
        if sets.ready():
            _update_access(row, sets)
        asked_at = gateways.clock()
        message = sets.next_message(row.session, row.last_message, _capacity(row))
        _update(row, **NO_PROBLEM, answered_at=gateways.clock(), leased_until=gateways.clock() + LEASE)
        if message:
            return _process(row, sets, message, gateways)
        _update(row, due_at=asked_at + SOON)
    except SessionEnded:
        _renew(row, sets, gateways.clock())
    except Gone:
        _reset_session(row, gateways.clock())
    return Effects()


def _open(row: ScaleSet, sets: ScaleSets, gateways: Gateways) -> Effects:
    """Create what is missing, open a session, and process what was offered before that."""
    if not row.set_id:
        row.set_id = sets.make(row.name, row.label)
        _update_access(row, sets, set_id=row.set_id)
    opened = sets.open(row.set_id, f"farmhand-{instance()}")
    row.session, row.last_message = opened, 0
    _update_access(
        row, sets, answered_at=gateways.clock(), **NO_PROBLEM, **_session_columns(row), last_message=0
    )
    effects = _follow(row, sets, sets.offers(row.set_id), gateways)
    polling.poll_soon(row.connection, gateways.clock())
    effects.connections.add(row.connection_id)
    return effects


def _renew(row: ScaleSet, sets: ScaleSets, now: datetime) -> None:
    """The session's token has ended; the session may have, too."""
    try:
        row.session = sets.renew(row.set_id, present(row.session))
    except Gone:
        return _reset_session(row, now)
    _update_access(row, sets, due_at=now + SOON, **_session_columns(row))


def _reset_session(row: ScaleSet, now: datetime) -> None:
    """The session is not there any more, or not even its set, which GitHub removes after a week without a session:
    the next turn finds or creates one."""
    row.session = None
    _update(row, set_id="", due_at=now + SOON, **_session_columns(row))


def _session_columns(row: ScaleSet) -> dict[str, Any]:
    return {"session_id": row.session_id, "queue": row.queue, "queue_token": row.queue_token}


def _process(row: ScaleSet, sets: ScaleSets, message: Message, gateways: Gateways) -> Effects:
    effects = _follow(row, sets, message, gateways)
    sets.done(present(row.session), message.message_id)
    columns = {
        "last_message_at": gateways.clock(),
        "assigned": message.assigned,
        "last_message": message.message_id,
    }
    _update(row, **columns)
    return effects


def _follow(row: ScaleSet, sets: ScaleSets, message: Message, gateways: Gateways) -> Effects:
    """Acquire what is offered, and read each run that the message names."""
    if message.offered:
        sets.acquire(row.set_id, present(row.session), message.offered)
    effects = Effects()
    for repository, run_id in message.runs:
        with suppress(Gone, ForgeRefused):  # deleted, or not for us to see: no reading of it will go better
            effects.add(_read(row.connection, sets, repository, run_id, gateways))
    if not message.whole:
        polling.poll_soon(row.connection, gateways.clock())
        effects.connections.add(row.connection_id)
    return effects


def _read(
    connection: Connection, sets: ScaleSets, repository: str, run_id: str, gateways: Gateways
) -> Effects:
    """All its jobs. Polling reads the run once more and no further: a message may be ahead of its run."""
    asked_at = gateways.clock()
    seen = sets.jobs(repository, run_id)
    registry.remember_webhooks(connection, [(WebhookEvent(SOURCE, tuple(seen)), asked_at)])
    readings = [bulk_ingest.TimedReading(job, gateways.clock()) for job in seen]
    return bulk_ingest.observe_all(connection, readings, asked_at=asked_at, by=SOURCE)


def _capacity(row: ScaleSet) -> int:
    """How many jobs the set may have: as many as its pool has VMs that do nothing for others."""
    pool = _pool(row.connection, row.label, matching.pools_of(row.connection))
    if pool is None:
        return 0
    others = Runner.objects.filter(vm__pool=pool, deregistered_at=None).exclude(_ours(row))
    return max(0, pool.max_vms - others.exclude(vm__state=VM.State.GONE).count())


def _ours(row: ScaleSet) -> Q:
    """Runners of its jobs: its forge compares labels without regard to case."""
    return Q(connection=row.connection, label_key__iexact=row.label)


def _remove(row: ScaleSet, sets: ScaleSets, now: datetime) -> Effects:
    """There, once its last runner is gone, then here. Where our rights have ended there is no more that we can do."""
    if Runner.objects.filter(_ours(row), deregistered_at=None).exists():
        _update(row, due_at=now + DRAINING)
        return Effects()
    try:
        if row.set_id:
            if row.session:
                sets.close(row.set_id, row.session)
            sets.remove(row.set_id)
    except ForgeRefused as error:
        left = ScaleSetLeft(row.name, str(error))
        Connection.objects.filter(pk=row.connection_id).update(problems=[stored(left)])
    row.delete()
    return Effects()


def _update_access(row: ScaleSet, sets: ScaleSets, **columns: Any) -> None:
    """With the access, which a call may have renewed."""
    row.access = sets.access
    access = {"access_url": row.access_url, "access_token": row.access_token}
    _update(row, access_ends_at=row.access_ends_at, **access, **columns)


def _update(row: ScaleSet, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    ScaleSet.objects.filter(pk=row.pk).update(**columns)
