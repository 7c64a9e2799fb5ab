"""Test the permissions of a token or App at a GitHub by harmless calls: a finding for each of them."""

from tfci.core import http_client
from tfci.forges import findings, problems
from tfci.forges.actions.check import ActionsCheck
from tfci.forges.actions.paths import REGISTRATION, repository
from tfci.forges.actions.schemas import Login
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.github import schemas as shapes
from tfci.forges.github.api import GitHubApi
from tfci.forges.github.groups import RunnerGroups
from tfci.forges.github.scopes import GitHubPlace


class GitHubCheck(ActionsCheck):
    """One check of one place."""

    def __init__(self, api: GitHubApi, place: GitHubPlace, groups: RunnerGroups) -> None:
        super().__init__()
        self._api, self._place, self._groups = api, place, groups

    def run(self) -> tuple[str, list[Finding]]:
        """The token's owner, "" if unknown, and the findings. Raises Unreachable, Limited."""
        login = self._login()
        if self._check_place():
            self._group()
            self._jobs()
            if self._try_call(CheckSubject.RUNNERS, "POST", self._place.path + REGISTRATION):
                self._add(CheckSubject.RUNNERS, findings.Managed())
        return login, self._findings

    def _login(self) -> str:
        if self._api.app:
            self._add(CheckSubject.APP, findings.AppUsed(self._api.app))
            return self._api.app
        user = self._try_call(CheckSubject.TOKEN, "GET", "/user")
        login = shapes.read(user.body, Login).login if user else ""
        if login:
            self._add(CheckSubject.TOKEN, findings.TokenOwner(login))
        return login

    def _check_place(self) -> bool:
        place = self._place
        problem = problems.NotVisible(place.noun, place.name, self._api.url)
        if self._try_call(CheckSubject.PLACE, "GET", place.path, problem) is None:
            return False
        self._add(CheckSubject.PLACE, findings.Visible(place.noun, place.name))
        return True

    def _jobs(self) -> None:
        """GitHub lists them by repository, so one is tried; where there is none, nothing can be tried."""
        name = self._place.name if self._place.level == "repo" else self._some_repository()
        if not name:
            self._add(CheckSubject.JOBS, findings.NothingToTry())
        elif self._try_call(CheckSubject.JOBS, "GET", f"{repository(name)}/actions/runs?per_page=1"):
            self._add(CheckSubject.JOBS, findings.Listed())

    def _some_repository(self) -> str:
        """A private one where there is one: anybody may list a public one's."""
        found = self._api.call("GET", f"{self._place.path}/repos?per_page=100", "read")
        repositories = shapes.read(found.body, list[shapes.GitHubRepository])
        return next((one.full_name for one in sorted(repositories, key=lambda one: not one.private)), "")

    def _group(self) -> None:
        """Of its runners. GitHub gives no job of a public repository to one whose group does not let it, as groups are
        made."""
        if self._place.level != "org":
            return
        try:
            group = self._groups.seen()
        except (ForgeRefused, Gone) as error:
            if self._groups.name:
                self._add(CheckSubject.RUNNER_GROUP, error.reason)
            return  # the default one can't be read on every plan; a missing permission shows at the runners
        if self._groups.name:
            self._add(CheckSubject.RUNNER_GROUP, findings.RunnerGroupFound(group.name))
        if not group.allows_public_repositories:
            self._add(CheckSubject.PUBLIC_REPOSITORIES, findings.PublicNotServed(group.name))

    def _call(self, method: str, path: str) -> http_client.Answer:
        return self._api.call(method, path, "read")
