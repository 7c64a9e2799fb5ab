"""What a token may do at a Forgejo: as at a Gitea, but that runners are made by REST."""

from tfci.forges.errors import ForgeRefused
from tfci.forges.gitea.check import Check

NAMELESS = "Required"  # what Forgejo says of a runner without a name to who may make one


class ForgejoCheck(Check):
    """One look at one place."""

    def _jobs(self) -> None:
        if self._tried("Jobs", "GET", f"{self._place.path}/actions/runners/jobs", self._off()):
            self._found("Jobs", "may be listed")

    def _runners(self) -> None:
        """Asks for one without a name, which is never made."""
        try:
            self._api.call("POST", f"{self._place.path}/actions/runners", json={"name": ""})
        except ForgeRefused as refused:
            if NAMELESS not in str(refused):
                self._found("Runners", "refused", str(refused))
                return
        self._found("Runners", "may be made and removed")
