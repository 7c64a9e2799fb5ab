"""Forgejo for the contract suite: its counterpart, a process of its own, with hands on all its sides."""

from tests.contracts.gitea_harness import (
    ALL,
    GiteaConnection,
    GiteaEngine,
    GiteaRepo,
    GiteaUser,
    PracticeForge,
)
from tfci.core.http_client import Client
from tfci.forges.forgejo.client import Forgejo, ForgejoHooks

LACKS = {"job webhooks", "rerun one", "waiting", "labels at the forge"}


class ForgejoForge(PracticeForge):
    """`python -m tests.counterparts.forgejo`."""

    module = "tests.counterparts.forgejo"


class ForgejoConnection(GiteaConnection):
    """An organisation of its own, with one repository."""

    old_version, foreign_version = "14.0.3+gitea-1.22.0", "1.26.0"
    losing = {"lost_answer_rate": 1.0}
    folder, client = ".forgejo/workflows", Forgejo
    hooks = ForgejoHooks()
    has = ALL - LACKS | {"handles"}

    def rerun(self, job):
        """As a person does it: there is no call for it."""
        self._as_person("POST", f"/{self.repository}/actions/runs/{job.run_id}/rerun")

    def _as_person(self, method, path):
        headers = {"Authorization": f"token {self._all}"}
        answer = Client(f"{self.forge.url}/web", self.forge.policy).request(method, path, headers=headers)
        assert answer.status < 300, answer.body

    def engine(self, order):
        return ForgejoEngine(self.forge, order)


class ForgejoUser(ForgejoConnection, GiteaUser):
    """A user of its own, with one repository."""


class ForgejoRepo(ForgejoConnection, GiteaRepo):
    """One repository of an organisation."""


class ForgejoEngine(GiteaEngine):
    """`forgejo-runner one-job`, with nothing but its order."""

    def __init__(self, forge, order):
        said = dict(zip(order.arguments[::2], order.arguments[1::2], strict=True))
        self.state = {"token": order.files["token"].reveal(), "uuid": said["--uuid"]}
        pairs = zip(order.arguments[::2], order.arguments[1::2], strict=True)
        self.labels = [value.removesuffix(":host") for name, value in pairs if name == "--label"]
        self._handle = said.get("--handle", "")
        self._client = Client(said["--url"], forge.policy)
        self._task, self._began, self._lines = "", "", 0

    def _fetch(self):
        return self._call("FetchTask", tasksVersion="0", handle=self._handle)
