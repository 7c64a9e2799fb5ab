"""What keeps things in order, by the minute and the hour: watch, warn, sweep, charge, mirror, tidy."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from billing import balance_warnings, chain_bills, credit_requests, quotes, wallets
from billing.spending import alerts
from billing.withdrawals import requests
from runners import gateways, team_deletion
from runners.connections import notices, scale_sets
from runners.live import change_log
from runners.metering import charges, spend_rollup, spending_alerts, verification
from runners.models import VM, Pool
from runners.pools import autoscaling, drains, history
from runners.queue import nudges
from runners.vms import balance_watch, garbage_collection, limit_watch, metrics
from tfci.core.processes import worker_heartbeats
from tfci.forges import health, tokens
from tfci.forges.models import Delivery
from tfci.grid import nodes, registry as grid
from tfci.grid.ports import GridError

log = structlog.get_logger()
KEEP = timedelta(days=7)  # deliveries, samples and decisions


@shared_task
@nudges.merge
def watch(*, pool_id: int, **_: object) -> None:
    """Read how hard one pool's VMs work, and reconcile it where that changes what it holds ready."""
    if autoscaling.read(pool_id, timezone.now()):
        nudges.reconcile_pool(pool_id)


@shared_task
def settle_scale_sets(**_: object) -> None:
    """Which scale sets there should be, after what changed of pools, links and the setting."""
    scale_sets.settle(timezone.now())


@shared_task
def warn_of_token_ends(**_: object) -> None:
    """Tokens that end soon and that we can't renew."""
    for connection, at in tokens.ending(timezone.now()):
        if tokens.warn(connection, at):
            notices.token_ends(connection, timezone.now())


@shared_task
def sweep_grid(**_: object) -> None:
    """VMs that have no row, or on nodes that are drained; pools and teams that are closing."""
    for twin_id in wallets.twins():
        try:
            if names := garbage_collection.vms(twin_id, gateways.GATEWAYS, timezone.now()):
                log.warning("orphan_vms_removed", names=names)
        except GridError as error:
            log.warning("sweep_failed", twin=twin_id, error=str(error))
    nudges.follow(drains.retire_left(timezone.now()))
    for pool in Pool.objects.filter(closed_at=None).exclude(closing_at=None):
        garbage_collection.closing(pool, timezone.now())
    for team in team_deletion.due():
        nudges.follow(team_deletion.step(team, timezone.now()))


@shared_task
def charge_all(**_: object) -> None:
    """What has run up on each VM that is being paid for."""
    now = timezone.now()
    running = VM.objects.alive().exclude(contract_created_at=None)
    for vm in running.select_related("quote", "pool", "wallet").iterator():
        charges.settle(vm, now)


@shared_task
def roll_up_spend(**_: object) -> None:
    """Charges, for the spend pages."""
    spend_rollup.roll_up(timezone.now())


@shared_task
def read_bills(**_: object) -> None:
    """What the chain has billed our accounts."""
    for twin_id in wallets.twins():
        try:
            chain_bills.read(twin_id)
        except GridError as error:
            log.warning("bills_not_read", twin=twin_id, error=str(error))


@shared_task
def verify_ledger(**_: object) -> None:
    """Once a night, whether the ledger adds up."""
    findings = verification.verify_nightly(timezone.now())
    if findings and findings.count:
        log.error("ledger_differs", **{one.cause: one.count for one in findings.differences})


@shared_task
def watch_balances(**_: object) -> None:
    """Wallets and own twins that run out: teams are warned, and at the floor their VMs end. Mails come last, for a mail
    server may be slow; where none went out the next turn tries again."""
    nudges.follow(balance_watch.check_own_twins(timezone.now()))
    due = list(balance_watch.due())
    for wallet_id in due:
        nudges.follow(balance_watch.check(wallet_id, timezone.now()))
    for wallet_id in due:
        wallet = balance_warnings.unmailed(wallet_id, timezone.now())
        if wallet and notices.balance_runs_out(wallet, timezone.now()):
            balance_warnings.record_mail(wallet, timezone.now())


@shared_task
def watch_limits(**_: object) -> None:
    """Running jobs over a spending limit end or are noted, and teams are alerted about what they have crossed. Mails
    come last, as above."""
    for team_id in spending_alerts.teams(timezone.now()):
        checked = limit_watch.check(team_id, timezone.now())
        nudges.follow(checked.effects)
        spending_alerts.check(team_id, checked.over, timezone.now())
    for alert in alerts.unmailed():
        if notices.spending_alert(alert):
            alerts.record_mail(alert, timezone.now())


@shared_task
def mail_operators(**_: object) -> None:
    """Teams that ask for TFT; where no mail went out the next turn tries again."""
    for request in credit_requests.unmailed():
        if notices.credit_requested(request):
            credit_requests.record_mail(request, timezone.now())


@shared_task
def mail_withdrawals(**_: object) -> None:
    """What became of withdrawals, to those who may stop them; where no mail went out the next turn tries again."""
    for row in requests.unmailed():
        if notices.withdrawal(row):
            requests.record_mail(row)


@shared_task
def mirror_grid(**_: object) -> None:
    """The grid's prices, what its accounts hold, farms and nodes over our own rows; each where others can't be read."""
    holdings = [partial(wallets.read_holdings, twin_id) for twin_id in wallets.twins()]
    parts: list[Callable[[], None]] = [_mirror_prices, *holdings, _mirror_nodes]
    for read in parts:
        try:
            read()
        except (GridError, wallets.NoTwin) as error:
            log.warning("mirror_failed", error=str(error))


def _mirror_prices() -> None:
    quotes.note_prices(grid.network(), wallets.reader().prices())


def _mirror_nodes() -> None:
    catalog = grid.catalog()
    nodes.mirror(grid.network(), catalog.farms(), catalog.nodes(), timezone.now())


@shared_task
def tidy(**_: object) -> None:
    """What is kept for a while only."""
    now = timezone.now()
    before = now - KEEP
    health.tidy(now)
    with suppress(worker_heartbeats.ValkeyDown):
        worker_heartbeats.remove_old(now)
    metrics.delete_before(before)
    history.delete_before(before)
    change_log.delete_old()  # where no page was open, nobody else did
    Delivery.objects.filter(received_at__lt=before).delete()
