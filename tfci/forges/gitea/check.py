"""What a token may do at a Gitea or a Forgejo, found out by doing what is harmless: a finding for each thing, with what
to mend."""

from tfci.core import http_client
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.facts import Finding
from tfci.forges.gitea import files, schemas as shapes
from tfci.forges.gitea.api import Api
from tfci.forges.gitea.scopes import Place

REGISTRATION = "/actions/runners/registration-token"


class Check:
    """One look at one place. Later findings need the earlier ones, so it ends where the place itself is not seen."""

    def __init__(self, api: Api, place: Place) -> None:
        self._api, self._place = api, place
        self._findings: list[Finding] = []
        self.may_write = "write:repository" in place.scopes.values()

    def run(self) -> tuple[str, list[Finding]]:
        """Whose token it is, "" where that can't be said, and what was found; `may_write` is known after. Raises
        Unreachable."""
        user = self._tried("Token", "GET", "/user")
        login = shapes.read(user.body, shapes.User).login if user else ""
        if login:
            self._found("Token", f"of {login}", self._other_user(login))
        if self._place.level != "repo":
            self._repositories()
        if self._there(login):
            self._jobs()
            self._runners()
        return login, self._findings

    def _jobs(self) -> None:
        if self._tried("Jobs", "GET", f"{self._place.path}/actions/jobs?page=1&limit=1", self._off()):
            self._found("Jobs", "may be listed")

    def _runners(self) -> None:
        if self._tried("Runners", "POST", self._place.path + REGISTRATION, self._off()):
            self._found("Runners", "may be made and removed")

    def _there(self, login: str) -> bool:
        """The place itself. A user's is the token's own, whatever the name says."""
        what = f"{self._place.noun.capitalize()} {self._place.name}"
        if self._place.level == "user":
            return login.lower() == self._place.name.lower()
        if self._place.level == "instance":
            return True  # whose jobs only its administrator may list, which is looked at next
        shown = self._tried(what, "GET", self._place.shown, self._unseen())
        if shown is None:
            return False
        if not shapes.read(shown.body, shapes.Place).has_actions:
            self._found(what, "has Actions switched off", self._switch_on())
            return False
        self._found(what, "is seen")
        return True

    def _repositories(self) -> None:
        """Asks for one that can't be there, which is told to those alone who may read repositories."""
        try:
            self._api.call("GET", self._place.probe)
        except ForgeRefused as refused:
            self._found("Repositories", "refused", str(refused))
        except Gone:
            self.may_write = files.may_write(self._api, self._place)
            self._found("Repositories", "may be read and written to" if self.may_write else "may be read")

    def _tried(self, what: str, method: str, path: str, absent: str = "") -> http_client.Answer | None:
        """The answer; None with what to mend noted."""
        try:
            return self._api.call(method, path)
        except ForgeRefused as refused:
            self._found(what, "refused", str(refused))
        except Gone as gone:
            self._found(what, "not there", absent or str(gone))
        return None

    def _found(self, what: str, said: str, mend: str = "") -> None:
        self._findings.append(Finding(what, said, mend))

    def _other_user(self, login: str) -> str:
        if self._place.level != "user" or login.lower() == self._place.name.lower():
            return ""
        return (
            f"The token belongs to {login}, and only {self._place.name}'s own token can make runners for "
            f"{self._place.name}: sign in there as {self._place.name} to make one."
        )

    def _unseen(self) -> str:
        where = f"{self._place.noun} {self._place.name} at {self._api.url}"
        return f"The token's user sees no {where}: check its spelling."

    def _off(self) -> str:
        return f"Actions are switched off at {self._api.url}: its administrator can switch them on."

    def _switch_on(self) -> str:
        return (
            f"Actions are switched off in {self._place.name}: switch them on there under Settings, Repository, "
            "Units, Actions."
        )
