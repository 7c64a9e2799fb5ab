"""What a token or App may do at a GitHub, found out by doing what is harmless: a finding for each thing, with what to
mend."""

from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.facts import Finding
from tfci.forges.github import schemas as shapes
from tfci.forges.github.api import Api
from tfci.forges.github.groups import Groups
from tfci.forges.github.scopes import Place, repository

REGISTRATION = "/actions/runners/registration-token"


class Check:
    """One look at one place."""

    def __init__(self, api: Api, place: Place, groups: Groups) -> None:
        self._api, self._place, self._groups = api, place, groups
        self._findings: list[Finding] = []

    def run(self) -> tuple[str, list[Finding]]:
        """Whose token it is, "" where that can't be said, and what was found. Raises Unreachable, Limited."""
        login = self._login()
        if self._there():
            self._group()
            self._jobs()
            if self._tried("Runners", "POST", self._place.path + REGISTRATION):
                self._found("Runners", "may be made and removed")
        return login, self._findings

    def _login(self) -> str:
        if self._api.app:
            self._found("App", self._api.app)
            return self._api.app
        user = self._tried("Token", "GET", "/user")
        login = shapes.read(user, shapes.User).login if user else ""
        if login:
            self._found("Token", f"of {login}")
        return login

    def _there(self) -> bool:
        what = f"{self._place.noun.capitalize()} {self._place.name}"
        unseen = (
            f"The token sees no {self._place.noun} {self._place.name} at {self._api.url}: check its spelling."
        )
        if self._tried(what, "GET", self._place.path, unseen) is None:
            return False
        self._found(what, "is seen")
        return True

    def _jobs(self) -> None:
        """GitHub lists them by repository, so one is tried; where there is none, nothing can be tried."""
        name = self._place.name if self._place.level == "repo" else self._some_repository()
        if not name:
            self._found("Jobs", "can’t be tried, for no repository is there")
        elif self._tried("Jobs", "GET", f"{repository(name)}/actions/runs?per_page=1"):
            self._found("Jobs", "may be listed")

    def _some_repository(self) -> str:
        """A private one where there is one: anybody may list a public one's."""
        found = self._api.call("GET", f"{self._place.path}/repos?per_page=100", "read")
        there = shapes.read(found.body, list[shapes.Repository])
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
                self._found("Runner group", "not there", str(error))
            return  # the default one can't be seen on every plan; what is missing is said of the runners
        if self._groups.name:
            self._found("Runner group", f"{group.name} is there")
        if not group.allows_public_repositories:
            said = f"not served: GitHub keeps their jobs from runners of the group {group.name}"
            self._found("Public repositories", said)

    def _tried(self, what: str, method: str, path: str, absent: str = "") -> bytes | None:
        """The answer's body; None with what to mend noted."""
        try:
            return self._api.call(method, path, "read").body
        except ForgeRefused as refused:
            self._found(what, "refused", str(refused))
        except Gone as gone:
            self._found(what, "not there", absent or str(gone))
        return None

    def _found(self, what: str, said: str, mend: str = "") -> None:
        self._findings.append(Finding(what, said, mend))
