"""How a job and its VM came to where they are: times in their order, a runner, events, what it cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1

from billing import quotes
from runners.jobs.labels import Size
from runners.metering import charges
from runners.models import Event
from runners.vms import metrics
from tests.builders import a_job, a_runner, a_vm
from tfci.core.reasons import Other, columns

# seconds of each phase of a job whose VM was made for it
PHASES = {"heard": 0.4, "decided": 0.1, "ordered": 0.2, "sent": 2.1, "deployed": 16.8, "booted": 11.6}
HANDED = {"bound": 0.2, "registered": 0.5, "taken": 1.3}
AWAY = 4.0  # seconds from a job's end to the VM's
TAIL = """\
[agent] claimed in 11.6 s, engines: act_runner 0.2.11
[engine] runner fh registered, waiting for its one job
[engine] task {job} received: {name}
"""


@dataclass(frozen=True)
class Work:
    """A job as its repository has it."""

    connection: object
    pool: object
    repository: str
    workflow: str
    name: str
    size: str = "2cpu8gbram50gbssd"
    branch: str = "main"
    labels: tuple = ("small",)
    sender: str = "ines"

    def job(self, state, queued, **fields):
        heard = queued + timedelta(seconds=PHASES["heard"])
        said = {
            "repository": self.repository,
            "workflow": self.workflow,
            "name": self.name,
            "branch": self.branch,
            "labels": list(self.labels),
            "size": self.size,
            "sender": self.sender,
            "pool": self.pool,
        }
        times = {"queued_at": queued, "discovered_at": heard, "read_at": heard}
        made = a_job(self.connection, state, **said | times | fields)
        made.url = f"{self.connection.url}/{self.repository}/actions/runs/{made.pk}"
        made.sha = sha1(str(made.pk).encode()).hexdigest()
        made.run_id = str(made.pk)
        made.save()
        return made


def moments(queued, until="taken", pace=1.0):
    """When each phase ended, up to that one; at a `pace` of 2 all takes twice as long."""
    at, found = queued, {}
    for name, seconds in (PHASES | HANDED).items():
        at += timedelta(seconds=pace * seconds)
        found[name] = at
        if name == until:
            break
    return found


def a_vm_as_of(state, work, node, price, queued, until="booted", pace=1.0, **fields):
    """Made for a job that was queued then, and come as far as `until`."""
    at, size = moments(queued, until, pace), Size.parse(work.size)
    quote = quotes.quote([(size, node)], price, at["ordered"])[0] if "ordered" in at else None
    times = {
        "created_at": at["decided"],
        "ordered_at": at.get("ordered"),
        "sent_at": at.get("sent"),
        "deployed_at": at.get("deployed"),
        "contract_created_at": at.get("deployed") and at["deployed"] - timedelta(seconds=6),
        "claimed_at": at.get("booted"),
        "last_heartbeat_at": at.get("booted"),
        "state_changed_at": max(at.values()),
        "next_step_at": max(at.values()) + timedelta(hours=1),
    }
    resources = {"cpu": size.cpu, "memory_gb": size.memory_gb, "disk_gb": size.disk_gb}
    contracts = [90_000 + 2 * quote.pk, 90_001 + 2 * quote.pk] if at.get("deployed") else []
    placed = {"node": node if quote else None, "quote": quote, "contract_ids": contracts}
    vm = a_vm(state, work.pool, **placed | resources | times | fields)
    tell(vm, at)
    return vm


def tell(vm, at):
    """The events of its life so far."""
    moved = [
        ("ordered", "wanted", "deploying", f"{vm.node} and its price are chosen"),
        ("deployed", "deploying", "booting", "the grid has it"),
        ("booted", "booting", "standby", "its agent claimed it"),
        ("bound", "standby", "assigned", "bound to a waiting job"),
        ("taken", "assigned", "busy", "the forge handed over the job"),
    ]
    for phase, was, now, why in moved:
        if phase in at:
            Event.objects.create(
                team=vm.team, pool=vm.pool, vm=vm, was=was, now=now, **columns(Other(why)), at=at[phase]
            )


def taken(work, node, price, queued, pace=1.0, **fields):
    """A job in progress on the VM that was made for it."""
    at = moments(queued, pace=pace)
    vm = a_vm_as_of("busy", work, node, price, queued, until="taken", pace=pace, **fields)
    job = work.job("in_progress", queued, decided_at=at["decided"], started_at=at["taken"], vm=vm)
    vm.tail = TAIL.format(job=job.forge_job_id, name=job.name)
    vm.set_reason(Other(f"runs {job}"))
    vm.save()
    times = {f"{name}_at": at[name] for name in ("bound", "registered", "taken")}
    a_runner(vm, job, job=job, forge_runner_id=str(vm.pk), started_at=at["taken"], **times)
    return job


def ended(work, node, price, queued, seconds, conclusion="success", pace=1.0, end=None, why="", **facts):
    """A job that is over, with its VM gone and paid for; `end`: what its agent said, {} where it never did;
    `why` and `facts` of a VM that went by itself."""
    job = taken(work, node, price, queued, pace)
    done = job.started_at + timedelta(seconds=seconds)
    job.state, job.conclusion, job.completed_at, job.read_at = "completed", conclusion, done, done
    job.save()
    vm, gone = job.vm, done + timedelta(seconds=AWAY)
    gone_with = {
        "state": "gone",
        "contract_ended_at": gone,
        "removed_at": gone,
        "state_changed_at": gone,
    }
    for name, value in (gone_with | facts).items():
        setattr(vm, name, value)
    vm.set_reason(Other("nothing of it is left outside"))
    vm.save()
    said = {} if end == {} else {"done_at": done, "done_cause": "exited", "exit_code": 0} | (end or {})
    vm.runners.update(deregistered_at=done, **said)
    why = why or "its job ended"
    words = {"team": vm.team, "pool": vm.pool, "vm": vm}
    Event.objects.create(**words, was="busy", now="removing", **columns(Other(why)), at=done)
    Event.objects.create(
        **words, was="removing", now="gone", **columns(Other("nothing of it is left outside")), at=gone
    )
    charges.settle(vm, gone)
    return job


def loaded(vm, since: datetime, until: datetime, memory_peak=0.5):
    """Heartbeats every ten seconds with two samples each: some steps with work between them."""
    total = 1024 * vm.memory_gb
    steps = int((until - since).total_seconds() // 5)
    for n in range(1, steps, 2):
        samples = [_sample(5 * (n - m), m / steps, m, total * memory_peak) for m in (n - 1, n)]
        metrics.store(vm, {"samples": samples, "load": 1.4, "oom_kills": 0}, since + timedelta(seconds=5 * n))


def _sample(ago, share, n, memory):
    cpu = (120, 860, 930, 240, 980, 400)[int(6 * share)] + 13 * (n % 5)
    received = (9000, 300, 40, 12_000, 60, 20)[int(6 * share)] + 30 * (n % 7)
    return [
        ago,
        min(cpu, 1000) / 1000,
        (12 + 9 * (n % 4)) / 1000,
        memory * (0.25 + 0.75 * share),
        1024 * (6 + 5 * share),
        received,
        received // 40 + 5 * (n % 3),
    ]
