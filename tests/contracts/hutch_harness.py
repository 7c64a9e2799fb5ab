"""Hutch for the contract suite, with hands on all its sides."""

import itertools
import json

from tests.contracts.hutch import Hutch
from tests.counterparts.hutch import Hutch as Counterpart
from tfci.core.http_client import Client, Policy
from tfci.core.secret import Secret
from tfci.forges.problems import ProblemCode
from tfci.forges.target import ForgeTarget

NUMBERS = itertools.count(1)
ENDS = {"SUCCESS": "success", "FAILURE": "failed"}


class HutchForge(Counterpart):
    """One for a module of tests."""

    owner = "keeper"

    def __init__(self, home):
        super().__init__(home)
        self.policy = Policy(allowed_origins=frozenset({self.url}))


class HutchConnection:
    """A group of its own, with one project."""

    level, client = "org", Hutch
    scopes, writing = [], ""
    nobody, unseen, not_owned = "nobody-here", ProblemCode.NOT_VISIBLE, ProblemCode.NOT_OWNER
    old_version, says_workflow, runner_url = "15.11.0", "", ""
    losing = {"lost_answer_rate": 1.0}
    has = frozenset({"waiting", "shows runner", "names", "case", "labels at the forge", "forgets busy"})

    def __init__(self, forge):
        self.forge, self.owner = forge, f"keeper-{next(NUMBERS)}"
        self.name = f"group-{next(NUMBERS)}"
        forge.world.group(self.name, self.owner)
        self.repository = forge.world.project(self.name, "app")
        self._link = self.token([])

    def driver(self, *, token=None, name=None, url=None, policy=None, timeout=5.0):
        """A driver with a good link, but for what is said otherwise."""
        where = url or self.forge.url, name or self.name
        credential = Secret(token or self._link)
        return self.client(ForgeTarget(*where, credential, policy or self.forge.policy, timeout=timeout))

    def token(self, scopes, user=None):
        return self.forge.world.token(user or self.owner)

    def end(self, token):
        del self.forge.world.tokens[token]

    def member(self):
        return f"member-{next(NUMBERS)}"

    def push(self, jobs, file=None):
        rows = [row for key, fields in jobs.items() for row in _rows(key, fields)]
        self.forge.world.push(self.repository, rows, file, self.owner)

    def cancel(self, job):
        self.forge.world.cancel({"id": int(job.run_id)})

    def rerun(self, job):
        self.forge.world.retry(self.forge.world.jobs[int(job.job_id)])

    def show_log(self, engine):
        """It is shown as it comes."""

    def engine(self, order):
        return HutchEngine(self.forge, order)


def _rows(key, fields):
    asked = fields["runs-on"]
    cells = fields.get("strategy", {}).get("matrix", {}).get("cell", [""])
    return [(key, [asked] if isinstance(asked, str) else asked, fields.get("needs", "")) for _ in cells]


class HutchEngine:
    """A runner's side, with nothing but its order."""

    def __init__(self, forge, order):
        self.state = json.loads(order.files["runner.json"].reveal())
        self._client = Client(order.environment["HUTCH_URL"].reveal(), forge.policy)
        self._job = None

    def take(self):
        answer = self._call("POST", "/jobs/request")
        self._job = answer.json()["id"] if answer.status == 201 else None
        return self._job is not None

    def say(self, *lines):
        self._call("PATCH", f"/jobs/{self._job}/trace", text="".join(f"{line}\n" for line in lines))

    def finish(self, result="SUCCESS"):
        self._call("PUT", f"/jobs/{self._job}", state=ENDS[result])

    def _call(self, method, path, **said):
        answer = self._client.request(method, f"/api/v4{path}", json=self.state | said)
        assert answer.status < 300, answer.body
        return answer
