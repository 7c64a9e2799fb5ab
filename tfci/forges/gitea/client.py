"""Gitea, from 1.25 on: its REST API, its runner protocol and its webhooks.

What it answers, and what it leaves out, was seen on 1.25.4. A runner is registered by Connect-JSON with the
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
    Act,
    Checked,
    EngineOrder,
    Heard,
    JobSeen,
    Registration,
    RunnerSeen,
    RunSeen,
    Signpost,
)
from tfci.forges.findings import CheckSubject, Finding, VersionRead
from tfci.forges.gitea import schemas as shapes
from tfci.forges.gitea.check import GiteaCheck
from tfci.forges.gitea.family import AGENT, GiteaFamily
from tfci.forges.versions import numbers

FLOOR = (1, 25)
# what a token may, since when; before, a browser's session alone
ACTIONS_SINCE: Mapping[Act, tuple[int, ...]] = {"rerun": (1, 26), "cancel": (1, 28)}
NOT_FORGEJO = "which hands out jobs differently from Gitea and can't be connected as one."
HOST = "host"  # the engine runs jobs in the VM itself


class Gitea(GiteaFamily):
    """One organisation, user or repository of one Gitea or all of it, seen with one owner's token."""

    title, events = "Gitea", ("workflow_job", "push")  # a push is an early hint that jobs are coming
    folders = (".gitea/workflows", ".github/workflows")

    # What the link is good for

    def check(self) -> Checked:
        """Finds out what the token may do by doing what is harmless. Raises ForgeRefused or Unreachable."""
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
        asked = [("status", status) for status in statuses]
        jobs = self._api.listed(f"{self._place.path}/actions/jobs", shapes.GiteaJobs, asked)
        return [shapes.job_seen(job) for job in jobs]

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        return shapes.job_seen(self._api.got("GET", paths.job(repository, job_id), shapes.GiteaJob))

    def run(self, repository: str, run_id: str) -> RunSeen:
        return shapes.run_seen(self._api.got("GET", paths.run(repository, run_id), shapes.GiteaRun))

    def rerun(self, repository: str, run_id: str, job_id: str) -> None:
        """From 1.26 on, by a token with write:repository."""
        self._api.call("POST", f"{paths.run(repository, run_id)}/jobs/{quote(job_id, safe='')}/rerun")

    def cancel(self, repository: str, run_id: str) -> None:
        """Later than 1.27, by a token with write:repository. Who runs a job of it is told when it asks, so a job ends
        at once where its runner is gone, and else waits for it."""
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
        """Always makes a new one, also of a name that is there: whoever tries again looks first."""
        runner = self._registered(name, labels, ephemeral=True)
        if not runner.ephemeral:
            self.forget(runner.id)
            raise ForgeRefused(
                f"{self._api.url} did not make a one-job runner: update Gitea to 1.25 or newer."
            )
        return Registration(runner.id, self._credential(runner, name, ephemeral=True))

    def forget(self, runner_id: str) -> None:
        with contextlib.suppress(Gone):
            self._api.call("DELETE", f"{self._place.path}/actions/runners/{quote(runner_id, safe='')}")

    def order(self, credential: Secret, labels: Sequence[str], image: str = "") -> EngineOrder:
        """The runner's own state file: with it the engine needs no registration."""
        schema = f"docker://{image}" if image else HOST
        state = json.loads(credential.reveal()) | {"labels": [f"{label}:{schema}" for label in labels]}
        return EngineOrder(self._engine, {".runner": Secret(json.dumps(state))})

    def signpost(self, name: str, labels: Sequence[str]) -> Signpost:
        runner = self._registered(name, labels, ephemeral=False)
        credential = self._credential(runner, name, ephemeral=False)
        self.declare(credential, labels)
        return Signpost(runner.id, credential)

    def _registered(self, name: str, labels: Sequence[str], *, ephemeral: bool) -> shapes.Registered:
        token = self._api.got("POST", self._place.path + REGISTRATION, ShortToken).token
        asked = {"name": name, "token": token, "version": AGENT, "labels": [*labels], "ephemeral": ephemeral}
        return self._api.rpc("Register", asked, shapes.RegisterAnswer).runner

    def _credential(self, runner: shapes.Registered, name: str, *, ephemeral: bool) -> Secret:
        """What the engine's `.runner` file says, but for the labels."""
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
    """What Gitea's webhooks say. A running one-job runner's cancellation is not among it."""

    name, signature = "gitea", "x-gitea-signature"

    def heard(self, event: str, body: bytes) -> Heard:
        """A second `in_progress` is stale news of a cancelled job: whoever hears it reads the job again."""
        if event == "workflow_job":
            told = shapes.read(body, shapes.GiteaJobDelivery)
            sender = told.sender.login if told.sender else ""
            job = shapes.job_seen(told.workflow_job, told.repository.full_name, sender)
            return Heard(event, (job,), stirred=True)
        if event == "push":
            shapes.read(body, shapes.Push)
            return Heard(event, stirred=True)
        return Heard(event)


def counts_pickups(version: str) -> bool:
    """Whether `run_attempt` is how often a runner took the job, whose id stays the same. From 1.27 on it is the
    attempt's number, and each attempt has a job id of its own (go-gitea/gitea, models/actions/run_job.go)."""
    return numbers(version) < (1, 27)
