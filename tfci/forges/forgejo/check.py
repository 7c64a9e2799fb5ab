"""What a token may do at a Forgejo: as at a Gitea, but that runners are made by REST."""

from tfci.forges import findings
from tfci.forges.errors import ForgeRefused
from tfci.forges.findings import CheckSubject
from tfci.forges.gitea.check import GiteaCheck

NAMELESS = "Required"  # what Forgejo says of a runner without a name to who may make one


class ForgejoCheck(GiteaCheck):
    """One look at one place."""

    def _jobs(self) -> None:
        if self._tried(CheckSubject.JOBS, "GET", f"{self._place.path}/actions/runners/jobs", self._off()):
            self._found(CheckSubject.JOBS, findings.Listed())

    def _runners(self) -> None:
        """Asks for one without a name, which is never made."""
        try:
            self._api.call("POST", f"{self._place.path}/actions/runners", json={"name": ""})
        except ForgeRefused as refused:
            if NAMELESS not in str(refused):
                self._found(CheckSubject.RUNNERS, refused.reason)
                return
        self._found(CheckSubject.RUNNERS, findings.Managed())
