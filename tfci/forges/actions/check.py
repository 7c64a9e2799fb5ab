"""What a token may do, found out by doing what is harmless: a finding for each thing that is tried."""

from tfci.core import http_client
from tfci.core.reasons import Reason
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.findings import CheckSubject, Finding


class ActionsCheck:
    """One look, with its findings so far."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []

    def _call(self, method: str, path: str) -> http_client.Answer:
        """A good answer. Raises a ForgeError."""
        raise NotImplementedError

    def _tried(
        self, subject: CheckSubject, method: str, path: str, absent: Reason | None = None
    ) -> http_client.Answer | None:
        """The answer; None with the problem noted."""
        try:
            return self._call(method, path)
        except ForgeRefused as refused:
            self._found(subject, refused.reason)
        except Gone as gone:
            self._found(subject, absent or gone.reason)
        return None

    def _found(self, subject: CheckSubject, reason: Reason) -> None:
        self._findings.append(Finding(subject, reason))
