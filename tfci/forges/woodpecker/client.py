"""Woodpecker, from 3.14 on: its queue, and agents that take one workflow and end.

What it answers was seen on 3.17. It tells nothing by webhook, so its queue is polled. A job is a workflow, its run a
pipeline. An agent is made with the labels that a workflow must carry, so it takes no other; a server that loses an
agent in the middle of a workflow lets the pipeline run for ever, so we cancel that.
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
from tfci.forges.memory.lookup_cache import Remembered
from tfci.forges.memory.process import Own
from tfci.forges.ports.forge import Memory
from tfci.forges.target import ForgeTarget
from tfci.forges.versions import numbers
from tfci.forges.woodpecker import check as checks, labels as woodpecker_labels, schemas as shapes
from tfci.forges.woodpecker.api import Conflict, WoodpeckerApi

FLOOR = (3, 14)
LEVELS: dict[str, tuple[str, ...]] = {"org": (), "instance": ()}  # its tokens have no scopes
GRPC = re.compile(r"(?P<scheme>grpcs?)://(?P<server>(?:\[[0-9a-fA-F:]+\]|[^\s/:@]+):[0-9]{1,5})/?")
NO_GRPC = "Enter the address of its gRPC port like grpc://ci.example.org:9000, or grpcs:// with TLS."
NAMES_LAST = 300.0  # seconds: a repository may get another name
PIPELINES_LAST = 3600.0
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
        self._known = Remembered(lambda path, shape: self._api.got("GET", path, shape), memory or Own())
        self._engine = target.engine

    # What the link is good for

    def check(self) -> Checked:
        """Finds out what the token may do by looking. Raises ForgeRefused or Unreachable."""
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
        return self._api.got("GET", "/queue/info", shapes.Queue)

    def _seen(self, tasks: Iterable[shapes.Task], status: Status) -> list[JobSeen]:
        """Those of ours, each with what its pipeline says."""
        org_id = str(self._org_id()) if self._org else ""
        ours = [task for task in tasks if not org_id or task.labels.get("org-id") == org_id]
        paths = {task.id: _pipeline(task.repo_id, task.pipeline_number) for task in ours}
        known = self._known.all(paths.values(), shapes.PipelineFacts, PIPELINES_LAST)
        found = [(task, known[paths[task.id]]) for task in ours if paths[task.id] in known]
        return [
            shapes.queued(task, pipeline, self._page(task.repo_id, task.pipeline_number), status)
            for task, pipeline in found
        ]

    def _page(self, repo_id: int, number: int) -> str:
        return f"{self._api.url}/repos/{repo_id}/pipeline/{number}"

    def _org_id(self) -> int:
        path = f"/orgs/lookup/{quote(self._org)}"
        return self._known.one(path, shapes.Org, NAMES_LAST).id

    def _repo_id(self, repository: str) -> int:
        path = f"/repos/lookup/{quote(repository)}"
        return self._known.one(path, shapes.Repo, NAMES_LAST).id

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
        pipeline = self._api.got("GET", _pipeline(repo_id, run_id), shapes.Pipeline)
        found = next((each for each in pipeline.workflows or () if str(each.id) == job_id), None)
        if found is None:
            raise Gone(f"{self._api.url} has no workflow {job_id} in its pipeline {run_id}.")
        return pipeline, found

    def run(self, repository: str, run_id: str) -> RunSeen:
        path = _pipeline(self._repo_id(repository), run_id)
        return shapes.run_seen(self._api.got("GET", path, shapes.PipelineFacts))

    def rerun(self, repository: str, run_id: str, job_id: str) -> None:
        """The whole pipeline, as a new one."""
        self._api.call("POST", _pipeline(self._repo_id(repository), run_id))

    def cancel(self, repository: str, run_id: str) -> None:
        """Its agents are told, and end."""
        self._api.call("POST", f"{_pipeline(self._repo_id(repository), run_id)}/cancel")

    def log(self, repository: str, run_id: str, job_id: str) -> str:
        """All steps one after the other."""
        repo_id = self._repo_id(repository)
        _, workflow = self._workflow(repo_id, run_id, job_id)
        said = b"".join(
            part for step in workflow.children or () for part in self._said(repo_id, run_id, step)
        )
        if not said:
            raise Gone(f"{repository} has no log of this job yet.")
        return said[-LOG:].decode(errors="replace")

    def _said(self, repo_id: int, run_id: str, step: shapes.WoodpeckerStep) -> list[bytes]:
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
        """The first of that name; an agent that has called is named as its VM calls itself."""
        return next((runner for runner in self.runners() if runner.name == name), None)

    def register(self, name: str, labels: Sequence[str], handle: str = "") -> Registration:
        """Always makes a new one, also of a name that is there: whoever tries again looks first."""
        made = self._api.got("POST", self._agents(), shapes.WoodpeckerAgent, json={"name": name})
        must = handle or woodpecker_labels.required(woodpecker_labels.pairs(labels))
        return Registration(
            str(made.id), Secret(json.dumps({"name": name, "token": made.token, "must": must}))
        )

    def forget(self, runner_id: str) -> None:
        """It gets no more work, and what it has is cancelled: Woodpecker removes no agent that has work."""
        path = f"/agents/{quote(runner_id, safe='')}"
        with suppress(Gone):
            named = self._api.got("GET", path, shapes.WoodpeckerAgent).name
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
        """The server calls an agent what it calls itself. The paths are in the engine's folder."""
        state = json.loads(credential.reveal())
        said = {
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
        environment = {f"WOODPECKER_{name}": Secret(value) for name, value in said.items()}
        return EngineOrder(self._engine, {"secret": Secret(state["token"])}, environment)


def _pipeline(repo_id: int, number: int | str) -> str:
    return f"/repos/{repo_id}/pipelines/{quote(str(number), safe='')}"
