"""A VM's life, one function a state, from top to bottom. The only mover of VM.state.

Each function gets the row as leased, the outside, and the time. It returns To, or Wait with the cause that people
read. It may run twice: it looks before it acts, and what it makes outside is named from our own ids. Failure is a
reason on the move to REMOVING.
"""

from datetime import datetime, timedelta

from runners.engine import To, Wait, note
from runners.gateways import World
from runners.jobs import backoff, ingest, lost_jobs
from runners.metering import charges
from runners.models import VM, Job, RetireReason, Reuse, Runner, Stint
from runners.vms import agent_reports, debug_access, deregistration, images, liveness, reuse, runs as vm_runs
from tfci.forges import registry
from tfci.forges.ports import Busy, Forge, ForgeError, Gone, Limited, Refused
from tfci.grid import nodes

DEPLOY = timedelta(minutes=10)  # from "sent" to the grid's answer
BOOT = timedelta(minutes=3)  # from "the grid has it" to the agent's claim
START = timedelta(minutes=5)  # from the claim of a machine that serves to its app's first answer
REFRESH = timedelta(minutes=3)  # from the end of a job to the claim of the machine that started anew
PICKUP = timedelta(minutes=5)  # from the runner's registration to a job on it
LAST_WORD = timedelta(minutes=2)  # from the agent's "done" to the forge's "completed"
TELLING = timedelta(seconds=2)  # from the agent's "done" until we ask the forge ourselves
LAST_LINES = timedelta(seconds=5)  # from the forge's "completed" to the agent's "done"
CAUSE = timedelta(seconds=30)  # the same where the job failed, for the agent alone may know why
GRACE = timedelta(minutes=1)  # after a time limit, for the agent to end the job by itself
UNANSWERED = timedelta(seconds=30)  # without an answer of a server's app until its page says so
RETRY = 5  # seconds until an outside call that failed is made again
RETRY_MOST = 120


def wanted(vm: VM, world: World, now: datetime) -> To | Wait:
    """A pool or server needs it. Leaves when it has node and quote, which those of pools are made with."""
    if vm.retire_why:
        return To("removing", vm.retire_why)
    if vm.node_id and vm.quote_id:
        ordered = {"ordered_at": now, "refused_why": "", "retry_at": None}
        return To("deploying", f"ordered on {vm.node}", ordered)
    return Wait(30, vm.why or "for a node")


def deploying(vm: VM, world: World, now: datetime) -> To | Wait:
    """Its batch is sent under the twin's signing lease. Leaves when the grid has answered."""
    if vm.deployed_at:
        return To("booting", f"{vm.node} has it")
    if vm.refused_why:
        return _elsewhere(vm)
    if vm.retire_why and not vm.sent_at:
        return To("removing", vm.retire_why)
    if vm.sent_at and now - vm.sent_at > DEPLOY:
        return To("removing", f"{vm.node} did not answer for {_minutes(DEPLOY)}")
    return Wait(10, f"for {vm.node} to take it" if vm.sent_at else "for its turn on the chain")


def _elsewhere(vm: VM) -> To:
    """Refused: nothing of it is left there, so it may be placed again. The node is set aside for a while where it is at
    fault, else the VM waits until `retry_at`; `failed_nodes` only tells what was."""
    why = f"{vm.node} refused it: {vm.refused_why}"
    if vm.retire_why:
        return To("removing", vm.retire_why)
    afresh = {"node": None, "quote": None, "ordered_at": None, "sent_at": None}
    return To("wanted", why, afresh | {"failed_nodes": [*vm.failed_nodes, vm.node.node_id]})


def booting(vm: VM, world: World, now: datetime) -> To | Wait:
    """The grid has it. Leaves when its agent has claimed it."""
    if vm.claimed_at and vm.server_id:
        return _app_starts(vm, now)
    if vm.claimed_at:
        nodes.worked(vm.node_id, sent_at=vm.sent_at, boot_ms=_boot(vm))
        return To("standby", "its agent claimed it")
    if vm.retire_why:
        return To("removing", vm.retire_why)
    if vm.died_at or now - vm.state_at > BOOT:
        why = "it died while it started" if vm.died_at else f"it did not come up within {_minutes(BOOT)}"
        nodes.failed(vm.node_id, why, now)
        return To("removing", why)
    return Wait(10, f"for the machine on {vm.node} to start")


def _app_starts(vm: VM, now: datetime) -> To | Wait:
    """A machine that serves: its agent is there, and runs the program until it answers."""
    stint = vm_runs.current(vm) or _run(vm, now)
    if stint.answered_at and not stint.done_at:
        nodes.worked(vm.node_id, sent_at=vm.sent_at, boot_ms=_boot(vm))
        return To("serving", "its app answers")
    if vm.retire_why:
        return To("removing", vm.retire_why)
    if stint.done_at:
        return To("removing", f"its app did not start: {stint.done_said}")
    if lost := _given_up(vm, now, runs=True):
        return lost
    if now - vm.claimed_at > START:
        return To("removing", f"its app did not answer within {_minutes(START)}")
    return Wait(10, "for its app to answer")


def _run(vm: VM, now: datetime) -> Stint:
    """Its program is to run, which its waiting agent hears of at once."""
    stint = vm_runs.begin(vm, now)
    agent_reports.wake(vm.pk)
    return stint


def standby(vm: VM, world: World, now: datetime) -> To | Wait:
    """Its agent waits; it belongs to no forge yet. Leaves when reconcile has bound it to a demand."""
    runner = open_runner(vm)
    if runner:
        return To("assigned", f"bound to {runner.asked_for}")
    if vm.retire_why:
        return To("removing", vm.retire_why)
    if lost := _given_up(vm, now):
        return lost
    return Wait(30, "for a job")


def assigned(vm: VM, world: World, now: datetime) -> To | Wait:
    """Now its runner is registered, with exactly the job's labels. Leaves when the forge gives it a job."""
    runner = open_runner(vm)
    if runner is None:
        return To("removing", "its runner is gone from the forge")
    if runner.job_id:
        return To("busy", f"runs {runner.job}")
    if lost := _given_up(vm, now):
        return lost
    if runner.registered_at is None:
        return _register(vm, runner, world, now)
    if why := _unneeded(vm, runner, now):
        return _let_go(vm, runner, why, world, now)
    return Wait(10, f"for {runner.org} to hand over the job")


def _register(vm: VM, runner: Runner, world: World, now: datetime) -> To | Wait:
    """Look first where an earlier try may have died between the call and its record."""
    if why := _too_late(runner):
        return To("removing", why)
    floor = registry.engine_floor(runner.org)
    if floor and (why := images.why_refused(vm.image, runner.org.forge, floor, now)):
        backoff.refused_runner(runner.org, why, now)
        return To("removing", f"{runner.org} would take no runner of this image: {why}")
    try:
        forge = world.forge(runner.org)
        if runner.tried_at and (seen := forge.find(runner.name)):
            forge.forget(seen.runner_id)
        Runner.objects.filter(pk=runner.pk).update(tried_at=now)
        made = forge.register(runner.name, runner.labels, runner.asked_for.handle)
    except Busy as error:
        return _later(vm, runner, error, (error.until - now).total_seconds(), now)
    except Limited as error:
        return Wait(
            max(1, (error.until - now).total_seconds()), f"{runner.org} wants no calls for a while: {error}"
        )
    except (Refused, Gone) as error:
        backoff.refused_runner(runner.org, str(error), now)
        return To("removing", f"{runner.org} refused a runner: {error}")
    except ForgeError as error:
        return _later(vm, runner, error, RETRY, now)
    if note(vm, why=f"for {runner.org} to hand over the job"):
        made_known = {"forge_runner_id": made.runner_id, "credential": made.credential, "registered_at": now}
        Runner.objects.filter(pk=runner.pk).update(**made_known)
        agent_reports.wake(vm.pk)
    return Wait(10, f"for {runner.org} to hand over the job")


def _later(vm: VM, runner: Runner, error: ForgeError, seconds: float, now: datetime) -> To | Wait:
    """Its registration is tried again, but not for ever: the machine is paid for meanwhile."""
    if now - vm.state_at > PICKUP:
        return To("removing", f"{runner.org} could not be reached for {_minutes(PICKUP)}: {error}")
    return Wait(seconds, f"{runner.org} can't be reached: {error}")


def _unneeded(vm: VM, runner: Runner, now: datetime) -> str:
    """Why this runner gets no job any more; "" while it may."""
    if runner.done_at:
        return runner.done_said or "its engine ended without a job"
    if vm.retire_why:
        return vm.retire_why
    if now - runner.registered_at > PICKUP:
        return f"its forge gave it no job for {_minutes(PICKUP)}"
    return _too_late(runner)


def _too_late(runner: Runner) -> str:
    """What became of the job that it was made for, where no other waits that it may be given; "" else."""
    did = {Job.State.COMPLETED: "ended", Job.State.IN_PROGRESS: "was taken"}.get(runner.asked_for.state)
    if did is None or backoff.others_wait(runner):
        return ""
    return f"{runner.asked_for} {did} before this machine got it"


def _let_go(vm: VM, runner: Runner, why: str, world: World, now: datetime) -> To | Wait:
    """The forge may have handed over a job that nobody told us of yet: ask it before the runner goes."""
    try:
        forge = world.forge(runner.org)
        if _has_a_job(runner, forge, now):
            return Wait(0, "for its job to be noted")
        if not runner.done_at and _is_busy(runner, forge):
            return Wait(RETRY, f"for {runner.org} to say which job it has")
    except (Refused, Gone):
        return To("removing", why)
    except ForgeError as error:
        if now - runner.registered_at < 2 * PICKUP:
            return Wait(RETRY, f"{runner.org} can't be reached: {error}")
    if runner.done_at and now - runner.done_at < LAST_LINES:
        return Wait(1, f"for {runner.org} to say which job it ran")
    backoff.count_offer(runner, now)
    return To("removing", why)


def _has_a_job(runner: Runner, forge: Forge, now: datetime) -> bool:
    """Whether the forge names this runner for the job that it was made for, or for any that runs."""
    asked = runner.asked_for
    for seen in [*forge.running_jobs(), forge.job(asked.repository, asked.run_id, asked.forge_job_id)]:
        own = seen.by_handle and seen.job_id == asked.forge_job_id
        if own or seen.runner_id == runner.forge_runner_id:
            ingest.observe(runner.org, seen, now, asked_at=now)
            return True
    return False


def _is_busy(runner: Runner, forge: Forge) -> bool:
    """Whether the forge says so of the runner itself: not every forge lists all jobs that run."""
    seen = forge.find(runner.name)
    return seen is not None and seen.busy


def busy(vm: VM, world: World, now: datetime) -> To | Wait:
    """A job is in progress on its runner. Leaves when the job is over, or its time limit has passed."""
    runner = open_runner(vm)
    if runner is None:
        return To("removing", "its runner is gone from the forge")
    if vm.retire_reason == RetireReason.BALANCE_SPENT:
        return To("removing", vm.retire_why)
    job = runner.job
    if _is_stale(runner, job, now):
        job = _reread(runner, world, now)
    if job.state == Job.State.COMPLETED:
        return _over(vm, runner, job, now)
    if runner.done_at and now - runner.done_at > _patience(runner):
        return _leave(vm, runner, runner.done_said or "its engine ended and its forge never said how", now)
    if vm.pool and now - runner.taken_at > _limit(vm) + GRACE:
        return To("removing", f"the job ran longer than its time limit of {_minutes(_limit(vm))}")
    if lost := _given_up(vm, now, runs=True):
        return lost
    return Wait(2 if runner.done_at else 15, f"runs {job}")


def _patience(runner: Runner) -> timedelta:
    """How long its forge may take to say how the job ended; of one whose agent was killed it hears nothing more."""
    return TELLING if runner.done_cause == agent_reports.AGENT_KILLED else LAST_WORD


def _is_stale(runner: Runner, job: Job, now: datetime) -> bool:
    """Whether its forge must be asked again: now and then, and soon after its engine has ended."""
    if job.state == Job.State.COMPLETED:
        return False
    if runner.done_at:
        return now - max(job.read_at, runner.done_at) > registry.pace(runner.org).telling
    return now - job.read_at > registry.pace(runner.org).running


def _over(vm: VM, runner: Runner, job: Job, now: datetime) -> To | Wait:
    """Its engine may say its last lines first. Where its pool lets jobs follow one another, it reboots and goes on."""
    if not runner.done_at and now - job.read_at < _last_lines(vm, runner, job):
        return Wait(1, "for its engine's last lines")
    ended = f"its job ended: {job.conclusion}"
    if why := reuse.why_not(vm, runner, now):
        reused = vm.pool and vm.pool.reuse != Reuse.NEVER
        return _leave(vm, runner, f"{ended}; no other follows: {why}" if reused else ended, now)
    return To("refreshing", f"{ended}; another may follow", {"scope": reuse.scope(vm, runner)})


def _last_lines(vm: VM, runner: Runner, job: Job) -> timedelta:
    """How long its agent may take to say how the engine ended; one that somebody cancelled is killed at once."""
    cancelled = CAUSE if _time_was_up(vm, runner, job) else timedelta(0)
    return {"failure": CAUSE, "cancelled": cancelled}.get(job.conclusion, LAST_LINES)


def _time_was_up(vm: VM, runner: Runner, job: Job) -> bool:
    """Whether its agent had ended it for its time limit, which forges call cancelled too. Its limit runs from some
    moment after we handed it its order; when it was that, we hear later and less exactly."""
    began = runner.handed_at or runner.taken_at
    return bool(vm.pool) and job.read_at - began >= _limit(vm)


def _limit(vm: VM) -> timedelta:
    """How long a job of its pool may run."""
    return timedelta(minutes=vm.pool.job_minutes)


def _leave(vm: VM, runner: Runner, why: str, now: datetime) -> To:
    """To its end; kept before it while somebody is in it, unless the agent that let them in is gone."""
    there = debug_access.present(vm, now)
    if there is None or runner.done_cause == agent_reports.AGENT_KILLED:
        return To("removing", why)
    debug_access.keep(there, now)
    return To("kept", f"{why}; debug access is open for {there.who}")


def kept(vm: VM, world: World, now: datetime) -> To | Wait:
    """Its job is over and somebody is in it to find out why it went as it did. Leaves when that access has ended."""
    there = debug_access.present(vm, now)
    if vm.retire_why or there is None:
        return To("removing", vm.retire_why or "debug access has ended")
    if lost := _given_up(vm, now):
        return lost
    if stuck := deregistration.unforgotten(vm, world, now):
        return Wait(RETRY, f"for {stuck} to forget its runner")
    left = (there.closes_at - now).total_seconds()
    return Wait(min(left, 15), f"for {there.who}, who is in it by debug access")


def refreshing(vm: VM, world: World, now: datetime) -> To | Wait:
    """Between two jobs it reboots, so that nothing of the first can be read. Leaves when a new agent has claimed it, in
    the window that is opened once its forge has forgotten the runner."""
    refresh = reuse.current(vm)
    if refresh.claimed_at:
        return To(
            "standby", f"it came back with a new key after {reuse.lasted(refresh).total_seconds():.1f} s"
        )
    if vm.retire_why:
        return To("removing", vm.retire_why)
    if now - vm.state_at > REFRESH:
        return To("removing", f"it did not come back within {_minutes(REFRESH)}")
    if stuck := deregistration.unforgotten(vm, world, now):
        return Wait(RETRY, f"for {stuck} to forget its runner")
    if refresh.opened_at is None:
        reuse.open_window(refresh, vm.state_at + REFRESH, now)
        agent_reports.wake(vm.pk)
    return Wait(10, "for the machine to start anew")


def _reread(runner: Runner, world: World, now: datetime) -> Job:
    """The job as its forge has it now; as we know it where the forge can't be reached."""
    job = runner.job
    try:
        seen = world.forge(runner.org).job(job.repository, job.run_id, job.forge_job_id)
        ingest.observe(runner.org, seen, now, asked_at=now)
    except Gone:
        ingest.vanished(job, now)
    except ForgeError:
        return job
    job.refresh_from_db()
    return job


def serving(vm: VM, world: World, now: datetime) -> To | Wait:
    """Its app answers. Leaves when nobody wants it any more, or the machine is lost; a program that ends is started
    again on the same machine, for its data is there."""
    stint = vm_runs.current(vm)
    if vm.retire_why:
        return To("removing", vm.retire_why)
    if stint.done_cause == agent_reports.AGENT_KILLED:
        return To("removing", stint.done_said)
    if lost := _given_up(vm, now, runs=True):
        return lost
    if stint.done_at and (left := stint.done_at + vm_runs.rest(vm, now) - now) > timedelta(0):
        return Wait(left.total_seconds(), f"for its program to be started again: {stint.done_said}")
    if stint.done_at:
        _run(vm, now)
        return Wait(10, "for its app to answer again")
    if stint.answered_at is None or now - stint.answered_at > UNANSWERED:
        return Wait(10, "for its app to answer again")
    return Wait(15, "its app answers")


def removing(vm: VM, world: World, now: datetime) -> To | Wait:
    """No longer wanted, done, or failed. Leaves when the forge forgot the runner, the grid forgot the machine,
    and the ledger has the final charge."""
    debug_access.finish(vm, now)
    lost_jobs.want(vm, now)
    stuck = deregistration.unforgotten(vm, world, now)
    if vm.sent_at and not vm.removed_at:
        return Wait(10, "for the grid to cancel its contract")
    if stuck:
        return Wait(_growing(vm, now), f"for {stuck} to forget its runner")
    charges.settle(vm, now)
    return To("gone", _reason(vm))


def _growing(vm: VM, now: datetime) -> float:
    """Seconds until the next try: as long again as it has tried, for a forge may be away for days."""
    return min(max((now - vm.state_at).total_seconds(), RETRY), RETRY_MOST)


def _reason(vm: VM) -> str:
    """Why it began to go: what people want to read of a machine that is gone."""
    began = vm.events.filter(now=VM.State.REMOVING).order_by("pk").values_list("why", flat=True)
    return began.first() or vm.why


def _given_up(vm: VM, now: datetime, *, runs: bool = False) -> To | None:
    """The end of a machine that is lost, with its node's record marked, so that none follows it there at once."""
    lost = liveness.of(vm, now, runs=runs)
    if lost:
        nodes.failed(vm.node_id, lost.why, now)
    return lost


def open_runner(vm: VM) -> Runner | None:
    """Its registration that the forge has not forgotten; at most one."""
    return vm.runners.filter(forgotten_at=None).select_related("org", "asked_for", "job").first()


def _minutes(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _boot(vm: VM) -> int | None:
    """Milliseconds from the grid's answer to the claim; None where the answer came after it, with those of a batch."""
    took = vm.claimed_at - vm.deployed_at
    return round(took.total_seconds() * 1000) if took > timedelta(0) else None


STATES = {
    VM.State.WANTED: wanted,
    VM.State.DEPLOYING: deploying,
    VM.State.BOOTING: booting,
    VM.State.STANDBY: standby,
    VM.State.ASSIGNED: assigned,
    VM.State.BUSY: busy,
    VM.State.KEPT: kept,
    VM.State.REFRESHING: refreshing,
    VM.State.SERVING: serving,
    VM.State.REMOVING: removing,
}
