"""What calls forges and the grid, for one row each."""

import structlog
from celery import shared_task
from django.utils import timezone

from runners import again, deploys, describing, nudges, outside, poll, scale_sets
from runners.models import Job
from runners.tasks.walk import tell, walk
from tfci.forges import tokens
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import ForgeError

log = structlog.get_logger()


@shared_task
@nudges.merged
def step(*, vm_id: int, **_) -> None:
    """Let one VM walk until it has to wait."""
    for move in walk(vm_id):
        tell(*move)


@shared_task
@nudges.merged
def turn(*, twin_id: int, **_) -> None:
    """A twin's turns on the chain, until nothing is left to do."""
    while moved := deploys.send(twin_id, outside.WORLD, timezone.now()):
        for vm_id in moved:
            nudges.step(vm_id)


@shared_task
@nudges.merged
def ask(*, org_id: int, **_) -> None:
    """Ask one organisation's forge for its queued jobs, and while something stirs come again without waiting for the
    schedule: whoever comes too many finds that it is not due."""
    org = poll.take(org_id, timezone.now())
    if org is None:
        return
    nudges.follow(poll.ask(org, outside.WORLD, timezone.now()))
    if (pause := poll.soon(org, timezone.now())) is not None:
        nudges.ask_again(org_id, pause)


@shared_task
def reread(*, job_id: int, **_) -> None:
    """Ask for one job by itself."""
    job = Job.objects.select_related("org__team", "pool").get(pk=job_id)
    try:
        nudges.follow(poll.reread(job, outside.WORLD.forge(job.org), timezone.now()))
    except ForgeError as error:
        log.warning("reread_failed", job=job_id, error=str(error))


@shared_task
@nudges.merged
def describe(*, org_id: int, **_) -> None:
    """Read the runs of one organisation's new jobs, for what they are called."""
    org = LinkedOrg.objects.select_related("team").get(pk=org_id)
    try:
        describing.describe(org, outside.WORLD.forge(org), timezone.now())
    except ForgeError as error:
        log.warning("runs_not_read", org=org_id, error=str(error))


@shared_task
@nudges.merged
def rerun(*, rerun_id: int, **_) -> None:
    """Look into one job that failed where they run again, and have it run again if its machine was the cause."""
    nudges.follow(again.look(rerun_id, outside.WORLD, timezone.now()))


@shared_task
@nudges.merged
def refresh_token(*, installation_id: int, **_) -> None:
    """Read one installation, and renew its token. Whoever comes too many finds that it is not due."""
    if row := tokens.take(installation_id, timezone.now()):
        tokens.refresh(row, outside.WORLD.app(row.app), timezone.now())
        for org in row.links.filter(unlinked_at=None):
            nudges.ask(org.pk)


@shared_task
@nudges.merged
def remove_scale_set(*, scale_set_id: int, **_) -> None:
    """Take away one that is not wanted any more, as soon as it has no runners."""
    if row := scale_sets.take(scale_set_id, timezone.now()):
        nudges.follow(scale_sets.turn(row, outside.WORLD))
