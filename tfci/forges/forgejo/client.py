"""Forgejo, from 15 on: its waiting jobs, its runners that are bound to one of them, and its webhooks.

What it answers was seen on 16.0. It tells nothing of single jobs by webhook, so it is polled, and a push is a hint to
poll soon. Each job has a handle; a VM's engine takes the job of its handle and no other.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.forges.actions import addresses, paths
from tfci.forges.actions.deliveries import SignedHooks
from tfci.forges.actions.schemas import Hook
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
from tfci.forges.forgejo import schemas as shapes
from tfci.forges.forgejo.check import ForgejoCheck
from tfci.forges.forgejo.facts import ForgejoFacts
from tfci.forges.gitea.api import GiteaApi
from tfci.forges.gitea.files import Files
from tfci.forges.gitea.schemas import Declared, Push, read, read_list
from tfci.forges.gitea.scopes import SCOPES, place
from tfci.forges.memory.process import Own
from tfci.forges.ports.forge import Memory
from tfci.forges.problems import VersionTooOld
from tfci.forges.versions import numbers

FLOOR = (15,)
ACTIONS_SINCE: Mapping[Act, tuple[int, ...]] = {"cancel": (16,)}  # 16 was seen to cancel
LEVELS = {level: tuple(SCOPES[level].values()) for level in ("org", "user", "repo")}
MINIMUM = "15"
RUN_ENDED = ("action_run_success", "action_run_failure", "action_run_recover")
EVENTS = ["push", *RUN_ENDED]
AGENT = "farmhand"  # the version that Forgejo shows of a signpost
LOG = http_client.MIB


class Forgejo(Files):
    """One organisation, user or repository of one Forgejo, seen with one owner's token."""

    folders = (".forgejo/workflows", ".gitea/workflows", ".github/workflows")

    def __init__(
        self,
        url: str,
        name: str,
        token: Secret,
        policy: http_client.Policy,
        *,
        level: str = "org",
        engine: str = "forgejo",
        runner_url: str = "",
        memory: Memory | None = None,
        timeout: float = 10.0,
    ) -> None:
        """`level`: whether the name is an org's, a user's or a repo's ("owner/name"). `engine`: what VMs start
        for its jobs, and `runner_url` what they call if not `url`. `timeout`: seconds a call. Raises ForgeRefused."""
        self._place = place(level, name)
        self._api = GiteaApi(url, token, policy, timeout, self._place, "Forgejo")
        self._facts = ForgejoFacts(self._api, memory or Own())
        self._engine, self._runner_url = engine, addresses.of_runners(self._api.url, runner_url)
        self._runners = f"{self._place.path}/actions/runners"

    # What the link is good for

    def check(self) -> Checked:
        """Finds out what the token may do by doing what is harmless. Raises ForgeRefused or Unreachable."""
        version = self._api.version()
        if "+gitea-" not in version:
            raise ForgeRefused(f"{self._api.url} is a Gitea ({version}): it can't be linked as a Forgejo.")
        if numbers(version) < FLOOR:
            old = VersionTooOld("forgejo", version, MINIMUM)
            return Checked(version, "", (Finding(CheckSubject.VERSION, old),))
        check = ForgejoCheck(self._api, self._place)
        login, findings = check.run()
        first = Finding(CheckSubject.VERSION, VersionRead("Forgejo", version))
        return Checked(version, login, (first, *findings), may_write=check.may_write)

    # Webhooks

    def hook(self, address: str, secret: Secret) -> str:
        """The new hook is made before older ones to the address go: their secret can't be read or compared."""
        config = {"url": address, "content_type": "json", "secret": secret.reveal()}
        asked = {"type": "gitea", "active": True, "events": EVENTS, "branch_filter": "*", "config": config}
        made = self._api.got("POST", f"{self._place.path}/hooks", Hook, json=asked)
        for older in self._hooks():
            if older.config.url == address and older.id != made.id:
                self.unhook(str(older.id))
        return str(made.id)

    def unhook(self, hook_id: str) -> None:
        with contextlib.suppress(Gone):
            self._api.call("DELETE", f"{self._place.path}/hooks/{quote(hook_id, safe='')}")

    def _hooks(self) -> list[Hook]:
        hooks: list[Hook] = []
        for answer in self._api.pages(f"{self._place.path}/hooks"):
            page = read(answer.body, list[Hook])
            if not page:
                break
            hooks += page
        return hooks

    # Jobs

    def waiting_jobs(self) -> list[JobSeen]:
        """Oldest first. Those that Forgejo holds back are not listed."""
        return self._seen([job for job in self._listed() if job.status == "waiting"], [])

    def running_jobs(self) -> list[JobSeen]:
        """Oldest first."""
        running = [job for job in self._listed() if job.status == "running"]
        return self._seen(running, self._there() if running else [])

    def _listed(self) -> list[shapes.ForgejoJob]:
        """Both; Forgejo writes null for an empty list, and the newest first."""
        found = read_list(self._api.call("GET", f"{self._runners}/jobs").body, shapes.ForgejoJob)
        return sorted(found, key=lambda job: job.id)

    def _seen(self, jobs: list[shapes.ForgejoJob], there: list[shapes.ForgejoRunner]) -> list[JobSeen]:
        names = self._facts.repositories(job.repo_id for job in jobs)
        runs = self._facts.runs((names[job.repo_id], job.run_id) for job in jobs if job.repo_id in names)
        keys = [(names.get(job.repo_id, ""), job.run_id) for job in jobs]
        return [
            shapes.job_seen(job, key[0], runs[key], there)
            for job, key in zip(jobs, keys, strict=True)
            if key in runs
        ]

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        path = paths.run(repository, run_id)
        jobs = read_list(self._api.call("GET", f"{path}/jobs").body, shapes.ForgejoJob)
        found = next((job for job in jobs if str(job.id) == job_id), None)
        if found is None:
            raise Gone(f"{repository} has no job {job_id} in its run {run_id}.")
        run = self._api.got("GET", path, shapes.ForgejoRun)
        there = self._there() if found.task_id else []
        return shapes.job_seen(found, repository, run, there, alone=len(jobs) == 1)

    def run(self, repository: str, run_id: str) -> RunSeen:
        return shapes.run_seen(self._api.got("GET", paths.run(repository, run_id), shapes.ForgejoRun))

    def cancel(self, repository: str, run_id: str) -> None:
        """By a token with write:repository. Who runs a job of it is not told."""
        self._api.call("POST", f"{paths.run(repository, run_id)}/cancel")

    def log(self, repository: str, run_id: str, job_id: str) -> str:
        path = f"{paths.job(repository, job_id)}/logs"
        answer = self._api.call("GET", path, headers={"Accept": "*/*", "Range": f"bytes=-{LOG}"})
        return answer.body[-LOG:].decode(errors="replace")

    # Runners

    def runners(self) -> list[RunnerSeen]:
        """At most 2000."""
        return [shapes.runner_seen(runner) for runner in self._there()]

    def _there(self) -> list[shapes.ForgejoRunner]:
        """Page after page, as long as there is something new; a Forgejo that ignores pages says all at once."""
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
        """Always makes a new one, also of a name that is there: whoever tries again looks first. Its labels are said
        by its engine; its description tells whose it is while its job runs."""
        made = self._made(name, handle, ephemeral=True)
        state = {"uuid": made.uuid, "token": made.token, "handle": handle}
        return Registration(str(made.id), Secret(json.dumps(state)))

    def _made(self, name: str, description: str, *, ephemeral: bool) -> shapes.CreatedRunner:
        asked = {"name": name, "description": description, "ephemeral": ephemeral}
        return self._api.got("POST", self._runners, shapes.CreatedRunner, json=asked)

    def forget(self, runner_id: str) -> None:
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
        made = self._made(name, "", ephemeral=False)
        credential = Secret(json.dumps({"uuid": made.uuid, "token": made.token}))
        self.declare(credential, labels)
        return Signpost(str(made.id), credential)

    def declare(self, credential: Secret, labels: Sequence[str]) -> None:
        runner = json.loads(credential.reveal())
        headers = {"x-runner-uuid": runner["uuid"], "x-runner-token": runner["token"]}
        self._api.rpc("Declare", {"version": AGENT, "labels": [*labels]}, Declared, headers)


class ForgejoHooks(SignedHooks):
    """What Forgejo's webhooks say: that something was pushed, and that a run has ended."""

    name, signature = "forgejo", "x-forgejo-signature"

    def heard(self, event: str, body: bytes) -> Heard:
        shape = Push if event == "push" else shapes.ForgejoRunDelivery if event in RUN_ENDED else None
        if shape is None:
            return Heard(event)
        read(body, shape)
        return Heard(event, stirred=True)
