"""An hour of a busy organisation at GitHub, by a clock that is moved: what is called, and how soon jobs are heard of.

The code is the product's own, GitHub is its counterpart over real sockets, VMs are played. Webhooks are as late
as carbonrunner.io/stats had them: p50 2 s, p90 3 s, p95 162 s.
"""

import heapq
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from runners.connections import polling, webhook_ingest
from runners.gateways import Gateways
from runners.jobs import run_details
from runners.models import Job
from runners.vms import garbage_collection
from tests.bench.figures import percentile
from tests.builders import NOON, a_pool
from tests.counterparts.github.postman import packed
from tests.forges.app_world import AppWorld
from tfci.forges import registry, tokens, webhook_inbox
from tfci.forges.errors import ForgeError, Gone, Limited, Unreachable
from tfci.forges.models import Connection

REPOSITORIES, JOBS = 2000, 100  # a minute
START, RUN, TOLD = 20, (40, 120), 6  # seconds: of a VM, of a job, until a job's end is asked for
EVERY = {"tokens": 5, "describe": 2, "sweep": 30}  # seconds
LOST = 0.01  # of all webhooks


@dataclass
class BusyGitHub:
    """`minutes()` plays; the rest are its figures."""

    apps: AppWorld
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    events: list = field(default_factory=list)  # (second, n, deed, its arguments)
    numbers: itertools.count = field(default_factory=itertools.count)
    put_off: Counter = field(default_factory=Counter)  # what our own budget made wait

    def __post_init__(self):
        self.github, self.clock = self.apps.github, self.apps.world.clock
        self.github.postman.held = []
        self.apps.installed("busy")
        self.names = [self.apps.world.repo("busy", f"r{n}").full_name for n in range(REPOSITORIES)]
        for name in self.names:  # pushed to at some time
            self.apps.world.repos[name].pushed_at = NOON - timedelta(hours=self.dice.randint(1, 2000))
        self.connection = Connection.objects.get()
        a_pool(self.connection.team, [self.connection])
        self.world = Gateways(
            lambda connection: registry.forge(connection, self.clock.seconds), None, self.clock.now
        )
        self.taken = set()  # job ids for which a VM was wanted

    def minutes(self, count: int) -> None:
        for second in range(60 * count):
            self.second(second)
            self.clock.move(1)

    def second(self, second: int) -> None:
        now = self.clock.now()
        if second % EVERY["tokens"] == 0:
            self._tokens(now)
        self._pushes()
        self._post(second)
        while self.events and self.events[0][0] <= second:
            _, _, deed, given = heapq.heappop(self.events)
            deed(second, *given)
        while webhook_ingest.ingest(self.connection.pk, now):
            pass
        if (connection := polling.lease_due(self.connection.pk, now)) is not None:
            polling.ask(connection, self.world, now)
        if second % EVERY["describe"] == 0:
            self._tried("describe", lambda: run_details.describe(self._fresh(), self._forge(), now))
        if second % EVERY["sweep"] == 0:
            self._tried("sweep", lambda: garbage_collection.runners(self._fresh(), self._forge(), now))
        self._want_vms(second)

    def _pushes(self) -> None:
        """Two jobs a push on average; a few repositories get most of them."""
        if self.dice.random() < JOBS / 2 / 60:
            name = self.names[min(int(self.dice.paretovariate(0.5)), REPOSITORIES) - 1]
            jobs = {f"job{n}": {"runs-on": "small"} for n in range(self.dice.randint(1, 3))}
            self.github.actions.push(name, jobs)

    def _post(self, second: int) -> None:
        for delivery in self.github.postman.held:
            if self.dice.random() >= LOST:
                self.at(second + self._delay(), self._arrive, delivery)
        self.github.postman.held.clear()

    def _delay(self) -> float:
        lot = self.dice.random()
        if lot < 0.9:
            return self.dice.uniform(1, 3)
        return self.dice.uniform(3, 162) if lot < 0.95 else self.dice.uniform(162, 600)

    def _arrive(self, second: int, delivery) -> None:
        webhook_inbox.store(self.apps.row.address, *packed(delivery), self.clock.now())

    def at(self, second: float, deed, *given) -> None:
        heapq.heappush(self.events, (second, next(self.numbers), deed, given))

    # VMs

    def _want_vms(self, second: int) -> None:
        for job in Job.objects.filter(connection=self.connection, state=Job.State.QUEUED):
            if job.forge_job_id not in self.taken:
                self.taken.add(job.forge_job_id)
                self.at(second + START, self._register, job)

    def _register(self, second: int, job: Job) -> None:
        try:
            made = self._forge().register(f"fh-x-1-{job.pk}", job.labels)
        except Limited as error:
            self.put_off["register"] += 1
            self.at(second + max(1, (error.until - self.clock.now()).total_seconds()), self._register, job)
            return
        runner = self.apps.world.runners[int(made.runner_id)]
        taken = self.github.actions.take(runner)  # any of the same labels
        self.at(second + self.dice.uniform(*RUN), self._finish, taken, runner)

    def _finish(self, second: int, taken, runner) -> None:
        if runner.busy:
            self.github.actions.finish(runner, "success")
        job = Job.objects.filter(forge_job_id=str(taken.id)).first() if taken else None
        self.at(second + TOLD, self._look_after, job, str(runner.id), second)

    def _look_after(self, second: int, job: Job | None, runner_id: str, since: int) -> None:
        """As lifecycle.busy and removing do: read the job until it has ended, then have the runner forgotten."""
        if job:
            job.refresh_from_db()
        if job and job.state != Job.State.COMPLETED and second - since < 120:
            self._tried("reread", lambda: polling.reread(job, self._forge(), self.clock.now()))
            self.at(second + TOLD, self._look_after, job, runner_id, since)
            return
        if not job or job.state != Job.State.COMPLETED:
            self._tried("forget", lambda: self._forge().remove_runner(runner_id))

    # Helpers

    def _tokens(self, now: datetime) -> None:
        for pk in tokens.due(now):
            if row := tokens.lease_due(pk, now):
                tokens.refresh(row, self.apps.client(), now)

    def _tried(self, what: str, deed) -> None:
        try:
            deed()
        except (Limited, Gone, Unreachable, ForgeError):
            self.put_off[what] += 1

    def _fresh(self) -> Connection:
        return Connection.objects.select_related("installation__app", "team").get(pk=self.connection.pk)

    def _forge(self):
        return registry.forge(self._fresh(), self.clock.seconds)

    # Figures

    def heard(self) -> list[float]:
        """Seconds from a job's creation to when we heard of it, of each job; of those not heard of, until now."""
        known = dict(
            Job.objects.filter(connection=self.connection).values_list("forge_job_id", "discovered_at")
        )
        now = self.clock.now()
        made = [job for job in self.apps.world.jobs.values() if job.created_at <= now - timedelta(minutes=1)]
        return [(known.get(str(job.id), now) - job.created_at).total_seconds() for job in made]

    def figures(self) -> dict[str, float]:
        account = self.github.limits.of(f"installation ID {self.connection.installation.installation_id}")
        heard = self.heard()
        return {
            "jobs": len(heard),
            "p50": percentile(heard, 0.5),
            "p95": percentile(heard, 0.95),
            "p99": percentile(heard, 0.99),
            "points": account.most,
            "calls": account.used,
            "limit": account.limit,
            "refused": account.refused,
            "by poll": Job.objects.filter(connection=self.connection, discovered_by="poll").count(),
        }
