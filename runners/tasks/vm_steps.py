"""What moves VMs, and TFT: their steps, the twins' turns on the chain, and the cashier's."""

from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from billing.cashier import cashiers, turn
from billing.withdrawals import stepping
from runners import gateways
from runners.metering import charges
from runners.queue import nudges
from runners.tasks.stepping import run_steps
from runners.vms import deploy_batches
from tfci.grid.ports import GridError

log = structlog.get_logger()


@shared_task
@nudges.merge
def step(*, vm_id: int, **_: object) -> None:
    """Step one VM until it has to wait."""
    for effects in run_steps(vm_id):
        nudges.follow(effects)


@shared_task
@nudges.merge
def use_account(*, twin_id: int, **_: object) -> None:
    """A twin's turns on the chain, until nothing is left to do."""
    while moved := deploy_batches.send(twin_id, gateways.GATEWAYS, timezone.now()):
        nudges.follow(moved)


@shared_task
@nudges.merge
def use_cashier(**_: object) -> None:
    """What teams paid in, what they take out, and what is due on the chain for that."""
    if cashier := cashiers.current():
        try:
            turn.take_all(cashier, timezone.now(), partial(stepping.step_all, charges.payable))
        except GridError as error:
            log.warning("cashier_turn_failed", error=str(error))
