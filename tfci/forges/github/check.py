"""What a token or App may do at a GitHub, found out by doing what is harmless: a finding for each thing."""

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
    """One look at one place."""

    def __init__(self, api: GitHubApi, place: GitHubPlace, groups: RunnerGroups) -> None:
        super().__init__()
        self._api, self._place, self._groups = api, place, groups

    def run(self) -> tuple[str, list[Finding]]:
        """Whose token it is, "" where that can't be said, and what was found. Raises Unreachable, Limited."""
        login = self._login()
        if self._there():
            self._group()
            self._jobs()
            if self._tried(CheckSubject.RUNNERS, "POST", self._place.path + REGISTRATION):
                self._found(CheckSubject.RUNNERS, findings.Managed())
        return login, self._findings

    def _login(self) -> str:
        if self._api.app:
            self._found(CheckSubject.APP, findings.AppUsed(self._api.app))
            return self._api.app
        user = self._tried(CheckSubject.TOKEN, "GET", "/user")
        login = shapes.read(user.body, Login).login if user else ""
        if login:
            self._found(CheckSubject.TOKEN, findings.TokenOwner(login))
        return login

    def _there(self) -> bool:
        place = self._place
        unseen = problems.NotVisible(place.noun, place.name, self._api.url)
        if self._tried(CheckSubject.PLACE, "GET", place.path, unseen) is None:
            return False
        self._found(CheckSubject.PLACE, findings.Visible(place.noun, place.name))
        return True

    def _jobs(self) -> None:
        """GitHub lists them by repository, so one is tried; where there is none, nothing can be tried."""
        name = self._place.name if self._place.level == "repo" else self._some_repository()
        if not name:
            self._found(CheckSubject.JOBS, findings.NothingToTry())
        elif self._tried(CheckSubject.JOBS, "GET", f"{repository(name)}/actions/runs?per_page=1"):
            self._found(CheckSubject.JOBS, findings.Listed())

    def _some_repository(self) -> str:
        """A private one where there is one: anybody may list a public one's."""
        found = self._api.call("GET", f"{self._place.path}/repos?per_page=100", "read")
        there = shapes.read(found.body, list[shapes.GitHubRepository])
        return next((one.full_name for one in sorted(there, key=lambda one: not one.private)), "")

    def _group(self) -> None:
        """Of its runners. GitHub gives no job of a public repository to one whose group does not let it, as groups are
        made."""
        if self._place.level != "org":
            return
        try:
            group = self._groups.seen()
        except (ForgeRefused, Gone) as error:
            if self._groups.name:
                self._found(CheckSubject.RUNNER_GROUP, error.reason)
            return  # the default one can't be seen on every plan; what is missing is said of the runners
        if self._groups.name:
            self._found(CheckSubject.RUNNER_GROUP, findings.RunnerGroupFound(group.name))
        if not group.allows_public_repositories:
            self._found(CheckSubject.PUBLIC_REPOSITORIES, findings.PublicNotServed(group.name))

    def _call(self, method: str, path: str) -> http_client.Answer:
        return self._api.call(method, path, "read")
