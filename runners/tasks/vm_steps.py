"""What moves VMs: their steps, and the twins' turns on the chain."""

from celery import shared_task
from django.utils import timezone

from runners import gateways
from runners.queue import nudges
from runners.tasks.stepping import run_steps
from runners.vms import deploy_batches


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
