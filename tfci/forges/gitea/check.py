"""Test a token's permissions at a Gitea or a Forgejo by harmless calls: a finding for each of them."""

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
    """One check of one place. Later findings need the earlier ones, so it ends if the place itself is not visible."""

    def __init__(self, api: GiteaApi, place: GiteaPlace) -> None:
        super().__init__()
        self._api, self._place = api, place
        self.may_write = "write:repository" in place.scopes.values()

    def run(self) -> tuple[str, list[Finding]]:
        """The token's owner, "" if unknown, and the findings; sets `may_write`. Raises Unreachable."""
        user = self._try_call(CheckSubject.TOKEN, "GET", "/user")
        login = shapes.read(user.body, Login).login if user else ""
        if login:
            self._add(CheckSubject.TOKEN, self._owner(login))
        if self._place.level != "repo":
            self._repositories()
        if self._check_place(login):
            self._jobs()
            self._runners()
        return login, self._findings

    def _jobs(self) -> None:
        if self._try_call(
            CheckSubject.JOBS, "GET", f"{self._place.path}/actions/jobs?page=1&limit=1", self._actions_off()
        ):
            self._add(CheckSubject.JOBS, findings.Listed())

    def _runners(self) -> None:
        if self._try_call(CheckSubject.RUNNERS, "POST", self._place.path + REGISTRATION, self._actions_off()):
            self._add(CheckSubject.RUNNERS, findings.Managed())

    def _check_place(self, login: str) -> bool:
        """The place itself. A user's is the token's own, whatever the name says."""
        if self._place.level == "user":
            return login.lower() == self._place.name.lower()
        if self._place.level == "instance":
            return True  # whose jobs only its administrator may list, which is looked at next
        place = self._place
        problem = problems.NotVisible(place.noun, place.name, self._api.url)
        response = self._try_call(CheckSubject.PLACE, "GET", place.shown, problem)
        if response is None:
            return False
        if not shapes.read(response.body, shapes.ActionsSetting).has_actions:
            self._add(CheckSubject.PLACE, problems.ActionsOffHere(place.name))
            return False
        self._add(CheckSubject.PLACE, findings.Visible(place.noun, place.name))
        return True

    def _repositories(self) -> None:
        """Requests one that can't exist: only tokens that may read repositories get 404."""
        try:
            self._api.call("GET", self._place.probe)
        except ForgeRefused as error:
            self._add(CheckSubject.REPOSITORIES, error.reason)
        except Gone:
            self.may_write = files.may_write(self._api, self._place)
            finding = findings.Writable() if self.may_write else findings.Readable()
            self._add(CheckSubject.REPOSITORIES, finding)

    def _call(self, method: str, path: str) -> http_client.Answer:
        return self._api.call(method, path)

    def _owner(self, login: str) -> Reason:
        if self._place.level != "user" or login.lower() == self._place.name.lower():
            return findings.TokenOwner(login)
        return problems.TokenOfOther(login, self._place.name)

    def _actions_off(self) -> Reason:
        return problems.ActionsOff(self._api.url)
