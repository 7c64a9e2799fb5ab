"""What asks forges for one row each, and can wait: polls, readings, sweeps. VMs have their own queue (vm_steps.py).

The threads that serve this queue serve VMs, the chain and upkeep too. At most PLACES of them are here, so the others
are always there for those; and the calls made here leave a permit to VMs (tfci/core/permits.py). A task that finds no
place returns: its row stays due. Whoever makes forges slow on purpose gets few places: docs/decisions/slow-forges.md.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial, wraps

import structlog
from celery import shared_task
from django.utils import timezone

from runners import gateways
from runners.connections import polling, scale_sets
from runners.jobs import auto_rerun, lost_jobs, run_details
from runners.models import Job, Rerun
from runners.queue import nudges
from runners.vms import garbage_collection
from tfci.core import permits
from tfci.core.permits import NoPermit, Places, Shares
from tfci.forges import redelivery, signposts, tokens
from tfci.forges.errors import Busy, ForgeError
from tfci.forges.models import Connection, GitHubApp, ScaleSet
from tfci.forges.ports.forge import RedeliversWebhooks

log = structlog.get_logger()
PLACES = Shares(all=8, team=2, slow=4)  # of the 16 threads of worker-act
places = Places(PLACES)
TEAMS = {  # whose task it is, by the id that it has
    "connection_id": Connection.objects.values_list("team_id", flat=True),
    "job_id": Job.objects.values_list("team_id", flat=True),
    "rerun_id": Rerun.objects.values_list("job__team_id", flat=True),
    "scale_set_id": ScaleSet.objects.values_list("connection__team_id", flat=True),
}


def with_place(task: Callable[..., None]) -> Callable[..., bool]:
    """Around a task and its merging: while there is no place its key stays, so that it comes again in seconds and not
    with each turn of the schedule. False where there was none."""

    @wraps(task)
    def placed(**ids: int) -> bool:
        with ExitStack() as place:
            try:
                place.enter_context(places.hold(_team(ids)))
            except NoPermit:
                return False
            with permits.leave_one(), permits.within(polling.TURN.total_seconds()):
                task(**ids)
            return True

    return placed


def _team(ids: dict[str, int]) -> str:
    """An App and its installations are of no team: each has places of its own."""
    name, number = next(iter(ids.items()))
    return f"team {TEAMS[name].filter(pk=number).first()}" if name in TEAMS else f"{name} {number}"


@shared_task
@with_place
@nudges.merge
def ask(*, connection_id: int, **_: object) -> None:
    """Ask one organisation's forge for its queued jobs, and while there is activity ask again without waiting for the
    schedule: a superfluous call finds that it is not due."""
    connection = polling.lease_due(connection_id, timezone.now())
    if connection is None:
        return
    nudges.follow(polling.ask(connection, gateways.GATEWAYS, timezone.now()))
    if (pause := polling.seconds_left(connection, timezone.now())) is not None:
        nudges.ask_again(connection_id, pause)


@shared_task
def reread(*, job_id: int, **_: object) -> None:
    """Ask for one job by itself. No column says that it is due: without a place or a call left, its connection is
    polled soon instead."""
    job = Job.objects.select_related("connection__team", "pool").get(pk=job_id)
    try:
        done = _reread(job=job)
    except Busy:
        done = False
    except ForgeError as error:
        log.warning("reread_failed", job=job_id, error=str(error))
        return
    if not done:
        polling.poll_soon(job.connection, timezone.now())


@with_place
def _reread(*, job: Job) -> None:
    nudges.follow(polling.reread(job, gateways.GATEWAYS.forge(job.connection), timezone.now()))


@shared_task
@with_place
@nudges.merge
def describe(*, connection_id: int, **_: object) -> None:
    """Read the runs of one organisation's new jobs, for what they are called."""
    connection = Connection.objects.select_related("team").get(pk=connection_id)
    try:
        run_details.describe(connection, gateways.GATEWAYS.forge(connection), timezone.now())
    except ForgeError as error:
        log.warning("runs_not_read", connection=connection_id, error=str(error))


@shared_task
@with_place
@nudges.merge
def rerun(*, rerun_id: int, **_: object) -> None:
    """Look into one job that failed where they run again, and have it run again if its VM was the cause."""
    nudges.follow(auto_rerun.advance(rerun_id, gateways.GATEWAYS, timezone.now()))


@shared_task
@with_place
@nudges.merge
def end_job(*, job_id: int, **_: object) -> None:
    """Have one job ended whose VM is gone."""
    nudges.follow(lost_jobs.advance(job_id, gateways.GATEWAYS, timezone.now()))


@shared_task
@with_place
@nudges.merge
def refresh_token(*, installation_id: int, **_: object) -> None:
    """Read one installation, and renew its token. A superfluous call finds that it is not due."""
    if row := tokens.lease_due(installation_id, timezone.now()):
        tokens.refresh(row, gateways.GATEWAYS.app(row.app), timezone.now())
        for connection in row.connections.filter(disconnected_at=None):
            nudges.ask(connection.pk)


@shared_task
@with_place
@nudges.merge
def remove_scale_set(*, scale_set_id: int, **_: object) -> None:
    """Remove one that is not needed any more, as soon as it has no runners."""
    if row := scale_sets.lease_due(scale_set_id, timezone.now()):
        nudges.follow(scale_sets.step(row, gateways.GATEWAYS))


@shared_task
@with_place
@nudges.merge
def keep_signpost(*, connection_id: int, **_: object) -> None:
    connection = signposts.due(timezone.now()).filter(pk=connection_id).first()
    try:
        if connection:
            signposts.renew(connection, gateways.GATEWAYS.forge(connection), timezone.now())
    except ForgeError as error:
        log.warning("signpost_waits", connection=connection_id, error=str(error))


@shared_task
@with_place
@nudges.merge
def sweep_connection(*, connection_id: int, **_: object) -> None:
    """Remove an organisation's runners that belong to no VM; one step of draining one that is being
    disconnected."""
    connection = Connection.objects.select_related("team").get(pk=connection_id)
    try:
        if connection.disconnecting_at and connection.disconnected_at is None:
            garbage_collection.disconnecting(connection, gateways.GATEWAYS.forge(connection), timezone.now())
        elif names := connection.alive and garbage_collection.runners(
            connection, gateways.GATEWAYS.forge(connection), timezone.now()
        ):
            log.warning("orphan_runners_removed", connection=connection.pk, names=names)
    except Busy:
        return
    except ForgeError as error:
        log.warning("sweep_failed", connection=connection.pk, error=str(error))


@shared_task
@with_place
@nudges.merge
def redeliver_app(*, app_id: int, **_: object) -> None:
    """Have webhooks sent again that GitHub could not deliver to one App."""
    row = GitHubApp.objects.get(pk=app_id)
    if count := redelivery.of_app(row, gateways.GATEWAYS.app(row), timezone.now()):
        log.warning("webhooks_sent_again", of=str(row), count=count)


@shared_task
@with_place
@nudges.merge
def redeliver(*, connection_id: int, **_: object) -> None:
    """The same for one connection's own webhooks."""
    connection = Connection.objects.get(pk=connection_id)
    forge = partial(gateways.GATEWAYS.forge_that, protocol=RedeliversWebhooks)
    if count := redelivery.of_connection(connection, forge, timezone.now()):
        log.warning("webhooks_sent_again", of=str(connection), count=count)
