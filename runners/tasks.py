"""The door for messages: each loads a row, calls one function, and enqueues what follows. Arguments are ids.

Rows hold the truth: a message that is lost costs one turn of the schedule (tfci/celery.py).
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from billing import quotes, wallets
from runners import (
    again,
    charges,
    closing,
    decisions,
    deploys,
    describing,
    draining,
    hints,
    intake,
    jobs,
    lifecycle,
    loads,
    notices,
    poll,
    pressures,
    reconcile,
    servers,
    steps,
    sweep,
)
from runners import world as outside
from runners.models import VM, Job, Pool
from tfci import pulse
from tfci.forges import health, redelivery, signposts, tokens
from tfci.forges.models import Delivery, LinkedOrg
from tfci.forges.ports import ForgeError
from tfci.grid import connect as grid
from tfci.grid import nodes
from tfci.grid.ports import GridError

log = structlog.get_logger()
WORLD = outside.real(timezone.now)
MOST = 500  # rows that one turn of the schedule enqueues
MERGED = 5  # seconds after which a nudge that was never taken is sent anew
KEEP = timedelta(days=7)  # deliveries, samples and decisions


def follow(news: jobs.News) -> None:
    """Enqueue what follows from a reading, once its transaction has committed."""
    for pool_id in news.pools:
        nudge(decide, f"pool:{pool_id}", pool_id=pool_id)
    for vm_id in news.vms:
        send(step, vm_id=vm_id)
    for job_id in news.reread:
        send(reread, job_id=job_id)
    for org_id in news.orgs:
        nudge(ask, f"org:{org_id}", org_id=org_id)
    for org_id in news.posts:
        nudge(keep_signpost, f"post:{org_id}", org_id=org_id)


def nudge(task, key: str, **ids: int) -> None:
    """Enqueue it once, however many want it: the task deletes the key before it reads."""
    transaction.on_commit(lambda: _nudge(task, key, ids))


def _nudge(task, key: str, ids: dict[str, int]) -> None:
    try:
        if cache.add(f"nudge:{key}", 1, timeout=MERGED):
            _send(task, ids)
    except RedisError as error:
        log.warning("nudge_lost", task=task.name, error=type(error).__name__)


def send(task, after: timedelta = timedelta(0), **ids: int) -> None:
    """After commit; a broker that is dead or frozen costs at most its own patience, and one turn of the schedule."""
    transaction.on_commit(lambda: _send(task, ids, after))


def _send(task, ids: dict[str, int], after: timedelta = timedelta(0)) -> None:
    try:
        task.apply_async(kwargs=ids, countdown=after.total_seconds() or None)
    except (OperationalError, RedisError) as error:
        log.warning("nudge_lost", task=task.name, error=type(error).__name__)


def nudge_take_in(org_id: int) -> None:
    """The forges' door wrote something down, and has committed it."""
    _nudge(take_in, f"inbox:{org_id}", {"org_id": org_id})


@shared_task(queue="decide")
def take_in(*, org_id: int, **_) -> None:
    """Take in what an organisation's forge told, until nothing is left."""
    cache.delete(f"nudge:inbox:{org_id}")
    while news := intake.take(org_id, timezone.now()):
        follow(news)


@shared_task(queue="decide")
def decide(*, pool_id: int, **_) -> None:
    """Reconcile one pool, then place what its wallet wants. What was placed walks at once, for it calls nobody on
    its way to the chain, and all of it before its twin's turn, so that one batch carries it."""
    cache.delete(f"nudge:pool:{pool_id}")
    now = timezone.now()
    _carry_on(reconcile.run(pool_id, now), now)


@shared_task(queue="decide")
def keep_server(*, server_id: int, **_) -> None:
    """See to one server's machine, as `decide` does to a pool's."""
    cache.delete(f"nudge:server:{server_id}")
    now = timezone.now()
    _carry_on(servers.keep(server_id, now), now)


def _carry_on(carried: reconcile.Carried, now: datetime) -> None:
    for vm_id in carried.vms:
        send(step, vm_id=vm_id)
    placed = sorted(deploys.place(carried.wallet_id, now))
    for move in [move for vm_id in placed for move in _walk(vm_id)]:
        _after_move(*move)


@shared_task(queue="act")
def step(*, vm_id: int, **_) -> None:
    """Let one VM walk until it has to wait."""
    cache.delete(f"nudge:vm:{vm_id}")
    for move in _walk(vm_id):
        _after_move(*move)


def _walk(vm_id: int) -> Iterator[tuple[VM, str]]:
    """Until it has to wait; yields each move's VM and new state."""
    while vm := steps.take(vm_id, timezone.now()):
        outcome = steps.run(vm, lifecycle.STATES, WORLD, timezone.now())
        if isinstance(outcome, steps.To):
            yield vm, outcome.state


def _after_move(vm: VM, state: str) -> None:
    """Who else has something to do now that it moved."""
    if state in ("deploying", "removing") and (state == "deploying" or vm.sent_at):
        nudge(turn, f"twin:{vm.wallet.twin_id}", twin_id=vm.wallet.twin_id)
    if vm.pool_id and state in ("standby", "wanted", "gone"):
        nudge(decide, f"pool:{vm.pool_id}", pool_id=vm.pool_id)
    if vm.server_id and state in ("wanted", "removing", "gone"):
        nudge_server(vm.server_id)


def nudge_server(server_id: int) -> None:
    nudge(keep_server, f"server:{server_id}", server_id=server_id)


@shared_task(queue="act")
def turn(*, twin_id: int, **_) -> None:
    """A twin's turns on the chain, until nothing is left to do."""
    cache.delete(f"nudge:twin:{twin_id}")
    while moved := deploys.send(twin_id, WORLD, timezone.now()):
        for vm_id in moved:
            send(step, vm_id=vm_id)


@shared_task(queue="act")
def ask(*, org_id: int, **_) -> None:
    """Ask one organisation's forge for its queued jobs, and while something stirs come again without waiting for the
    schedule: whoever comes too many finds that it is not due."""
    cache.delete(f"nudge:org:{org_id}")
    org = poll.take(org_id, timezone.now())
    if org is None:
        return
    follow(poll.ask(org, WORLD, timezone.now()))
    if (pause := poll.soon(org, timezone.now())) is not None:
        send(ask, after=pause, org_id=org_id)


@shared_task(queue="act")
def reread(*, job_id: int, **_) -> None:
    """Ask for one job by itself."""
    job = Job.objects.select_related("org__team", "pool").get(pk=job_id)
    try:
        follow(poll.reread(job, WORLD.forge(job.org), timezone.now()))
    except ForgeError as error:
        log.warning("reread_failed", job=job_id, error=str(error))


@shared_task(queue="upkeep")
def take_in_all(**_) -> None:
    """Every organisation whose forge told something that nobody took in."""
    for org_id in intake.due():
        nudge_take_in(org_id)


@shared_task(queue="upkeep")
def decide_all(**_) -> None:
    """Every pool, so that a lost nudge costs seconds."""
    for pool_id in Pool.objects.filter(closed_at=None).values_list("pk", flat=True):
        nudge(decide, f"pool:{pool_id}", pool_id=pool_id)


@shared_task(queue="upkeep")
def keep_servers(**_) -> None:
    """Every server, so that a lost nudge costs seconds."""
    for server_id in servers.due():
        nudge_server(server_id)


@shared_task(queue="upkeep")
def watch_due(**_) -> None:
    """Every pool whose processors are watched."""
    for pool_id in pressures.due():
        nudge(watch, f"cpu:{pool_id}", pool_id=pool_id)


@shared_task(queue="upkeep")
def watch(*, pool_id: int, **_) -> None:
    """Read how hard one pool's machines work, and reconcile it where that changes what it holds ready."""
    cache.delete(f"nudge:cpu:{pool_id}")
    if pressures.read(pool_id, timezone.now()):
        nudge(decide, f"pool:{pool_id}", pool_id=pool_id)


@shared_task(queue="upkeep")
def step_due(**_) -> None:
    """Every VM that is due and that nobody holds."""
    now = timezone.now()
    due = VM.objects.exclude(state=VM.State.GONE).filter(next_step_at__lte=now, leased_until__lte=now)
    for vm_id in due.order_by("next_step_at").values_list("pk", flat=True)[:MOST]:
        nudge(step, f"vm:{vm_id}", vm_id=vm_id)


@shared_task(queue="upkeep")
def turn_all(**_) -> None:
    """Every twin that has something to send or to cancel."""
    for twin_id in deploys.twins_with_work():
        nudge(turn, f"twin:{twin_id}", twin_id=twin_id)


@shared_task(queue="upkeep")
def ask_due(**_) -> None:
    """Every organisation whose time to be asked has come."""
    for org_id in poll.due(timezone.now()):
        nudge(ask, f"org:{org_id}", org_id=org_id)


@shared_task(queue="upkeep")
def describe_due(**_) -> None:
    """Every organisation with jobs whose runs were not read yet."""
    for org_id in describing.due():
        nudge(describe, f"runs:{org_id}", org_id=org_id)


@shared_task(queue="act")
def describe(*, org_id: int, **_) -> None:
    """Read the runs of one organisation's new jobs, for what they are called."""
    cache.delete(f"nudge:runs:{org_id}")
    org = LinkedOrg.objects.select_related("team").get(pk=org_id)
    try:
        describing.describe(org, WORLD.forge(org), timezone.now())
    except ForgeError as error:
        log.warning("runs_not_read", org=org_id, error=str(error))


@shared_task(queue="upkeep")
def rerun_due(**_) -> None:
    """Every job that failed where jobs run again whose machine failed."""
    for rerun_id in again.due(timezone.now()):
        nudge(rerun, f"rerun:{rerun_id}", rerun_id=rerun_id)


@shared_task(queue="act")
def rerun(*, rerun_id: int, **_) -> None:
    """Look into one of them, and have it run again if that is so."""
    cache.delete(f"nudge:rerun:{rerun_id}")
    follow(again.look(rerun_id, WORLD, timezone.now()))


@shared_task(queue="upkeep")
def keep_signposts(**_) -> None:
    """Every signpost that must speak now; each by itself, for one slow forge may not silence the others."""
    for org_id in signposts.due(timezone.now()).values_list("pk", flat=True):
        nudge(keep_signpost, f"post:{org_id}", org_id=org_id)


@shared_task(queue="upkeep")
def keep_signpost(*, org_id: int, **_) -> None:
    cache.delete(f"nudge:post:{org_id}")
    org = signposts.due(timezone.now()).filter(pk=org_id).first()
    try:
        if org:
            signposts.keep(org, WORLD.forge(org), timezone.now())
    except ForgeError as error:
        log.warning("signpost_waits", org=org_id, error=str(error))


@shared_task(queue="upkeep")
def refresh_tokens(**_) -> None:
    """Every installation of an App whose token ends soon, or of which something was told."""
    for pk in tokens.due(timezone.now()):
        nudge_refresh(pk)


def nudge_refresh(installation_id: int) -> None:
    nudge(refresh_token, f"token:{installation_id}", installation_id=installation_id)


@shared_task(queue="act")
def refresh_token(*, installation_id: int, **_) -> None:
    """Read one installation, and renew its token. Whoever comes too many finds that it is not due."""
    cache.delete(f"nudge:token:{installation_id}")
    if row := tokens.take(installation_id, timezone.now()):
        tokens.refresh(row, WORLD.app(row.app), timezone.now())
        for org in row.links.filter(unlinked_at=None):
            nudge(ask, f"org:{org.pk}", org_id=org.pk)


@shared_task(queue="upkeep")
def redeliver(**_) -> None:
    """Webhooks that a forge could not deliver."""
    now = timezone.now()
    again = [(str(app), redelivery.of_app(app, WORLD.app(app), now)) for app in redelivery.apps(now)]
    again += [(str(org), redelivery.of_link(org, WORLD.forge, now)) for org in redelivery.links(now)]
    for whose, count in again:
        if count:
            log.warning("webhooks_sent_again", of=whose, count=count)


@shared_task(queue="upkeep")
def tell_of_ends(**_) -> None:
    """Tokens that end soon and that we can't renew."""
    for org, at in tokens.ending(timezone.now()):
        if tokens.tell(org, at):
            notices.token_ends(org, timezone.now())


@shared_task(queue="upkeep")
def sweep_forges(**_) -> None:
    """Runners that no machine stands behind; organisations that are being unlinked."""
    for org in LinkedOrg.objects.filter(unlinked_at=None).select_related("team"):
        try:
            forge = WORLD.forge(org)
            if org.unlinking_at:
                sweep.unlinking(org, forge, timezone.now())
            elif names := sweep.runners(org, forge, timezone.now()):
                log.warning("orphan_runners_forgotten", org=org.pk, names=names)
        except ForgeError as error:
            log.warning("sweep_failed", org=org.pk, error=str(error))


@shared_task(queue="upkeep")
def unlink(*, org_id: int, **_) -> None:
    """One turn of draining an organisation; the sweep goes on with it."""
    org = LinkedOrg.objects.select_related("team").get(pk=org_id)
    try:
        if org.unlinked_at is None:
            sweep.unlinking(org, WORLD.forge(org), timezone.now())
    except ForgeError as error:
        log.warning("unlink_waits", org=org_id, error=str(error))


@shared_task(queue="upkeep")
def sweep_grid(**_) -> None:
    """Machines that no row knows, or on nodes that are drained; pools and teams that are closing."""
    for twin_id in wallets.twins():
        try:
            if names := sweep.machines(twin_id, WORLD, timezone.now()):
                log.warning("orphan_machines_removed", names=names)
        except GridError as error:
            log.warning("sweep_failed", twin=twin_id, error=str(error))
    for vm_id in draining.again(timezone.now()):
        send(step, vm_id=vm_id)
    for pool in Pool.objects.filter(closed_at=None).exclude(closing_at=None):
        sweep.closing(pool, timezone.now())
    for team in closing.due():
        follow(closing.turn(team, timezone.now()))


@shared_task(queue="upkeep")
def charge_all(**_) -> None:
    """The hourly charges of all machines that are being paid for."""
    now = timezone.now()
    running = VM.objects.exclude(state=VM.State.GONE).exclude(contract_created_at=None)
    for vm in running.select_related("quote", "pool", "wallet").iterator():
        charges.settle(vm, now)


@shared_task(queue="upkeep")
def mirror_grid(**_) -> None:
    """The grid's prices, farms and nodes over our own rows; the one where the other can't be read."""
    for part in (_mirror_prices, _mirror_nodes):
        try:
            part()
        except (GridError, wallets.NoTwin) as error:
            log.warning("mirror_failed", error=str(error))


def _mirror_prices() -> None:
    quotes.note_prices(grid.network(), wallets.reader().prices())


def _mirror_nodes() -> None:
    catalog = grid.catalog()
    nodes.mirror(grid.network(), catalog.farms(), catalog.nodes(), timezone.now())


@shared_task(queue="upkeep")
def tidy(**_) -> None:
    """What is kept for a while only."""
    now = timezone.now()
    before = now - KEEP
    health.tidy(now)
    with suppress(pulse.Silent):
        pulse.forget(now)
    loads.forget(before)
    decisions.forget(before)
    hints.forget()  # where no page was open, nobody else did
    Delivery.objects.filter(received_at__lt=before).delete()
