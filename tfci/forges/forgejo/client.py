"""Forgejo, from 15 on: its waiting jobs, its runners that are bound to one of them, and its webhooks.

Verified with 16.0. It sends no webhooks of single jobs, so it is polled, and a push is a hint to poll soon.
 Each job has a handle; a VM's engine takes the job of its handle and no other.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from tfci.core.secret import Secret
from tfci.forges.actions import paths
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
from tfci.forges.forgejo import schemas as shapes
from tfci.forges.forgejo.check import ForgejoCheck
from tfci.forges.forgejo.facts import ForgejoFacts
from tfci.forges.gitea.family import GiteaFamily
from tfci.forges.gitea.schemas import Push, read, read_list
from tfci.forges.gitea.scopes import SCOPES
from tfci.forges.memory.process import ProcessMemory
from tfci.forges.ports.forge import Memory
from tfci.forges.target import ForgeTarget
from tfci.forges.versions import numbers

FLOOR = (15,)
ACTIONS_SINCE: Mapping[JobAction, tuple[int, ...]] = {"cancel": (16,)}  # 16 was seen to cancel
LEVELS = {level: tuple(SCOPES[level].values()) for level in ("org", "user", "repo")}
RUN_ENDED = ("action_run_success", "action_run_failure", "action_run_recover")


class Forgejo(GiteaFamily):
    """One organisation, user or repository of one Forgejo, seen with one owner's token."""

    title, events = "Forgejo", ("push", *RUN_ENDED)
    folders = (".forgejo/workflows", ".gitea/workflows", ".github/workflows")

    def __init__(self, target: ForgeTarget, memory: Memory | None = None) -> None:
        super().__init__(target)
        self._facts = ForgejoFacts(self._api, memory or ProcessMemory())
        self._runners = f"{self._place.path}/actions/runners"

    # Check

    def check(self) -> Checked:
        """Test the token's permissions by harmless calls. Raises ForgeRefused or Unreachable."""
        version = self._api.version()
        if "+gitea-" not in version:
            raise ForgeRefused(f"{self._api.url} is a Gitea ({version}) and can't be connected as a Forgejo.")
        if numbers(version) < FLOOR:
            return Checked.too_old("forgejo", version, FLOOR)
        check = ForgejoCheck(self._api, self._place)
        login, findings = check.run()
        first = Finding(CheckSubject.VERSION, VersionRead("Forgejo", version))
        return Checked(version, login, (first, *findings), may_write=check.may_write)

    # Jobs

    def waiting_jobs(self) -> list[JobSeen]:
        """Oldest first. Those that Forgejo holds back are not listed."""
        return self._seen([job for job in self._listed() if job.status == "waiting"], [])

    def running_jobs(self) -> list[JobSeen]:
        """Oldest first."""
        running = [job for job in self._listed() if job.status == "running"]
        return self._seen(running, self._all_runners() if running else [])

    def _listed(self) -> list[shapes.ForgejoJob]:
        """Both; Forgejo writes null for an empty list, and the newest first."""
        found = read_list(self._api.call("GET", f"{self._runners}/jobs").body, shapes.ForgejoJob)
        return sorted(found, key=lambda job: job.id)

    def _seen(self, jobs: list[shapes.ForgejoJob], runners: list[shapes.ForgejoRunner]) -> list[JobSeen]:
        names = self._facts.repositories(job.repo_id for job in jobs)
        runs = self._facts.runs((names[job.repo_id], job.run_id) for job in jobs if job.repo_id in names)
        keys = [(names.get(job.repo_id, ""), job.run_id) for job in jobs]
        return [
            shapes.job_seen(job, key[0], runs[key], runners)
            for job, key in zip(jobs, keys, strict=True)
            if key in runs
        ]

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        path = paths.run(repository, run_id)
        jobs = read_list(self._api.call("GET", f"{path}/jobs").body, shapes.ForgejoJob)
        found = next((job for job in jobs if str(job.id) == job_id), None)
        if found is None:
            raise Gone(f"{repository} has no job {job_id} in its run {run_id}.")
        run = self._api.fetch("GET", path, shapes.ForgejoRun)
        runners = self._all_runners() if found.task_id else []
        return shapes.job_seen(found, repository, run, runners, alone=len(jobs) == 1)

    def run(self, repository: str, run_id: str) -> RunSeen:
        return shapes.run_seen(self._api.fetch("GET", paths.run(repository, run_id), shapes.ForgejoRun))

    def cancel(self, repository: str, run_id: str) -> None:
        """By a token with write:repository. Runners of its jobs get no notice."""
        self._api.call("POST", f"{paths.run(repository, run_id)}/cancel")

    # Runners

    def runners(self) -> list[RunnerSeen]:
        """At most 2000."""
        return [shapes.runner_seen(runner) for runner in self._all_runners()]

    def _all_runners(self) -> list[shapes.ForgejoRunner]:
        """All pages, until there is nothing new; a Forgejo that ignores pages returns all at once."""
        found: dict[int, shapes.ForgejoRunner] = {}
        for answer in self._api.pages(self._runners):
            page = read_list(answer.body, shapes.ForgejoRunner)
            new = {runner.id: runner for runner in page if runner.id not in found}
            if not new:
                break
            found |= new
        return list(found.values())

    def find(self, name: str) -> RunnerSeen | None:
        """The first of that name: Forgejo lets several have it."""
        return next((runner for runner in self.runners() if runner.name == name), None)

    def register(self, name: str, labels: Sequence[str], handle: str = "") -> Registration:
        """Always creates a new one, even if the name exists: callers check before a retry. Its engine declares its
        labels; its description has its job's handle."""
        made = self._create(name, handle, ephemeral=True)
        state = {"uuid": made.uuid, "token": made.token, "handle": handle}
        return Registration(str(made.id), Secret(json.dumps(state)))

    def _create(self, name: str, description: str, *, ephemeral: bool) -> shapes.CreatedRunner:
        body = {"name": name, "description": description, "ephemeral": ephemeral}
        return self._api.fetch("POST", self._runners, shapes.CreatedRunner, json=body)

    def remove_runner(self, runner_id: str) -> None:
        with contextlib.suppress(Gone):
            self._api.call("DELETE", f"{self._runners}/{quote(runner_id, safe='')}")

    def order(self, credential: Secret, labels: Sequence[str], image: str = "") -> EngineOrder:
        """The token's file ends without a new line: the runner would send it along."""
        state = json.loads(credential.reveal())
        arguments = ["--url", self._runner_url, "--uuid", state["uuid"]]
        schema = f"docker://{image}" if image else "host"
        arguments += [part for label in labels for part in ("--label", f"{label}:{schema}")]
        if state["handle"]:
            arguments += ["--handle", state["handle"]]
        return EngineOrder(self._engine, {"token": Secret(state["token"])}, arguments=tuple(arguments))

    def signpost(self, name: str, labels: Sequence[str]) -> Signpost:
        made = self._create(name, "", ephemeral=False)
        credential = Secret(json.dumps({"uuid": made.uuid, "token": made.token}))
        self.declare(credential, labels)
        return Signpost(str(made.id), credential)


class ForgejoHooks(SignedHooks):
    """Reads Forgejo's webhooks: that something was pushed, and that a run has ended."""

    name, signature = "forgejo", "x-forgejo-signature"

    def parse(self, event: str, body: bytes) -> WebhookEvent:
        shape = Push if event == "push" else shapes.ForgejoRunDelivery if event in RUN_ENDED else None
        if shape is None:
            return WebhookEvent(event)
        read(body, shape)
        return WebhookEvent(event, stirred=True)
