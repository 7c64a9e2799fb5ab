"""Woodpecker for the contract suite: its counterpart, with hands on all its sides."""

import itertools

from tests.counterparts.woodpecker import Woodpecker as Counterpart
from tfci.core.http_client import Client, Policy
from tfci.core.secret import Secret
from tfci.forges.problems import ProblemCode
from tfci.forges.target import ForgeTarget
from tfci.forges.woodpecker.client import Woodpecker

NUMBERS = itertools.count(1)
ENDS = {"SUCCESS": "success", "FAILURE": "failure"}


class WoodpeckerForge(Counterpart):
    """One for a module of tests."""

    owner = "keeper"

    def __init__(self, home):
        super().__init__(home)
        self.policy = Policy(allowed_origins=frozenset({self.url}))
        self.world.person(self.owner, admin=True)


class WoodpeckerConnection:
    """An organisation of its own, with one repository."""

    level, client = "org", Woodpecker
    scopes, writing = [], ""  # its tokens have none
    nobody, unseen, not_owned = "nobody-here", ProblemCode.NOT_VISIBLE, ProblemCode.NOT_FORGE_ADMIN
    old_version, says_workflow = "3.13.0", ""
    losing = {"lost_answer_rate": 1.0}
    runner_url = "grpc://127.0.0.1:9000"
    has = frozenset({"waiting", "shows runner", "names", "case", "forgets busy"})

    def __init__(self, forge):
        self.forge, self.owner = forge, forge.owner
        self.account = f"org-{next(NUMBERS)}"
        forge.world.org(self.account)
        self.name, self.repository = self.account, forge.world.repo(self.account, "app").full_name
        self._link = self.token([])

    def driver(self, *, token=None, name=None, url=None, policy=None, timeout=5.0):
        """A driver with a good link, but for what is said otherwise."""
        target = ForgeTarget(
            url or self.forge.url,
            name or self.name,
            Secret(token or self._link),
            policy or self.forge.policy,
            level=self.level,
            runner_url=self.runner_url,
            timeout=timeout,
        )
        return self.client(target)

    def token(self, scopes, user=None):
        return self.forge.world.token(user or self.owner)

    def end(self, token):
        del self.forge.world.tokens[token]

    def member(self):
        """The name of somebody who is no administrator."""
        return self.forge.world.person(f"member-{next(NUMBERS)}").login

    def push(self, jobs, file=None):
        """Each job, and each cell of a matrix, is a workflow."""
        workflows = [each for key, fields in jobs.items() for each in _workflows(key, fields)]
        self.forge.world.push(self.repository, workflows, self.owner, file or "")

    def _pipeline(self, job):
        return self.forge.world.pipelines[self.forge.world.repos[job.repository].id, int(job.run_id)]

    def cancel(self, job):
        self.forge.world.cancel(self._pipeline(job))

    def rerun(self, job):
        self.forge.world.again(self._pipeline(job), self.owner)

    def show_log(self, engine):
        """Its lines are shown as they come."""

    def engine(self, order):
        return WoodpeckerEngine(self.forge, order)


class WoodpeckerInstance(WoodpeckerConnection):
    """A Woodpecker of its own, with all that it has."""

    level = "instance"
    has = WoodpeckerConnection.has - {"names"}

    def __init__(self, forge):
        self.own = WoodpeckerForge(None)
        super().__init__(self.own)

    def close(self):
        self.own.stop()


def _workflows(key, fields):
    asked = fields["runs-on"]
    words = [asked] if isinstance(asked, str) else asked
    labels = {"size": words[0], **dict.fromkeys(words[1:], "true")}
    needs = [fields["needs"]] if "needs" in fields else []
    cells = fields.get("strategy", {}).get("matrix", {}).get("cell", [""])
    return [(key, dict(labels), needs) for _ in cells]


class WoodpeckerEngine:
    """A one-workflow agent, with nothing but its order."""

    def __init__(self, forge, order):
        said = {name: value.reveal() for name, value in order.environment.items()}
        assert said["WOODPECKER_SERVER"] == "127.0.0.1:9000"
        assert (said["WOODPECKER_AGENT_SINGLE_WORKFLOW"], said["WOODPECKER_MAX_WORKFLOWS"]) == ("true", "1")
        self.state = {"token": order.files[said["WOODPECKER_AGENT_SECRET_FILE"]].reveal()}
        self._hostname = said["WOODPECKER_HOSTNAME"]
        self._labels = dict(pair.split("=", 1) for pair in said["WOODPECKER_AGENT_LABELS"].split(","))
        self._client = Client(forge.url, forge.policy)

    def take(self):
        """Take a workflow, if there is one for this agent."""
        return bool(self._call("next", hostname=self._hostname, labels=self._labels)["id"])

    def say(self, *lines):
        self._call("say", lines=lines)

    def finish(self, result="SUCCESS"):
        self._call("done", state=ENDS[result])

    def _call(self, verb, **said):
        answer = self._client.request("POST", f"/_agent/{verb}", json=self.state | said)
        assert answer.status == 200, answer.body
        return answer.json()
