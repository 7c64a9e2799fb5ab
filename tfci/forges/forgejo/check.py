"""Test a token's permissions at a Forgejo: as at a Gitea, except that runners are created by REST."""

from tfci.forges import findings
from tfci.forges.errors import ForgeRefused
from tfci.forges.findings import CheckSubject
from tfci.forges.gitea.check import GiteaCheck

NAMELESS = "Required"  # Forgejo's error for a runner without a name, if the token may create runners


class ForgejoCheck(GiteaCheck):
    """One check of one place."""

    def _jobs(self) -> None:
        if self._try_call(
            CheckSubject.JOBS, "GET", f"{self._place.path}/actions/runners/jobs", self._actions_off()
        ):
            self._add(CheckSubject.JOBS, findings.Listed())

    def _runners(self) -> None:
        """Requests one without a name, which is never created."""
        try:
            self._api.call("POST", f"{self._place.path}/actions/runners", json={"name": ""})
        except ForgeRefused as error:
            if NAMELESS not in str(error):
                self._add(CheckSubject.RUNNERS, error.reason)
                return
        self._add(CheckSubject.RUNNERS, findings.Managed())
