"""GitHub for the contract suite: its counterpart, with hands on all its sides."""

import base64
import itertools
import json

from tests.contracts.gitea_harness import ALL
from tests.counterparts.github import GitHub as Counterpart
from tfci.core.http_client import Client, Policy
from tfci.core.secret import Secret
from tfci.forges.github.client import GitHub, GitHubHooks
from tfci.forges.problems import ProblemCode
from tfci.forges.target import ForgeTarget

NUMBERS = itertools.count(1)
LACKS = {*("rerun one", "waiting", "keeps job ids", "case", "forgets busy")}


class GitHubForge(Counterpart):
    """One for a module of tests."""

    owner = "ann"

    def __init__(self, home):
        super().__init__(home)
        self.policy = Policy(allowed_origins=frozenset({self.url}))
        self.world.account(self.owner, "User")
        self.limits.points = 10**6  # what is counted is for tests of its own


class GitHubConnection:
    """An organisation of its own, with one repository."""

    level = "org"
    scopes = ["organization_self_hosted_runners:write", "actions:read"]  # each of them is needed
    writing = "actions:write"  # what a rerun takes
    webhooks = "organization_hooks:write"
    nobody, unseen, not_owned = "nobody-here", ProblemCode.NOT_VISIBLE, ProblemCode.NOT_OWNER
    old_version, foreign_version = "3.9.7", ""
    client, hooks = GitHub, GitHubHooks()
    says_workflow = "ci.yml"
    has = ALL - LACKS
    steps = ["Set up job", "Run echo hello", "Complete job"]
    losing = {"lost_answer_rate": 1.0}

    def __init__(self, forge):
        self.forge, self.owner = forge, forge.owner
        self.name, self.repository = self._made()
        self._link = self.token([*self.scopes, self.webhooks])

    def _made(self):
        name = f"org-{next(NUMBERS)}"
        self.forge.world.account(name, owner=self.owner)
        self.forge.world.repo(name, "app")
        return name, f"{name}/app"

    @property
    def account(self):
        return self.repository.partition("/")[0]

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
        return self.client(target, clock=self.forge.world.clock.seconds)

    def token(self, scopes, user=None):
        return self.forge.world.personal_token(user or self.owner, scopes, self.account)

    def member(self):
        """The name of somebody who sees it and does not own it."""
        name = f"member-{next(NUMBERS)}"
        self.forge.world.account(name, "User")
        self.forge.world.accounts[self.account].members.add(name)
        return name

    def end(self, token):
        """A token's end, whatever it was good for."""
        del self.forge.world.tokens[token]

    def close(self):
        """Its forge goes on for others."""

    def show_log(self, engine):
        """GitHub shows none before the end."""
        engine.finish()

    def hook_addresses(self):
        return [hook.url for hook in self.forge.world.hooks.values() if hook.place.endswith(f"/{self.name}")]

    def push(self, jobs, file=None):
        """Push a workflow with these jobs. One with a name cancels its older runs, as workflows may ask for."""
        name = f"{file or f'wf-{next(NUMBERS)}'}.yml"
        self.forge.actions.push(self.repository, jobs, name, group=file, actor=self.owner)

    def cancel(self, job):
        self.forge.actions.cancel(self.forge.world.runs[int(job.run_id)])

    def rerun(self, job):
        self.forge.actions.rerun(self.forge.world.runs[int(job.run_id)])

    def engine(self, order):
        return GitHubEngine(self.forge, order)


class GitHubRepo(GitHubConnection):
    """One repository of an organisation."""

    level = "repo"
    scopes = ["administration:write", "actions:read"]
    webhooks = "repository_hooks:write"
    nobody = "nobody/here"

    def _made(self):
        _, repository = super()._made()
        return repository, repository


class GitHubEngine:
    """The runner program's side, with nothing but its order."""

    def __init__(self, forge, order):
        packed = order.environment["ACTIONS_RUNNER_INPUT_JITCONFIG"].reveal()
        files = json.loads(base64.b64decode(packed))
        credentials = json.loads(base64.b64decode(files[".credentials"]))
        self.state = {"token": packed}
        self._key = credentials["Data"]["clientId"]
        self._client = Client(forge.url, forge.policy)

    def take(self):
        """Take a job, if there is one for this runner."""
        return self._call("take")["job"] is not None

    def say(self, *lines):
        self._call("say", lines=lines)

    def finish(self, result="SUCCESS"):
        self._call("finish", result=result.lower())

    def _call(self, verb, **said):
        answer = self._client.request("POST", f"/_engine/{verb}", json={"key": self._key, **said})
        assert answer.status == 200, answer.body
        return answer.json()
