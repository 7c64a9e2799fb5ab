"""What a Woodpecker knows: people, repositories, pipelines with their workflows, agents; and what happens to them."""

import itertools
import secrets
import time
from dataclasses import dataclass, field

VERSION = "3.17.0-102-ga4cb541b8"
PRIVATE = "woodpecker-ci.org/"
OPEN = ("pending", "running")


@dataclass
class Person:
    id: int
    login: str
    admin: bool


@dataclass
class Repo:
    id: int
    org_id: int
    full_name: str
    numbers: object = field(default_factory=lambda: itertools.count(1))


@dataclass
class Workflow:
    id: int
    pid: int
    name: str
    labels: dict
    needs: list
    state: str = "pending"
    agent_id: int = 0
    started: int = 0
    finished: int = 0
    lines: list = field(default_factory=list)
    lost: bool = False


@dataclass
class Pipeline:
    id: int
    number: int
    repo: Repo
    workflows: list
    sender: str
    file: str
    parent: int = 0
    killed: bool = False
    commit: str = field(default_factory=lambda: secrets.token_hex(20))
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def status(self):
        states = [workflow.state for workflow in self.workflows]
        if self.killed:
            return "killed"
        order = ("running", "pending", "failure", "success", "skipped")
        return next(state for state in order if state in states)


@dataclass
class Agent:
    id: int
    name: str
    owner_id: int
    org_id: int
    token: str = field(default_factory=lambda: secrets.token_hex(32))
    no_schedule: bool = False
    last_contact: int = 0
    labels: dict | None = None


class World:
    """All of one server. `paused`: its queue hands out nothing."""

    def __init__(self):
        self.version, self.url, self.paused = VERSION, "", False
        self.people, self.tokens, self.orgs, self.repos = {}, {}, {}, {}
        self.pipelines, self.agents = {}, {}
        self._ids = {
            kind: itertools.count(1) for kind in ("person", "org", "repo", "pipeline", "workflow", "agent")
        }

    def id(self, kind):
        return next(self._ids[kind])

    def person(self, login, admin=False):
        self.people[login] = Person(self.id("person"), login, admin)
        return self.people[login]

    def token(self, login):
        token = f"ey.{secrets.token_hex(30)}"
        self.tokens[token] = self.people[login]
        return token

    def org(self, name):
        self.orgs[name] = self.id("org")
        return self.orgs[name]

    def repo(self, org, name):
        full_name = f"{org}/{name}"
        self.repos[full_name] = Repo(self.id("repo"), self.orgs[org], full_name)
        return self.repos[full_name]

    # Pipelines

    def push(self, full_name, workflows, sender, file="", parent=0):
        """`workflows`: (name, own labels, names that it needs). A newer one of the same repository cancels older ones,
        as its setting for pushes is."""
        repo = self.repos[full_name]
        for older in list(self.pipelines.values()):
            if older.repo is repo and older.status in OPEN:
                self.cancel(older)
        number = next(repo.numbers)
        made = [Workflow(self.id("workflow"), pid, *each) for pid, each in enumerate(workflows, 1)]
        pipeline = Pipeline(self.id("pipeline"), number, repo, made, sender, file, parent)
        self.pipelines[repo.id, number] = pipeline
        return pipeline

    def again(self, pipeline, sender):
        """As a pipeline of its own."""
        same = [(each.name, dict(each.labels), list(each.needs)) for each in pipeline.workflows]
        return self.push(pipeline.repo.full_name, same, sender, pipeline.file, pipeline.number)

    def cancel(self, pipeline):
        """What has not begun is skipped; what runs leaves the queue, and shows as running until its agent says more."""
        pipeline.killed = True
        for workflow in pipeline.workflows:
            if workflow.state == "pending":
                workflow.state = "skipped"

    def lose(self, agent_id):
        """An agent fell silent: its work falls back into the queue, and still says whose it was."""
        for _, workflow in self.tasks("running"):
            workflow.lost = workflow.lost or workflow.agent_id == agent_id

    def tasks(self, state):
        """(pipeline, workflow) of all in that state; `waiting_on_deps` is pending with a need that has not ended."""
        pipelines = [pipeline for pipeline in self.pipelines.values() if not pipeline.killed]
        found = [(pipeline, each) for pipeline in pipelines for each in pipeline.workflows]
        return [(pipeline, each) for pipeline, each in found if self._where(pipeline, each) == state]

    def _where(self, pipeline, workflow):
        if workflow.lost:
            return "pending"
        held = workflow.state == "pending" and self._held(pipeline, workflow)
        return "waiting_on_deps" if held else workflow.state

    def _held(self, pipeline, workflow):
        return any(other.name in workflow.needs and other.state in OPEN for other in pipeline.workflows)

    def settle(self, pipeline):
        """What needs a workflow that went wrong is skipped."""
        for workflow in pipeline.workflows:
            needed = [other.state for other in pipeline.workflows if other.name in workflow.needs]
            if workflow.state == "pending" and {"failure", "skipped"} & set(needed):
                workflow.state = "skipped"

    def labels(self, pipeline, workflow):
        """Its own, and those that Woodpecker adds."""
        repo = pipeline.repo
        added = {
            "branch": "main",
            "commit-branch": "main",
            "event": "push",
            "forge-id": "gitea",
            "org-id": str(repo.org_id),
            "repo-forge-id": str(repo.id),
            "repo-full-name": repo.full_name,
            "repo-id": str(repo.id),
            "repo-name": repo.full_name.partition("/")[2],
        }
        private = {f"{PRIVATE}{key}": value for key, value in added.items()}
        return {**workflow.labels, "org-id": str(repo.org_id), "repo": repo.full_name, **private}

    def agent(self, name, owner, org_id=-1):
        made = Agent(self.id("agent"), name, owner.id, org_id)
        self.agents[made.id] = made
        return made

    def fits(self, agent, pipeline, workflow):
        """Woodpecker's rule: what the agent requires is there, and all that the workflow asks for it has."""
        asked, offered = self.labels(pipeline, workflow), agent.labels or {}
        if agent.org_id not in (-1, pipeline.repo.org_id):
            return False
        for label, value in offered.items():
            if label.startswith("!") and asked.get(label[1:]) != value:
                return False
        offered = {"repo": "*", "org-id": "*", "platform": "linux/amd64", "backend": "local", **offered}
        for label, value in asked.items():
            if label.startswith(PRIVATE) or value == "":
                continue
            if offered.get(label, offered.get(f"!{label}")) not in ("*", value):
                return False
        return True
