"""Gitea for the contract suite: the practice forge, a process of its own, with hands on all its sides."""

import base64
import contextlib
import itertools
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from tfci.core.http_client import Client, Policy
from tfci.core.secret import Secret
from tfci.forges.gitea.client import Gitea, GiteaHooks
from tfci.forges.problems import ProblemCode
from tfci.forges.target import ForgeTarget

NUMBERS = itertools.count(1)
START = 30.0  # seconds a forge may take until it answers
ALL = frozenset(
    {
        "job webhooks", "scopes", "rerun one", "relatives", "waiting", "keeps job ids", "one-time runners",
        "labels at the forge", "shows runner", "names", "case", "forgets busy",
    }
)  # fmt: skip


class PracticeForge:
    """`python -m practice.forge`, a process with a home of its own."""

    module = "practice.forge"

    def __init__(self, home):
        self.home = home
        argv = [sys.executable, "-m", self.module, "--home", str(home)]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise
        self.facts = json.loads((home / "forge.json").read_text())
        self.url, self.owner = self.facts["url"], self.facts["owner"]
        self.policy = Policy(allowed_origins=frozenset({self.url}))
        self._control = Client(
            f"{self.url}/practice",
            self.policy,
            headers={"Authorization": f"Bearer {self.facts['control_token']}"},
        )

    def _await_ready(self):
        lines = queue.SimpleQueue()
        threading.Thread(target=lambda: lines.put(self._process.stdout.readline()), daemon=True).start()
        assert "ready" in lines.get(timeout=START)

    def control(self, method, path, **asked):
        answer = self._control.request(method, path, json=asked)
        assert answer.status < 300, answer.body
        return answer.json() if answer.body else None

    @contextlib.contextmanager
    def with_faults(self, **faults):
        self.control("PATCH", "/faults", **faults)
        try:
            yield
        finally:
            self.control("DELETE", "/faults")

    @contextlib.contextmanager
    def version(self, version):
        before = self.control("GET", "/settings")["version"]
        self.control("PATCH", "/settings", version=version)
        try:
            yield
        finally:
            self.control("PATCH", "/settings", version=before)

    def stop(self):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()


class GiteaConnection:
    """An organisation of its own on a practice forge, with one repository; what its users are is GiteaUser."""

    level = "org"
    scopes = ["write:organization", "read:repository", "read:user"]  # each of them is needed
    writing = "write:repository"  # to change runs and files
    nobody, unseen = "nobody-here", ProblemCode.NOT_VISIBLE
    not_owned = ProblemCode.NOT_ORGANIZATION_OWNER
    old_version, foreign_version = "1.24.7", "11.0.3+gitea-1.22.0"
    losing = {"lost_answer_rate": 0.5, "seed": 10}  # a registration's second call gets no answer
    folder, client, says_workflow = ".gitea/workflows", Gitea, "ci.yml"
    hooks = GiteaHooks()
    has = ALL
    steps = ["echo hello"]  # of a job that has ended, as it is told

    def __init__(self, forge):
        self.forge, self.owner = forge, forge.owner
        self.name, self.repository = self._made()
        self._link, self._all = self.token(self.scopes), self.token(["all"])

    def close(self):
        """Its forge goes on for others."""

    def show_log(self, engine):
        """A log is seen while the job runs."""

    def _made(self):
        name = f"org-{next(NUMBERS)}"
        self.forge.control("POST", "/orgs", name=name, owner=self.owner, visibility="private")
        self.forge.control("POST", "/repos", owner=name, name="app", private=True)
        return name, f"{name}/app"

    def driver(self, *, token=None, name=None, url=None, policy=None, timeout=5.0):
        """A driver with a good link, but for what is said otherwise."""
        target = ForgeTarget(
            url or self.forge.url,
            name or self.name,
            Secret(token or self._link),
            policy or self.forge.policy,
            level=self.level,
            timeout=timeout,
        )
        return self.client(target)

    def token(self, scopes, user=None):
        return self.forge.control("POST", "/tokens", user=user or self.owner, scopes=scopes)["token"]

    def end(self, token):
        """A token's end, whatever it was good for."""
        self.forge.control("DELETE", "/tokens", token=token)

    def member(self):
        """The name of somebody who sees it and does not own it."""
        name = f"member-{next(NUMBERS)}"
        self.forge.control("POST", "/users", name=name)
        self._let_in(name)
        return name

    def _let_in(self, name):
        self.forge.control("POST", f"/orgs/{self.name}/members", user=name, role="read")

    def hook_addresses(self):
        return [hook["config"]["url"] for hook in self._rest("GET", f"{self._path()}/hooks")]

    def _path(self):
        return f"/orgs/{self.name}"

    def push(self, jobs, file=None):
        """Push a workflow with these jobs (key -> its fields); it runs at its own pushes only."""
        path = f"{self.folder}/{file or f'wf-{next(NUMBERS)}'}.yml"
        steps = {"steps": [{"run": "echo hello"}]}
        text = json.dumps({  # JSON is YAML
            "on": {"push": {"paths": [path]}},
            "jobs": {key: steps | fields for key, fields in jobs.items()},
            "env": {"PUSH": str(next(NUMBERS))},
        })  # fmt: skip
        where = f"/repos/{self.repository}/contents/{path}"
        with contextlib.suppress(LookupError):
            change = {"sha": self._rest("GET", where)["sha"]}
            return self._rest("PUT", where, content=_base64(text), message="Again", **change)
        return self._rest("POST", where, content=_base64(text), message="Push")

    def cancel(self, job):
        self._rest("POST", f"/repos/{self.repository}/actions/runs/{job.run_id}/cancel")

    def rerun(self, job):
        self._rest("POST", f"/repos/{self.repository}/actions/runs/{job.run_id}/rerun")

    def alerts(self, job):
        """What the forge says in red beside the job's run."""
        runs = self.forge.control("GET", "/alerts")["runs"]
        return next((run["alerts"] for run in runs if str(run["run_id"]) == job.run_id), [])

    def engine(self, order):
        return GiteaEngine(self.forge, order)

    def _rest(self, method, path, **asked):
        client = Client(f"{self.forge.url}/api/v1", self.forge.policy)
        headers = {"Authorization": f"token {self._all}"}
        answer = client.request(method, path, json=asked or None, headers=headers)
        if answer.status == 404:
            raise LookupError(path)
        assert answer.status < 300, answer.body
        return answer.json() if answer.body else None


class GiteaUser(GiteaConnection):
    """A user of its own, with one repository."""

    level = "user"
    scopes = ["write:user", "read:repository"]
    unseen = not_owned = ProblemCode.TOKEN_OF_OTHER

    def _made(self):
        self.owner = f"user-{next(NUMBERS)}"
        self.forge.control("POST", "/users", name=self.owner)
        self.forge.control("POST", "/repos", owner=self.owner, name="app", private=True)
        return self.owner, f"{self.owner}/app"

    def _let_in(self, name):
        """Nobody is in somebody else."""

    def _path(self):
        return "/user"


class GiteaRepo(GiteaConnection):
    """One repository of an organisation."""

    level = "repo"
    scopes = ["write:repository", "read:user"]
    nobody, not_owned = "nobody/here", ProblemCode.NOT_REPOSITORY_OWNER

    def _made(self):
        _, repository = super()._made()
        return repository, repository

    def _let_in(self, name):
        path = f"/repos/{self.repository}/collaborators"
        self.forge.control("POST", path, user=name, role="admin")

    def _path(self):
        return f"/repos/{self.repository}"


class GiteaInstance(GiteaConnection):
    """All of an instance, by its administrator; it has a forge of its own, for it would see all of the others' jobs."""

    level = "instance"
    scopes = ["write:admin", "read:repository", "read:user"]
    not_owned = ProblemCode.NOT_SITE_ADMIN
    has = ALL - {"names"}

    def __init__(self, forge):
        super().__init__(type(forge)(Path(tempfile.mkdtemp())))

    def _made(self):
        self.owner = f"admin-{next(NUMBERS)}"
        self.forge.control("POST", "/users", name=self.owner, site_admin=True)
        _, repository = super()._made()
        return urlsplit(self.forge.url).netloc, repository

    def _let_in(self, name):
        """Everybody is in an instance, and nobody is its administrator by that."""

    def _path(self):
        return "/admin"

    def close(self):
        self.forge.stop()
        shutil.rmtree(self.forge.home)


class GiteaEngine:
    """An engine's side of the runner protocol, with nothing but its order."""

    def __init__(self, forge, order):
        self.state = json.loads(order.files[".runner"].reveal())
        self.labels = [label.removesuffix(":host") for label in self.state["labels"]]
        self._client = Client(self.state["address"], forge.policy)
        self._task, self._began, self._lines = "", "", 0

    def take(self):
        """Take a job, if there is one for this runner."""
        self._call("Declare", version="v1", labels=self.labels)
        self._task = self._fetch().get("task", {}).get("id", "")
        if self._task:
            self._began = _now()
            self._call("UpdateTask", state={"id": self._task, "startedAt": self._began})
        return bool(self._task)

    def _fetch(self):
        return self._call("FetchTask", tasksVersion="0")

    def say(self, *lines):
        rows = [{"time": _now(), "content": line} for line in lines]
        self._call("UpdateLog", taskId=self._task, index=str(self._lines), rows=rows, noMore=False)
        self._lines += len(rows)

    def finish(self, result="SUCCESS"):
        self._call("UpdateLog", taskId=self._task, index=str(self._lines), rows=[], noMore=True)
        ended = {"startedAt": self._began, "stoppedAt": _now(), "result": f"RESULT_{result}"}
        self._call("UpdateTask", state={"id": self._task, **ended})

    def _call(self, name, **asked):
        headers = {"x-runner-uuid": self.state["uuid"], "x-runner-token": self.state["token"]}
        path = f"/api/actions/runner.v1.RunnerService/{name}"
        answer = self._client.request("POST", path, json=asked, headers=headers)
        assert answer.status == 200, answer.body
        return answer.json()


def _base64(text):
    return base64.b64encode(text.encode()).decode()


def _now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
