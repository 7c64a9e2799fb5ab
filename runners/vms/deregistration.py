"""Take a VM's runners from their forges, so that none is listed there with nothing of ours behind it."""

from datetime import datetime

from runners.engine import record_event
from runners.gateways import Gateways
from runners.models import VM, Job, Runner
from runners.reasons.vm_notes import RunnerLeft
from tfci.forges import registry
from tfci.forges.errors import ForgeError, ForgeRefused, Gone


def deregister_runners(vm: VM, gateways: Gateways, now: datetime) -> str:
    """Deregister those that are left. Returns the forges that keep one for now, separated by commas, or ""."""
    known = vm.runners.filter(deregistered_at=None)
    return ", ".join(str(runner.connection) for runner in known if not _deregister(runner, gateways, now))


def _deregister(runner: Runner, gateways: Gateways, now: datetime) -> bool:
    """Where our rights have ended there is nothing more that we can do."""
    try:
        if runner.tried_at and not _forge_removes_it(runner):
            forge = gateways.forge(runner.connection)
            seen = None if runner.forge_runner_id else forge.find(runner.name)
            if known := runner.forge_runner_id or (seen and seen.runner_id):
                forge.remove_runner(known)
    except ForgeRefused as error:
        record_event(runner.vm, RunnerLeft(str(runner.connection), str(error)), now)
    except ForgeError as error:
        if not isinstance(error, Gone):
            return False
    Runner.objects.filter(pk=runner.pk).update(deregistered_at=now, credential=None)
    return True


def _forge_removes_it(runner: Runner) -> bool:
    """Whether its forge lets go of it with its job and counts calls, so that none is spent on it. The sweep finds what
    is left all the same."""
    ended = runner.job is not None and runner.job.state == Job.State.COMPLETED
    return ended and registry.pace(runner.connection).counted
