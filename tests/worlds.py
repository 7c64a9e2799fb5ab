"""The outside for tests: a forge and a grid in memory that keep the ports, and a clock that tests move."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from runners.gateways import Gateways
from tests.builders import NOON
from tfci.core.secret import Secret
from tfci.forges.errors import Gone
from tfci.forges.facts import (
    Checked,
    EngineOrder,
    FileSeen,
    JobSeen,
    Registration,
    RunnerSeen,
    RunSeen,
    Signpost,
)
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.problems import ForgeRefusal
from tfci.grid.ports import Deployment, Refusal, Removed
from tfci.grid.reasons import DeploymentFailed


@dataclass
class FakeForge:
    """A forge whose jobs and runners tests set; `broken` is raised by every call."""

    jobs: dict[str, JobSeen] = field(default_factory=dict)
    have: dict[str, RunnerSeen] = field(default_factory=dict)
    broken: Exception | None = None
    registered: int = 0
    hooks: dict[str, str] = field(default_factory=dict)
    declared: list[tuple[str, ...]] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    logs: dict[str, str] = field(default_factory=dict)
    runs: dict[str, RunSeen] = field(default_factory=dict)
    asked: list[tuple] = field(default_factory=list)  # what it was told to do with jobs: rerun, cancel
    handles: list[str] = field(default_factory=list)  # that runners were made with
    writable: bool = True
    proposed: list[tuple[str, ...]] = field(default_factory=list)
    files: list[FileSeen] = field(default_factory=list)  # workflows of each repository

    def _call(self):
        if self.broken:
            raise self.broken

    def check(self):
        self._call()
        findings = tuple(Finding(CheckSubject.TOKEN, ForgeRefusal(sentence)) for sentence in self.missing)
        return Checked("1.25.4", "keeper", findings)

    def hook(self, address, secret):
        self._call()
        return self.hooks.setdefault(address, str(len(self.hooks) + 1))

    def unhook(self, hook_id):
        self._call()
        self.hooks = {address: known for address, known in self.hooks.items() if known != hook_id}

    def waiting_jobs(self):
        self._call()
        return [job for job in self.jobs.values() if job.status in ("queued", "waiting")]

    def running_jobs(self):
        self._call()
        return [job for job in self.jobs.values() if job.status == "in_progress"]

    def job(self, repository, run_id, job_id):
        self._call()
        if job_id not in self.jobs:
            raise Gone("no such job")
        return self.jobs[job_id]

    def run(self, repository, run_id):
        self._call()
        if run_id not in self.runs:
            raise Gone("no such run")
        return self.runs[run_id]

    def rerun(self, repository, run_id, job_id):
        self._call()
        self.asked.append(("rerun", repository, run_id, job_id))

    def cancel(self, repository, run_id):
        self._call()
        self.asked.append(("cancel", repository, run_id))

    def log(self, repository, run_id, job_id):
        self._call()
        if job_id not in self.logs:
            raise Gone("no log yet")
        return self.logs[job_id]

    def repositories(self):
        self._call()
        return ["kestrel/app", "kestrel/web"]

    def may_propose(self):
        self._call()
        return self.writable

    def propose(self, repository, branch, path, text, message):
        self._call()
        self.proposed.append((repository, branch, path, text))
        return f"https://git.example.org/{repository}/src/branch/{branch}"

    def workflows(self, repository):
        self._call()
        return self.files

    def suggest(self, repository, branch, files, title, text):
        self._call()
        self.proposed += [(repository, branch, file.path, file.text) for file in files]
        return f"https://git.example.org/{repository}/pulls/1"

    def runners(self):
        self._call()
        return list(self.have.values())

    def find(self, name):
        self._call()
        return next((runner for runner in self.have.values() if runner.name == name), None)

    def register(self, name, labels, handle=""):
        self._call()
        self.registered += 1
        self.handles.append(handle)
        known = RunnerSeen(str(self.registered), name, False, False, True, tuple(labels))
        self.have[known.runner_id] = known
        return Registration(known.runner_id, Secret(f"credential {name}"))

    def remove_runner(self, runner_id):
        self._call()
        self.have.pop(runner_id, None)

    def order(self, credential, labels):
        return EngineOrder("practice", {".runner": credential})

    def signpost(self, name, labels):
        self._call()
        made = self.register(name, labels)
        return Signpost(made.runner_id, made.credential)

    def declare(self, credential, labels):
        self._call()
        self.declared.append(tuple(labels))

    # What happens at the forge by itself.

    def queue(self, job_id, labels=("small",), **fields):
        fields = {"run_id": "1", "repository": "acme/app", "name": "build", "status": "queued"} | fields
        self.jobs[job_id] = JobSeen(job_id=job_id, labels=tuple(labels), **fields)
        return self.jobs[job_id]

    def start(self, job_id, runner_id):
        name = self.have[runner_id].name if runner_id in self.have else "foreign"
        return self.change(job_id, status="in_progress", runner_id=runner_id, runner_name=name)

    def finish(self, job_id, conclusion="success"):
        if self.jobs[job_id].runner_id:
            self.have.pop(self.jobs[job_id].runner_id, None)
        return self.change(job_id, status="completed", conclusion=conclusion)

    def change(self, job_id, **fields):
        self.jobs[job_id] = replace(self.jobs[job_id], **fields)
        return self.jobs[job_id]


@dataclass
class FakeGrid:
    """A chain account; `refuse` holds node ids that refuse, `broken` is raised by every act. `elsewhere`: the node on
    which it puts all VMs, whatever was asked."""

    clock: "Clock"
    vms: dict[str, Deployment] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)
    spans: dict[str, tuple] = field(default_factory=dict)  # its journal: when each contract began and ended
    refuse: dict[int, str] = field(default_factory=dict)
    broken: Exception | None = None
    lose_answer: bool = False
    deployed: int = 0
    elsewhere: int | None = None

    def deploy(self, orders):
        self._act()
        answers = [self._deploy(order) for order in orders]
        self._lose()
        return answers

    def _deploy(self, order):
        if order.name in self.vms:
            return self.vms[order.name]
        if order.node_id in self.refuse:
            return Refusal(order.name, DeploymentFailed(self.refuse[order.node_id]))
        self.deployed += 1
        node_id = self.elsewhere or order.node_id
        made = Deployment(order.name, node_id, (2 * self.deployed, 2 * self.deployed + 1), self.clock())
        self.vms[order.name] = made
        self.spans[order.name] = (self.clock(), None)
        return made

    def list_vms(self, prefix):
        self._act()
        return [vm for name, vm in self.vms.items() if name.startswith(prefix)]

    def remove(self, names):
        self._act()
        for name in set(names) & set(self.vms):
            del self.vms[name]
            self.ended[name] = self.clock()
            self.spans[name] = (self.spans[name][0], self.clock())
        answers = [Removed(name, self.ended[name]) for name in names if name in self.ended]
        self._lose()
        return answers

    def kill(self, name):
        self.vms[name] = replace(self.vms[name], running=False)

    def _act(self):
        if self.broken:
            raise self.broken

    def _lose(self):
        """The act went through and its answer got lost: the caller dies of it."""
        if self.lose_answer:
            self.lose_answer = False
            raise Crash


class Crash(BaseException):
    """A process that dies in the middle of a step."""


class Clock:
    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now

    def tick(self, seconds):
        self.now += timedelta(seconds=seconds)
        return self.now


def a_world():
    """World with one fake forge and one fake grid account, reachable as .forges and .grid."""
    clock = Clock()
    forge, grid = FakeForge(), FakeGrid(clock)
    world = Gateways(forge=lambda connection: forge, account=lambda twin: grid, clock=clock)
    return world, forge, grid, clock
