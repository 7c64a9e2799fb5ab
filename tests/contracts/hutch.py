"""Hutch: a fifth kind of forge, which exists in these tests alone. Its runners' API has the shape of GitLab's.

All that a new kind takes is here and in hutch_harness.py: this client, which needs nothing of the others, and KIND, the
one line that registry.KINDS would have.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.forges import findings, problems
from tfci.forges.actions.workflows import Actions
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.facts import Checked, EngineOrder, JobSeen, Registration, RunnerSeen, RunSeen
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.kinds import ForgeKind, JobRules, LinkingGuide

FLOOR = "16.0"
STATUS = {"created": "waiting", "manual": "waiting", "pending": "queued", "running": "in_progress"}
ENDED = {"failed": "failure", "canceled": "cancelled"}
PAGE = 100


class Named(msgspec.Struct):
    id: int
    name: str = ""


class Project(msgspec.Struct):
    id: int
    path_with_namespace: str


class Runner(msgspec.Struct):
    id: int
    description: str
    online: bool = False
    tag_list: list[str] = []


class Pipeline(msgspec.Struct):
    id: int


class Commit(msgspec.Struct):
    id: str
    title: str = ""


class User(msgspec.Struct):
    username: str


class Job(msgspec.Struct):
    id: int
    name: str
    status: str
    ref: str
    pipeline: Pipeline
    commit: Commit
    web_url: str
    user: User
    created_at: datetime
    tag_list: list[str] = []
    started_at: datetime | None = None
    finished_at: datetime | None = None
    runner: Runner | None = None


class Made(msgspec.Struct):
    id: int
    token: str


class Version(msgspec.Struct):
    version: str
    enterprise: bool


class Hutch:
    """One group, seen with one owner's token."""

    def __init__(self, target):
        self._client = http_client.Client(target.url, target.policy, timeout=target.timeout)
        self.url, self._token, self._name = self._client.base_url, target.token, target.name
        self._engine = target.engine

    def check(self):
        version = self._got("GET", "/version", Version, said="There is no Hutch there.").version
        if version < FLOOR:
            old = Finding(CheckSubject.VERSION, problems.VersionTooOld("hutch", version, FLOOR))
            return Checked(version, "", (old,))
        login = self._got("GET", "/user", User).username
        found = [Finding(CheckSubject.VERSION, findings.VersionRead("Hutch", version))]
        found.append(Finding(CheckSubject.TOKEN, findings.TokenOwner(login)))
        for subject, path in (
            (CheckSubject.PLACE, self._group()),
            (CheckSubject.JOBS, f"{self._group()}/projects"),
            (CheckSubject.RUNNERS, self._owned()),
        ):
            try:
                self._call("GET", path)
                found.append(Finding(subject, findings.Listed()))
            except Gone:
                unseen = problems.NotVisible("organisation", self._name, self.url)
                return Checked(version, login, (*found, Finding(subject, unseen)))
            except ForgeRefused as refused:
                found.append(Finding(subject, refused.reason))
        return Checked(version, login, tuple(found))

    # Jobs

    def waiting_jobs(self):
        return self._jobs("pending", "created", "manual")

    def running_jobs(self):
        return self._jobs("running")

    def _jobs(self, *scopes):
        asked = "&".join(f"scope[]={scope}" for scope in scopes)
        found = []
        for project in self._all(f"{self._group()}/projects?", Project):
            rows = self._all(f"/projects/{project.id}/jobs?{asked}&", Job)
            found += [self._seen(row, project.path_with_namespace) for row in rows]
        return sorted(found, key=lambda job: int(job.job_id))

    def job(self, repository, run_id, job_id):
        return self._seen(self._got("GET", f"{_project(repository)}/jobs/{job_id}", Job), repository)

    def run(self, repository, run_id):
        [first, *_] = self._all(f"{_project(repository)}/pipelines/{run_id}/jobs?", Job)
        return RunSeen("", first.commit.title, first.user.username)

    def rerun(self, repository, run_id, job_id):
        self._call("POST", f"{_project(repository)}/jobs/{job_id}/retry")

    def cancel(self, repository, run_id):
        self._call("POST", f"{_project(repository)}/pipelines/{run_id}/cancel")

    def log(self, repository, run_id, job_id):
        text = self._call("GET", f"{_project(repository)}/jobs/{job_id}/trace").json()
        if not text:
            raise Gone("There is no log yet.")
        return text

    def _seen(self, job, repository):
        status = STATUS.get(job.status, "completed")
        return JobSeen(
            job_id=str(job.id),
            run_id=str(job.pipeline.id),
            repository=repository,
            name=job.name,
            labels=tuple(job.tag_list),
            status=status,
            conclusion=ENDED.get(job.status, job.status) if status == "completed" else None,
            runner_id=str(job.runner.id) if job.runner else None,
            runner_name=job.runner.description if job.runner else None,
            branch=job.ref,
            sha=job.commit.id,
            url=job.web_url,
            created_at=job.created_at.astimezone(UTC),
            started_at=job.started_at,
            completed_at=job.finished_at,
        )

    # Runners

    def runners(self):
        rows = self._all(f"{self._group()}/runners?", Runner)
        return [RunnerSeen(str(r.id), r.description, r.online, False, True, tuple(r.tag_list)) for r in rows]

    def find(self, name):
        return next((runner for runner in self.runners() if runner.name == name), None)

    def register(self, name, labels, handle=""):
        asked = {"runner_type": "group_type", "group": self._name, "description": name, "tag_list": [*labels]}
        made = self._got("POST", "/user/runners", Made, json=asked)
        return Registration(str(made.id), Secret(json.dumps({"token": made.token})))

    def remove_runner(self, runner_id):
        with suppress(Gone):
            self._call("DELETE", f"/runners/{quote(runner_id, safe='')}")

    def order(self, credential, labels):
        return EngineOrder(self._engine, {"runner.json": credential}, {"HUTCH_URL": Secret(self.url)})

    # Calls

    def _group(self):
        return f"/groups/{quote(self._name, safe='')}"

    def _owned(self):
        return f"{self._group()}/runners"

    def _all(self, path, shape):
        found, page = [], 1
        while True:
            rows = self._got("GET", f"{path}page={page}&per_page={PAGE}", list[shape])
            found += rows
            if len(rows) < PAGE:
                return found
            page += 1

    def _got(self, method, path, shape, said="", **how):
        try:
            return msgspec.json.decode(self._call(method, path, **how).body, type=shape)
        except msgspec.MsgspecError:
            raise ForgeRefused(said) if said else Unreachable("This is not what Hutch writes.") from None
        except Gone:
            if said:
                raise ForgeRefused(said) from None
            raise

    def _call(self, method, path, **how):
        try:
            answer = self._client.request(
                method, f"/api/v4{path}", headers={"PRIVATE-TOKEN": self._token.reveal()}, **how
            )
        except http_client.BadAddress as error:
            raise ForgeRefused(str(error)) from None
        except http_client.FetchError as error:
            raise Unreachable(str(error)) from None
        if answer.status < 300:
            return answer
        text = answer.body.decode(errors="replace")
        wrong = {
            401: ForgeRefused(problems.TokenUnknown(self.url)),
            403: ForgeRefused(problems.NotOwner(self._name, "Forbidden")),
            404: Gone("Hutch does not have this."),
        }
        raise wrong.get(answer.status) or (
            Unreachable(f"Hutch did not do this: {text}") if answer.status >= 500 else ForgeRefused(text)
        )


def _project(repository):
    return f"/projects/{quote(repository, safe='')}"


KIND = ForgeKind(
    "Hutch",
    Hutch,
    LinkingGuide(
        {"org": ("api",)},
        "/tokens",
        "In Hutch, as an owner of the group: Preferences, Access tokens.",
        "after a year at most",
    ),
    JobRules(),
    Actions(".hutch"),
    code_host=False,
)
