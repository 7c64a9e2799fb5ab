"""Register a VM's runner at its forge, with exactly the labels of the job it was bound to, and let it go if it gets no
job."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from runners.engine import To, Wait, note, reason_columns
from runners.gateways import Gateways
from runners.jobs import backoff, ingest
from runners.models import VM, Job, Runner
from runners.queue.effects import Effects
from runners.reasons import vm_ends, vms
from runners.vms import images
from tfci.core.optional import present
from tfci.core.reasons import Reason
from tfci.forges import registry
from tfci.forges.errors import Busy, ForgeError, ForgeRefused, Gone, Limited
from tfci.forges.ports.forge import ReadsJobs, RegistersRunners
from tfci.forges.problems import ForgeRefusal

PICKUP = timedelta(minutes=5)  # from the runner's registration to a job on it
LAST_LINES = timedelta(
    seconds=5
)  # from the forge's "completed" to the agent's "done", and the other way round
RETRY = 5  # seconds until an outside call that failed is made again


def register(vm: VM, runner: Runner, gateways: Gateways, now: datetime) -> To | Wait:
    """Register it; where an earlier try may have died between the call and its record, look for that runner first."""
    if too_late := _too_late(runner):
        return To("removing", too_late)
    floor = registry.engine_floor(runner.connection)
    if floor and (outdated := images.refusal_reason(vm.image, runner.connection.forge, floor, now)):
        backoff.refused_runner(runner.connection, ForgeRefusal(outdated), now)
        return To("removing", vm_ends.ImageRefused(str(runner.connection), outdated))
    try:
        forge = gateways.forge(runner.connection)
        if runner.tried_at and (seen := forge.find(runner.name)):
            forge.remove_runner(seen.runner_id)
        Runner.objects.filter(pk=runner.pk).update(tried_at=now)
        made = forge.register(runner.name, runner.labels, runner.asked_for.handle)
    except Busy as error:
        return _later(vm, runner, error, (error.until - now).total_seconds(), now)
    except Limited as error:
        pause = max(1, (error.until - now).total_seconds())
        return Wait(pause, vms.CallsPaused(str(runner.connection), str(error)))
    except (ForgeRefused, Gone) as error:
        backoff.refused_runner(runner.connection, error.reason, now)
        return To("removing", vm_ends.RegistrationRefused(str(runner.connection), str(error)))
    except ForgeError as error:
        return _later(vm, runner, error, RETRY, now)
    waiting = Wait(10, vms.Handover(str(runner.connection)), effects=Effects(agents={vm.pk}))
    if note(vm, **reason_columns(waiting.reason)):
        registered = {"forge_runner_id": made.runner_id, "credential": made.credential, "registered_at": now}
        Runner.objects.filter(pk=runner.pk).update(**registered)
    return waiting


def _later(vm: VM, runner: Runner, error: ForgeError, seconds: float, now: datetime) -> To | Wait:
    """Try the registration again, but not for ever: the VM costs money meanwhile."""
    if now - vm.state_changed_at > PICKUP:
        return To("removing", vm_ends.ForgeUnreachable(str(runner.connection), str(error), _minutes(PICKUP)))
    return Wait(seconds, vms.ForgeAway(str(runner.connection), str(error)))


def unneeded(vm: VM, runner: Runner, now: datetime) -> Reason | None:
    """Why this runner gets no job any more; None while it may."""
    if runner.done_at:
        return vm_ends.EngineEnded(runner.done_cause, runner.done_said)
    if vm.typed_retire_reason:
        return vm.typed_retire_reason
    if now - present(runner.registered_at) > PICKUP:
        return vm_ends.NoJobGiven(_minutes(PICKUP))
    return _too_late(runner)


def _too_late(runner: Runner) -> Reason | None:
    """What became of the job that it was made for, where no other waits that it may be given; None else."""
    reason_by_state: Mapping[str, type[vms.OfJob]] = {
        Job.State.COMPLETED: vm_ends.JobOver,
        Job.State.IN_PROGRESS: vm_ends.JobTaken,
    }
    reason = reason_by_state.get(runner.asked_for.state)
    return None if reason is None or backoff.others_wait(runner) else reason(str(runner.asked_for))


def let_go(vm: VM, runner: Runner, reason: Reason, gateways: Gateways, now: datetime) -> To | Wait:
    """The forge may have assigned a job that we don't know of yet: ask it before the runner goes."""
    try:
        forge = gateways.forge(runner.connection)
        if (effects := _found_job(runner, forge, now)) is not None:
            return Wait(0, vms.JobBeingNoted(), effects=effects)
        if not runner.done_at and _is_busy(runner, forge):
            return Wait(RETRY, vms.WhichJob(str(runner.connection)))
    except (ForgeRefused, Gone):
        return To("removing", reason)
    except ForgeError as error:
        if now - present(runner.registered_at) < 2 * PICKUP:
            return Wait(RETRY, vms.ForgeAway(str(runner.connection), str(error)))
    if runner.done_at and now - runner.done_at < LAST_LINES:
        return Wait(1, vms.WhichJobRan(str(runner.connection)))
    backoff.count_offer(runner, now)
    return To("removing", reason)


def _found_job(runner: Runner, forge: ReadsJobs, now: datetime) -> Effects | None:
    """Note the job for which the forge names this runner, the one that it was made for or any that runs; None where
    there is none."""
    wanted = runner.asked_for
    for seen in [*forge.running_jobs(), forge.job(wanted.repository, wanted.run_id, wanted.forge_job_id)]:
        own = seen.by_handle and seen.job_id == wanted.forge_job_id
        if own or seen.runner_id == runner.forge_runner_id:
            return ingest.observe(runner.connection, seen, now, asked_at=now)
    return None


def _is_busy(runner: Runner, forge: RegistersRunners) -> bool:
    """Whether the forge reports the runner itself as busy: not every forge lists all jobs that run."""
    seen = forge.find(runner.name)
    return seen is not None and seen.busy


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
