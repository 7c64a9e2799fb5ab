"""Pushes make runs, runs make jobs, jobs meet runners.

As GitHub does it: a job whose `needs` have not ended is not there yet; an idle runner gets the oldest queued job whose
labels it has, in any case of letters; a rerun is a new attempt with new jobs; a one-job runner is gone after its job.
Assumed: a runner that is told of a cancelled job obeys at once.
"""

import base64
import itertools
import json
import secrets

from tests.counterparts.github import shapes
from tests.counterparts.github.errors import Refusal, invalid
from tests.counterparts.github.world import Job, Run, Runner


class Actions:
    def __init__(self, world, postman, base, scale_sets):
        self.world, self.postman, self.base, self.scale_sets = world, postman, base, scale_sets

    # Runs

    def push(self, full_name, jobs, file="ci.yml", title="Push", actor=None, group=None, branch="main"):
        """A commit with one workflow. `group`: of its concurrency, which cancels what is in progress."""
        world = self.world
        with world.lock:
            repo = world.repos[full_name]
            repo.pushed_at = world.clock.now()
            actor = actor or next(iter(repo.owner.owners), repo.owner.login)
            run = Run(world.number(), repo, file, title, actor, jobs, world.clock.now(), branch, 1, group)
            older = [one for one in repo.runs if group and one.group == group]
            world.runs[run.id] = run
            repo.runs.append(run)
            for one in older:
                self._cancel(one)
            self._tell_run(run, "requested")
            self._make_ready(run)
            return run

    def _make_ready(self, run):
        """Make the jobs whose needs have ended well; skip those whose needs have not."""
        made = {job.key for job in run.current()}
        for key, spec in run.spec.items():
            needs = _needs(spec)
            ended = [job for job in run.current() if job.key in needs]
            if key in made or {job.key for job in ended if job.status == "completed"} != set(needs):
                continue
            if any(job.status != "completed" for job in ended):
                continue
            well = all(job.conclusion == "success" for job in ended)
            for name in _names(key, spec):
                self._make(run, key, name, spec, well)

    def _make(self, run, key, name, spec, well):
        world, labels = self.world, spec["runs-on"]
        labels = [labels] if isinstance(labels, str) else list(labels)
        job = Job(world.number(), run, key, name, labels, run.attempt, world.clock.now())
        run.jobs.append(job)
        world.jobs[job.id] = job
        if not well:
            self._complete(job, "skipped")
        elif "environment" in spec:
            job.status = "waiting"
            self._tell(job, "queued")  # with the status waiting: seen in a published example
            self._tell(job, "waiting")
        else:
            self._queue(job)

    def _queue(self, job):
        self._tell(job, "queued")
        self.scale_sets.assign(job)

    def approve(self, job):
        """Somebody lets a job of a protected environment go on."""
        with self.world.lock:
            job.status = "queued"
            self._queue(job)

    def cancel(self, run):
        with self.world.lock:
            if run.status == "completed":
                raise Refusal(409, "Cannot cancel a workflow run that is completed.")
            self._cancel(run)

    def _cancel(self, run):
        run.spec = {key: spec for key, spec in run.spec.items() if key in {job.key for job in run.current()}}
        for job in run.current():
            if job.status != "completed":
                self._complete(job, "cancelled")

    def rerun(self, run, job=None):
        """All jobs of a run, or one with those that need it. GitHub lists the others in the new attempt too."""
        with self.world.lock:
            if run.status != "completed":
                raise Refusal(403, "This workflow run is already running")
            before, run.attempt = run.current(), run.attempt + 1
            again = set(run.spec) if job is None else _needing(run.spec, job.key)
            for old in before:
                if old.key not in again:
                    kept = Job(**{**vars(old), "id": self.world.number(), "attempt": run.attempt})
                    run.jobs.append(kept)
                    self.world.jobs[kept.id] = kept
            self._tell_run(run, "requested")
            self._make_ready(run)

    # Runners

    def jit(self, place, name, labels, group=1):
        world = self.world
        with world.lock:
            if any(one.place == place and one.name == name for one in world.runners.values()):
                raise Refusal(409, f"Already exists - A runner with the name {name} already exists.")
            if not 1 <= len(labels) <= 100:
                raise invalid("labels", "invalid")
            made = Runner(world.number(), place, name, list(dict.fromkeys(labels)), secrets.token_hex(32))
            made.group = group
            world.runners[made.id] = made
            return made, packed(self.base, made)

    def forget(self, runner):
        with self.world.lock:
            if runner.busy:
                raise Refusal(
                    422, f'Runner "{runner.name}" is currently running a job and cannot be deleted.'
                )
            self.world.runners.pop(runner.id, None)

    def take(self, runner):
        """The engine asks; it is online from now on."""
        with self.world.lock:
            runner.online = True
            queued = [job for job in self.world.jobs.values() if job.status == "queued"]
            fit = [job for job in queued if _fits(runner, job) and self.scale_sets.lets(runner, job)]
            if runner.busy or not fit:
                return None
            job = min(fit, key=lambda one: one.id)
            runner.busy = True
            job.status, job.runner, job.started_at = "in_progress", runner, self.world.clock.now()
            self._tell(job, "in_progress")
            self.scale_sets.tell(job, "JobStarted")
            return job

    def finish(self, runner, result):
        with self.world.lock:
            job = next(
                one
                for one in self.world.jobs.values()
                if one.runner is runner and one.status == "in_progress"
            )
            self._complete(job, result)

    def _complete(self, job, conclusion):
        now = self.world.clock.now()
        job.status, job.conclusion, job.completed_at = "completed", conclusion, now
        if job.runner:
            job.steps = [
                {
                    **{"name": name, "status": "completed", "conclusion": conclusion, "number": number},
                    **{"started_at": shapes.text(job.started_at), "completed_at": shapes.text(now)},
                }
                for number, name in enumerate(["Set up job", "Run echo hello", "Complete job"], 1)
            ]
            self.world.runners.pop(job.runner.id, None)
        self._tell(job, "completed")
        self.scale_sets.tell(job, "JobCompleted")
        self._make_ready(job.run)
        if job.run.status == "completed":
            self._tell_run(job.run, "completed")

    def _tell(self, job, action):
        told = {"action": action, "workflow_job": shapes.job(self.base, job)}
        self.postman.tell("workflow_job", job.run.repo, told)

    def _tell_run(self, run, action):
        told = {"action": action, "workflow_run": shapes.run(self.base, run), "workflow": {"name": run.file}}
        self.postman.tell("workflow_run", run.repo, told)


def _names(key, spec):
    cells = spec.get("strategy", {}).get("matrix", {})
    if not cells:
        return [key]
    return [f"{key} ({', '.join(cell)})" for cell in itertools.product(*cells.values())]


def _needs(spec):
    said = spec.get("needs", [])
    return [said] if isinstance(said, str) else said


def _needing(spec, key):
    found = {key}
    while grown := {one for one, said in spec.items() if found & set(_needs(said))} - found:
        found |= grown
    return found


def _fits(runner, job):
    have = {label.lower() for label in runner.labels}
    there = runner.place in (f"orgs/{job.run.repo.owner.login}", f"repos/{job.run.repo.full_name}")
    return there and _let_in(runner, job) and {label.lower() for label in job.labels} <= have


def _let_in(runner, job):
    """A group keeps jobs of public repositories out, unless it was made to take them."""
    if job.run.repo.private or not runner.place.startswith("orgs/"):
        return True
    return job.run.repo.owner.groups[runner.group]["public"]


def packed(base, runner):
    """Base64 of JSON of base64 files, as runs in `ACTIONS_RUNNER_INPUT_JITCONFIG`."""
    files = {
        ".runner": {"AgentId": runner.id, "AgentName": runner.name, "ServerUrl": base, "Ephemeral": True},
        ".credentials": {"Scheme": "OAuth", "Data": {"clientId": runner.key}},
    }
    packed = {name: base64.b64encode(json.dumps(said).encode()).decode() for name, said in files.items()}
    return base64.b64encode(json.dumps(packed).encode()).decode()
