"""GitHub, and GitHub Enterprise Server from 3.10 on: its REST API and its webhooks.

Its shapes and rules follow what GitHub publishes; it was never tried with github.com itself. A runner is made by a JIT
configuration, which is good for one job and goes to the VM that waits for it.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.forges.actions import paths
from tfci.forges.actions.schemas import Hook
from tfci.forges.actions.webhook_signatures import SignedHooks
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.facts import (
    Checked,
    EngineOrder,
    JobSeen,
    Registration,
    RunnerSeen,
    RunSeen,
    WebhookEvent,
)
from tfci.forges.findings import CheckSubject, Finding, VersionRead
from tfci.forges.github import deliveries, schemas as shapes, webhooks
from tfci.forges.github.actions_service import Service
from tfci.forges.github.api import GitHubApi, Installed
from tfci.forges.github.check import GitHubCheck
from tfci.forges.github.groups import RunnerGroups
from tfci.forges.github.reader import RepositoryScan
from tfci.forges.github.scale_sets import GitHubScaleSets
from tfci.forges.github.scopes import place
from tfci.forges.memory.process import ProcessMemory
from tfci.forges.ports.forge import Memory
from tfci.forges.ports.scale_sets import Access
from tfci.forges.target import ForgeTarget
from tfci.forges.versions import numbers

FLOOR = (3, 10)  # of an Enterprise Server: older ones make no JIT configurations
EVENTS = ["workflow_job", "workflow_run"]
LOG = http_client.MIB
DOWNLOAD = 32 * http_client.MIB  # of a log, which can't be asked for its end alone


class GitHub:
    """One organisation or repository of one GitHub, seen with one token, a person's or an App's."""

    def __init__(
        self,
        target: ForgeTarget,
        *,
        memory: Memory | None = None,
        clock: Callable[[], float] = time.time,
        installed: Installed | None = None,
        group: str = "",
        sets: Mapping[str, str] | None = None,
        access: Access | None = None,
    ) -> None:
        """`memory`: shared by all clients of this connection. `installed`: of an App's token. `group`: of an
        organization's runners. `sets`: label -> its scale set, where there is one; `access`: to these. Raises
        ForgeRefused."""
        self._place = place(target.level, target.name)
        self._api = GitHubApi(
            target.url,
            target.token,
            target.policy,
            target.timeout,
            memory=memory or ProcessMemory(),
            clock=clock,
            place=self._place,
            installed=installed,
        )
        self._groups = RunnerGroups(self._api, self._place, group)
        self._scale_sets = GitHubScaleSets(
            Service(self._api, self._place, target.policy, access), self._groups
        )
        self._sets = {label.casefold(): set_id for label, set_id in (sets or {}).items()}
        self._engine = target.engine

    # Check

    def check(self) -> Checked:
        """Finds out what the token may do by doing what is harmless. Raises ForgeRefused, Limited or Unreachable."""
        version = self._api.meta().installed_version[:60]
        if version[:1].isdigit() and numbers(version) < FLOOR:
            return Checked.too_old("github", version, FLOOR)
        login, findings = GitHubCheck(self._api, self._place, self._groups).run()
        ends = self._api.token_ends
        return Checked(
            version, login, (Finding(CheckSubject.VERSION, VersionRead("GitHub", version)), *findings), ends
        )

    def scale_sets(self) -> GitHubScaleSets:
        return self._scale_sets

    # Webhooks

    def hook(self, address: str, secret: Secret) -> str:
        """One that is there already gets the new secret."""
        config = {"url": address, "content_type": "json", "insecure_ssl": "0", "secret": secret.reveal()}
        body = {"name": "web", "active": True, "events": EVENTS, "config": config}
        path = f"{self._place.path}/hooks"
        existing = self._api.call("GET", f"{path}?per_page=100", "read")
        known = [one for one in shapes.read(existing.body, list[Hook]) if one.config.url == address]
        if known:
            self._api.call("PATCH", f"{path}/{known[0].id}", "make", json=body)
            return str(known[0].id)
        return str(shapes.read(self._api.call("POST", path, "make", json=body).body, Hook).id)

    def unhook(self, hook_id: str) -> None:
        with contextlib.suppress(Gone):
            self._api.call("DELETE", f"{self._place.path}/hooks/{quote(hook_id, safe='')}", "remove")

    def redeliver(self, hook_id: str, since: datetime) -> int:
        path = f"{self._place.path}/hooks/{quote(hook_id, safe='')}/deliveries"
        return deliveries.redeliver(self._api, path, since)

    # Jobs

    def waiting_jobs(self) -> list[JobSeen]:
        """Those of the repositories that are due: GitHub has no list over an organization."""
        return [job for job in self._open_jobs() if job.status != "in_progress"]

    def running_jobs(self) -> list[JobSeen]:
        """The same for running jobs."""
        return [job for job in self._open_jobs() if job.status == "in_progress"]

    def _open_jobs(self) -> list[JobSeen]:
        found = RepositoryScan(self._api, self._place).open_jobs()
        return sorted(found, key=lambda job: int(job.job_id))

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        return shapes.job_seen(self._api.fetch(paths.job(repository, job_id), shapes.GitHubJob), repository)

    def run(self, repository: str, run_id: str) -> RunSeen:
        """Mostly known from a webhook or a list."""
        known = webhooks.cached_run(self._api.memory, repository, run_id)
        return known or shapes.run_seen(
            self._api.fetch(paths.run(repository, run_id), shapes.GitHubRun, "idle")
        )

    def rerun(self, repository: str, run_id: str, job_id: str) -> None:
        """By a token with actions:write. GitHub makes a new job of it, with a number of its own."""
        self._change(f"{paths.job(repository, job_id)}/rerun", {"already running": "The run is not done yet"})

    def cancel(self, repository: str, run_id: str) -> None:
        """By a token with actions:write."""
        self._change(f"{paths.run(repository, run_id)}/cancel", {"completed": "The run is already done"})

    def _change(self, path: str, known: Mapping[str, str]) -> None:
        try:
            self._api.call("POST", path, "make")
        except ForgeRefused as refused:
            message = next((sentence for words, sentence in known.items() if words in str(refused)), "")
            raise ForgeRefused(f"{message}." if message else str(refused)) from None

    def log(self, repository: str, run_id: str, job_id: str) -> str:
        """There is none before the job's end."""
        answer = self._api.download(f"{paths.job(repository, job_id)}/logs", DOWNLOAD)
        return answer[-LOG:].decode(errors="replace")

    # Runners

    def runners(self) -> list[RunnerSeen]:
        """At most 2000, and those of scale sets."""
        seen = [shapes.runner_seen(one) for one in self._api.listed(self._runners(), shapes.GitHubRunners)]
        return seen + self._scale_set_runners({one.runner_id for one in seen})

    def find(self, name: str) -> RunnerSeen | None:
        found = self._api.fetch(self._runners(), shapes.GitHubRunners, params=[("name", name)]).entries
        seen = next((shapes.runner_seen(one) for one in found if one.name == name), None)
        return seen or next(iter(self._scale_set_runners(name=name)), None)

    def _scale_set_runners(self, known: Collection[str] = (), name: str = "") -> list[RunnerSeen]:
        """Runners of scale sets: GitHub does not document whether the REST API lists them."""
        set_runners = self._scale_sets.runners(name) if self._sets else []
        return [one for one in set_runners if one.runner_id not in known]

    def register(self, name: str, labels: Sequence[str], handle: str = "") -> Registration:
        """GitHub binds a runner to no job, and gives it no label but these. Jobs of a scale set go to its own runners
        alone."""
        if set_id := self._set_of(labels):
            return self._scale_sets.register(set_id, name)
        group = self._groups.number()
        body = {"name": name, "runner_group_id": group, "labels": [*labels], "work_folder": "_work"}
        try:
            answer = self._api.call("POST", self._runners("generate-jitconfig"), "make", json=body)
        except Gone:
            if not self._groups.name:
                raise
            self._groups.clear_cache()
            raise self._groups.missing() from None
        made = shapes.read(answer.body, shapes.JitConfig)
        return Registration(str(made.runner.id), Secret(made.encoded_jit_config))

    def remove_runner(self, runner_id: str) -> None:
        """GitHub removes a runner itself when its job ends, which a reading call finds out for less. A busy one
        can't be removed: raises Unreachable until its run was canceled or GitHub notices that its VM is gone."""
        try:
            self._forget(runner_id)
        except Gone:
            if self._sets:
                self._scale_sets.remove_runner(runner_id)

    def _forget(self, runner_id: str) -> None:
        path = self._runners(quote(runner_id, safe=""))
        response = shapes.read(self._api.call("GET", path, "remove").body, shapes.GitHubRunner)
        if response.busy:
            raise Unreachable(
                f"{self._api.url} removes no runner that has a job: {response.name} still has one."
            )
        self._api.call("DELETE", path, "remove")

    def order(self, credential: Secret, labels: Sequence[str]) -> EngineOrder:
        """The runner takes its configuration from the environment, and hides it from the job's steps."""
        environment = {
            "ACTIONS_RUNNER_INPUT_JITCONFIG": credential,
            "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE": Secret("1"),
            "RUNNER_ALLOW_RUNASROOT": Secret("1"),
        }
        return EngineOrder(self._engine, environment=environment)

    def _set_of(self, labels: Sequence[str]) -> str:
        """The scale set that jobs of these labels are in, "" for none: a set has one label, in any case of letters."""
        return self._sets.get(labels[0].casefold(), "") if len(set(labels)) == 1 else ""

    def _runners(self, below: str = "") -> str:
        return f"{self._place.path}/actions/runners{f'/{below}' if below else ''}"


class GitHubHooks(SignedHooks):
    """Reads GitHub's webhooks."""

    name, signature, prefix = "github", "x-hub-signature-256", "sha256="

    def parse(self, event: str, body: bytes) -> WebhookEvent:
        if event == "workflow_job":
            delivery = shapes.read(body, shapes.GitHubJobDelivery)
            sender = delivery.sender.login if delivery.sender else ""
            job = shapes.job_seen(
                delivery.workflow_job, delivery.repository.full_name, action=delivery.action, sender=sender
            )
            return WebhookEvent(event, (job,), stirred=True)
        if event == "workflow_run":
            run = shapes.read(body, shapes.GitHubRunDelivery)
            name, begins = run.repository.full_name, run.action == "requested"
            return WebhookEvent(event, stirred=begins, repository=name, run=shapes.run_event(run))
        return WebhookEvent(event)
