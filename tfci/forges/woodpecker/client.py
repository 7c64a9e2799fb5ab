"""Woodpecker, from 3.14 on: its queue, and agents that take one workflow and end.

Verified with 3.17. It sends no webhooks to us, so its queue is polled. A job is a workflow, its run a pipeline. An
agent is created with the labels that a workflow must have, so it takes no other; a server that loses an agent in the
middle of a workflow lets the pipeline run for ever, so we cancel that.
"""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from urllib.parse import quote

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.facts import (
    Checked,
    EngineOrder,
    JobSeen,
    Registration,
    RunnerSeen,
    RunSeen,
    Status,
)
from tfci.forges.findings import CheckSubject, Finding, VersionRead
from tfci.forges.memory.lookup_cache import LookupCache
from tfci.forges.memory.process import ProcessMemory
from tfci.forges.ports.forge import Memory
from tfci.forges.target import ForgeTarget
from tfci.forges.versions import numbers
from tfci.forges.woodpecker import check as checks, labels as woodpecker_labels, schemas as shapes
from tfci.forges.woodpecker.api import Conflict, WoodpeckerApi

FLOOR = (3, 14)
LEVELS: dict[str, tuple[str, ...]] = {"org": (), "instance": ()}  # its tokens have no scopes
GRPC = re.compile(r"(?P<scheme>grpcs?)://(?P<server>(?:\[[0-9a-fA-F:]+\]|[^\s/:@]+):[0-9]{1,5})/?")
NO_GRPC = "Enter the address of its gRPC port like grpc://ci.example.org:9000, or grpcs:// with TLS."
NAMES_TTL = 300.0  # seconds: a repository may get another name
PIPELINES_TTL = 3600.0
TRIES = 3  # to remove an agent that had a workflow
LOG = http_client.MIB


class Woodpecker:
    """One organisation of a Woodpecker or all of it, seen with one administrator's token."""

    def __init__(self, target: ForgeTarget, memory: Memory | None = None) -> None:
        """`runner_url` is its gRPC port, grpc://host:port or grpcs://. Raises ForgeRefused."""
        grpc = GRPC.fullmatch(target.runner_url)
        if grpc is None:
            raise ForgeRefused(NO_GRPC)
        if target.level not in LEVELS:
            raise ForgeRefused(
                f"Woodpecker has no “{target.level}” to connect: choose an organization or the whole instance."
            )
        self._server, self._secure = grpc["server"], grpc["scheme"] == "grpcs"
        self._org = target.name if target.level == "org" else ""
        self._api = WoodpeckerApi(target.url, target.token, target.policy, target.timeout)
        self._cache = LookupCache(
            lambda path, shape: self._api.fetch("GET", path, shape), memory or ProcessMemory()
        )
        self._engine = target.engine

    # Check

    def check(self) -> Checked:
        """Test the token's permissions by reading. Raises ForgeRefused or Unreachable."""
        version = self._api.version()
        if numbers(version) < FLOOR:
            return Checked.too_old("woodpecker", version, FLOOR)
        login, findings = checks.run(self._api, self._agents, self._org)
        return Checked(
            version, login, (Finding(CheckSubject.VERSION, VersionRead("Woodpecker", version)), *findings)
        )

    # Jobs

    def waiting_jobs(self) -> list[JobSeen]:
        """Oldest first, those that wait for others last. One that fell back into the queue since its agent fell silent
        is none: nobody gets it any more."""
        queue = self._queue()
        fresh = [task for task in queue.pending or () if not task.agent_id]
        return [*self._seen(fresh, "queued"), *self._seen(queue.waiting_on_deps or (), "waiting")]

    def running_jobs(self) -> list[JobSeen]:
        queue = self._queue()
        silent = [task for task in queue.pending or () if task.agent_id]
        return self._seen([*(queue.running or ()), *silent], "in_progress")

    def _queue(self) -> shapes.Queue:
        return self._api.fetch("GET", "/queue/info", shapes.Queue)

    def _seen(self, tasks: Iterable[shapes.Task], status: Status) -> list[JobSeen]:
        """Those of this connection, each with its pipeline's facts."""
        org_id = str(self._org_id()) if self._org else ""
        ours = [task for task in tasks if not org_id or task.labels.get("org-id") == org_id]
        paths = {task.id: _pipeline(task.repo_id, task.pipeline_number) for task in ours}
        known = self._cache.all(paths.values(), shapes.PipelineFacts, PIPELINES_TTL)
        found = [(task, known[paths[task.id]]) for task in ours if paths[task.id] in known]
        return [
            shapes.queued(task, pipeline, self._page(task.repo_id, task.pipeline_number), status)
            for task, pipeline in found
        ]

    def _page(self, repo_id: int, number: int) -> str:
        return f"{self._api.url}/repos/{repo_id}/pipeline/{number}"

    def _org_id(self) -> int:
        path = f"/orgs/lookup/{quote(self._org)}"
        return self._cache.one(path, shapes.Org, NAMES_TTL).id

    def _repo_id(self, repository: str) -> int:
        path = f"/repos/lookup/{quote(repository)}"
        return self._cache.one(path, shapes.Repo, NAMES_TTL).id

    def job(self, repository: str, run_id: str, job_id: str) -> JobSeen:
        repo_id = self._repo_id(repository)
        pipeline, workflow = self._workflow(repo_id, run_id, job_id)
        status = shapes.status_of(workflow, pipeline)
        if status == "queued":
            listed = next((seen for seen in self.waiting_jobs() if seen.job_id == job_id), None)
            if listed:
                return listed
            status = "waiting"  # for its pipeline to be let into the queue
        page = self._page(repo_id, pipeline.number)
        return shapes.read_again(workflow, pipeline, repository, page, status)

    def _workflow(self, repo_id: int, run_id: str, job_id: str) -> tuple[shapes.Pipeline, shapes.Workflow]:
        """Raises Gone."""
        pipeline = self._api.fetch("GET", _pipeline(repo_id, run_id), shapes.Pipeline)
        found = next((each for each in pipeline.workflows or () if str(each.id) == job_id), None)
        if found is None:
            raise Gone(f"{self._api.url} has no workflow {job_id} in its pipeline {run_id}.")
        return pipeline, found

    def run(self, repository: str, run_id: str) -> RunSeen:
        path = _pipeline(self._repo_id(repository), run_id)
        return shapes.run_seen(self._api.fetch("GET", path, shapes.PipelineFacts))

    def rerun(self, repository: str, run_id: str, job_id: str) -> None:
        """The whole pipeline, as a new one."""
        self._api.call("POST", _pipeline(self._repo_id(repository), run_id))

    def cancel(self, repository: str, run_id: str) -> None:
        """Its agents get notice, and end."""
        self._api.call("POST", f"{_pipeline(self._repo_id(repository), run_id)}/cancel")

    def log(self, repository: str, run_id: str, job_id: str) -> str:
        """All steps one after the other."""
        repo_id = self._repo_id(repository)
        _, workflow = self._workflow(repo_id, run_id, job_id)
        log_bytes = b"".join(
            part for step in workflow.children or () for part in self._log_lines(repo_id, run_id, step)
        )
        if not log_bytes:
            raise Gone(f"{repository} has no log of this job yet.")
        return log_bytes[-LOG:].decode(errors="replace")

    def _log_lines(self, repo_id: int, run_id: str, step: shapes.WoodpeckerStep) -> list[bytes]:
        path = f"/repos/{repo_id}/logs/{quote(run_id, safe='')}/{step.id}"
        lines = shapes.read_list(self._api.call("GET", path).body, shapes.LogLine)
        return [shapes.line(line).rstrip(b"\n") + b"\n" for line in lines]

    # Runners

    def _agents(self) -> str:
        return f"/orgs/{self._org_id()}/agents" if self._org else "/agents"

    def runners(self) -> list[RunnerSeen]:
        """At most 2000. The list of all agents has those of organisations too."""
        found = self._api.listed(self._agents(), shapes.WoodpeckerAgent)
        return [shapes.runner_seen(each) for each in found if self._org or each.org_id == shapes.NO_ORG]

    def find(self, name: str) -> RunnerSeen | None:
        """The first of that name; an agent that has called has the name that its VM gives itself."""
        return next((runner for runner in self.runners() if runner.name == name), None)

    def register(self, name: str, labels: Sequence[str], handle: str = "") -> Registration:
        """Always creates a new one, even if the name exists: callers check before a retry."""
        made = self._api.fetch("POST", self._agents(), shapes.WoodpeckerAgent, json={"name": name})
        must = handle or woodpecker_labels.required(woodpecker_labels.pairs(labels))
        return Registration(
            str(made.id), Secret(json.dumps({"name": name, "token": made.token, "must": must}))
        )

    def remove_runner(self, runner_id: str) -> None:
        """It gets no more work, and what it has is cancelled: Woodpecker removes no agent that has work."""
        path = f"/agents/{quote(runner_id, safe='')}"
        with suppress(Gone):
            named = self._api.fetch("GET", path, shapes.WoodpeckerAgent).name
            self._api.call("PATCH", path, json={"name": named, "no_schedule": True})
            for _ in range(TRIES):
                with suppress(Conflict):
                    self._api.call("DELETE", path)
                    return
                self._end_work(runner_id)
            raise Unreachable(f"{self._api.url} still shows work of the agent {named}.")

    def _end_work(self, agent_id: str) -> None:
        for task in self._queue().running or ():
            if str(task.agent_id) == agent_id:
                with suppress(ForgeRefused, Gone):
                    self._api.call("POST", f"{_pipeline(task.repo_id, task.pipeline_number)}/cancel")

    def order(self, credential: Secret, labels: Sequence[str]) -> EngineOrder:
        """The server uses the name that an agent gives itself. The paths are in the engine's folder."""
        state = json.loads(credential.reveal())
        settings = {
            "SERVER": self._server,
            "GRPC_SECURE": "true" if self._secure else "false",
            "GRPC_SKIP_VERIFY": "false",
            "HOSTNAME": state["name"],
            "AGENT_SECRET_FILE": "secret",
            "AGENT_CONFIG_FILE": "agent.conf",
            "AGENT_LABELS": state["must"],
            "AGENT_SINGLE_WORKFLOW": "true",
            "MAX_WORKFLOWS": "1",
            "HEALTHCHECK": "false",
        }
        environment = {f"WOODPECKER_{name}": Secret(value) for name, value in settings.items()}
        return EngineOrder(self._engine, {"secret": Secret(state["token"])}, environment)


def _pipeline(repo_id: int, number: int | str) -> str:
    return f"/repos/{repo_id}/pipelines/{quote(str(number), safe='')}"
