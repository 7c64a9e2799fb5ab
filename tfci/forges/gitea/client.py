"""Gitea, from 1.25 on: its REST API, its runner protocol and its webhooks.

Verified with 1.25.4. A runner is registered by Connect-JSON with the
registration token of the organisation, user or repository, which lasts and therefore never leaves this file.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from tfci.core.secret import Secret
from tfci.forges.actions import paths
from tfci.forges.actions.paths import REGISTRATION
from tfci.forges.actions.schemas import ShortToken
from tfci.forges.actions.webhook_signatures import SignedHooks
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.facts import (
    Checked,
    EngineOrder,
    JobAction,
    JobSeen,
    Registration,
    RunnerSeen,
    RunSeen,
    Signpost,
    WebhookEvent,
)
from tfci.forges.findings import CheckSubject, Finding, VersionRead
from tfci.forges.gitea import schemas as shapes
from tfci.forges.gitea.check import GiteaCheck
from tfci.forges.gitea.family import AGENT, GiteaFamily
from tfci.forges.versions import numbers

FLOOR = (1, 25)
# what a token may, since when; before, a browser's session alone
ACTIONS_SINCE: Mapping[JobAction, tuple[int, ...]] = {"rerun": (1, 26), "cancel": (1, 28)}
NOT_FORGEJO = "which hands out jobs differently from Gitea and can't be connected as one."
HOST = "host"  # the engine runs jobs in the VM itself


class Gitea(GiteaFamily):
    """One organisation, user or repository of one Gitea or all of it, seen with one owner's token."""

    title, events = "Gitea", ("workflow_job", "push")  # a push is an early hint that jobs are coming
    folders = (".gitea/workflows", ".github/workflows")

    # Check

    def check(self) -> Checked:
        """Test the token's permissions by harmless calls. Raises ForgeRefused or Unreachable."""
        version = self._api.version()
        if "+gitea-" in version:
            raise ForgeRefused(f"{self._api.url} is a Forgejo ({version}), {NOT_FORGEJO}")
        if numbers(version) < FLOOR:
            return Checked.too_old("gitea", version, FLOOR)
        check = GiteaCheck(self._api, self._place)
        login, findings = check.run()
        first = Finding(CheckSubject.VERSION, VersionRead("Gitea", version))
        return Checked(version, login, (first, *findings), may_write=check.may_write)

    # Jobs

    def waiting_jobs(self) -> list[JobSeen]:
        """Oldest first; at most 2000."""
        return self._jobs("queued", "waiting")

    def running_jobs(self) -> list[JobSeen]:
        """Oldest first; at most 2000."""
        return self._jobs("in_progress")

    def _jobs(self, *statuses: str) -> list[JobSeen]:
        params = [("status", status) for status in statuses]
        jobs = self._api.listed(f"{self._place.path}/actions/jobs", shapes.GiteaJobs, params)
        return [shapes.job_seen(job) for job in jobs]

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        return shapes.job_seen(self._api.fetch("GET", paths.job(repository, job_id), shapes.GiteaJob))

    def run(self, repository: str, run_id: str) -> RunSeen:
        return shapes.run_seen(self._api.fetch("GET", paths.run(repository, run_id), shapes.GiteaRun))

    def rerun(self, repository: str, run_id: str, job_id: str) -> None:
        """From 1.26 on, by a token with write:repository."""
        self._api.call("POST", f"{paths.run(repository, run_id)}/jobs/{quote(job_id, safe='')}/rerun")

    def cancel(self, repository: str, run_id: str) -> None:
        """Later than 1.27, by a token with write:repository. A runner learns it at its next call, so a job ends at once
        if its runner is gone, and else waits for it."""
        self._api.call("POST", f"{paths.run(repository, run_id)}/cancel")

    # Runners

    def runners(self) -> list[RunnerSeen]:
        """At most 2000."""
        found = self._api.listed(f"{self._place.path}/actions/runners", shapes.GiteaRunners)
        return [shapes.runner_seen(runner) for runner in found]

    def find(self, name: str) -> RunnerSeen | None:
        """The first of that name: Gitea lets several have it."""
        return next((runner for runner in self.runners() if runner.name == name), None)

    def register(self, name: str, labels: Sequence[str], handle: str = "") -> Registration:
        """Always creates a new one, even if the name exists: callers check before a retry."""
        runner = self._register(name, labels, ephemeral=True)
        if not runner.ephemeral:
            self.remove_runner(runner.id)
            raise ForgeRefused(
                f"{self._api.url} did not make a one-job runner: update Gitea to 1.25 or newer."
            )
        return Registration(runner.id, self._credential(runner, name, ephemeral=True))

    def remove_runner(self, runner_id: str) -> None:
        with contextlib.suppress(Gone):
            self._api.call("DELETE", f"{self._place.path}/actions/runners/{quote(runner_id, safe='')}")

    def order(self, credential: Secret, labels: Sequence[str], image: str = "") -> EngineOrder:
        """The runner's own state file: with it the engine needs no registration."""
        schema = f"docker://{image}" if image else HOST
        state = json.loads(credential.reveal()) | {"labels": [f"{label}:{schema}" for label in labels]}
        return EngineOrder(self._engine, {".runner": Secret(json.dumps(state))})

    def signpost(self, name: str, labels: Sequence[str]) -> Signpost:
        runner = self._register(name, labels, ephemeral=False)
        credential = self._credential(runner, name, ephemeral=False)
        self.declare(credential, labels)
        return Signpost(runner.id, credential)

    def _register(self, name: str, labels: Sequence[str], *, ephemeral: bool) -> shapes.Registered:
        token = self._api.fetch("POST", self._place.path + REGISTRATION, ShortToken).token
        body = {"name": name, "token": token, "version": AGENT, "labels": [*labels], "ephemeral": ephemeral}
        return self._api.rpc("Register", body, shapes.RegisterAnswer).runner

    def _credential(self, runner: shapes.Registered, name: str, *, ephemeral: bool) -> Secret:
        """The content of the engine's `.runner` file, except for the labels."""
        state = {
            "id": int(runner.id),
            "uuid": runner.uuid,
            "name": name,
            "token": runner.token,
            "address": self._runner_url,
            "ephemeral": ephemeral,
        }
        return Secret(json.dumps(state))


class GiteaHooks(SignedHooks):
    """Reads Gitea's webhooks. There is none for the cancellation of a running one-job runner."""

    name, signature = "gitea", "x-gitea-signature"

    def parse(self, event: str, body: bytes) -> WebhookEvent:
        """A second `in_progress` is a stale event of a cancelled job: the caller reads the job again."""
        if event == "workflow_job":
            delivery = shapes.read(body, shapes.GiteaJobDelivery)
            sender = delivery.sender.login if delivery.sender else ""
            job = shapes.job_seen(delivery.workflow_job, delivery.repository.full_name, sender)
            return WebhookEvent(event, (job,), stirred=True)
        if event == "push":
            shapes.read(body, shapes.Push)
            return WebhookEvent(event, stirred=True)
        return WebhookEvent(event)


def counts_pickups(version: str) -> bool:
    """Whether `run_attempt` is how often a runner took the job, whose id stays the same. From 1.27 on it is the
    attempt's number, and each attempt has a job id of its own (go-gitea/gitea, models/actions/run_job.go)."""
    return numbers(version) < (1, 27)
