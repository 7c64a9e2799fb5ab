"""What a token may do at a Gitea or a Forgejo, found out by doing what is harmless: a finding for each thing."""

from tfci.core import http_client
from tfci.core.reasons import Reason
from tfci.forges import findings, problems
from tfci.forges.actions.check import ActionsCheck
from tfci.forges.actions.paths import REGISTRATION
from tfci.forges.actions.schemas import Login
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.gitea import files, schemas as shapes
from tfci.forges.gitea.api import GiteaApi
from tfci.forges.gitea.scopes import GiteaPlace


class GiteaCheck(ActionsCheck):
    """One look at one place. Later findings need the earlier ones, so it ends where the place itself is not seen."""

    def __init__(self, api: GiteaApi, place: GiteaPlace) -> None:
        super().__init__()
        self._api, self._place = api, place
        self.may_write = "write:repository" in place.scopes.values()

    def run(self) -> tuple[str, list[Finding]]:
        """Whose token it is, "" where that can't be said, and what was found; `may_write` is known after. Raises
        Unreachable."""
        user = self._tried(CheckSubject.TOKEN, "GET", "/user")
        login = shapes.read(user.body, Login).login if user else ""
        if login:
            self._found(CheckSubject.TOKEN, self._owner(login))
        if self._place.level != "repo":
            self._repositories()
        if self._there(login):
            self._jobs()
            self._runners()
        return login, self._findings

    def _jobs(self) -> None:
        if self._tried(
            CheckSubject.JOBS, "GET", f"{self._place.path}/actions/jobs?page=1&limit=1", self._off()
        ):
            self._found(CheckSubject.JOBS, findings.Listed())

    def _runners(self) -> None:
        if self._tried(CheckSubject.RUNNERS, "POST", self._place.path + REGISTRATION, self._off()):
            self._found(CheckSubject.RUNNERS, findings.Managed())

    def _there(self, login: str) -> bool:
        """The place itself. A user's is the token's own, whatever the name says."""
        if self._place.level == "user":
            return login.lower() == self._place.name.lower()
        if self._place.level == "instance":
            return True  # whose jobs only its administrator may list, which is looked at next
        place = self._place
        unseen = problems.NotVisible(place.noun, place.name, self._api.url)
        shown = self._tried(CheckSubject.PLACE, "GET", place.shown, unseen)
        if shown is None:
            return False
        if not shapes.read(shown.body, shapes.ActionsSetting).has_actions:
            self._found(CheckSubject.PLACE, problems.ActionsOffHere(place.name))
            return False
        self._found(CheckSubject.PLACE, findings.Visible(place.noun, place.name))
        return True

    def _repositories(self) -> None:
        """Asks for one that can't be there, which is told to those alone who may read repositories."""
        try:
            self._api.call("GET", self._place.probe)
        except ForgeRefused as refused:
            self._found(CheckSubject.REPOSITORIES, refused.reason)
        except Gone:
            self.may_write = files.may_write(self._api, self._place)
            found = findings.Writable() if self.may_write else findings.Readable()
            self._found(CheckSubject.REPOSITORIES, found)

    def _call(self, method: str, path: str) -> http_client.Answer:
        return self._api.call(method, path)

    def _owner(self, login: str) -> Reason:
        if self._place.level != "user" or login.lower() == self._place.name.lower():
            return findings.TokenOwner(login)
        return problems.TokenOfOther(login, self._place.name)

    def _off(self) -> Reason:
        return problems.ActionsOff(self._api.url)
