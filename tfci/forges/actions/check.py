"""Test a token's permissions by harmless calls: a finding for each of them."""

from tfci.core import http_client
from tfci.core.reasons import Reason
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.findings import CheckSubject, Finding


class ActionsCheck:
    """One check, with its findings so far."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []

    def _call(self, method: str, path: str) -> http_client.Answer:
        """A successful answer. Raises a ForgeError."""
        raise NotImplementedError

    def _try_call(
        self, subject: CheckSubject, method: str, path: str, absent: Reason | None = None
    ) -> http_client.Answer | None:
        """The answer; None after an error, which becomes a finding."""
        try:
            return self._call(method, path)
        except ForgeRefused as error:
            self._add(subject, error.reason)
        except Gone as error:
            self._add(subject, absent or error.reason)
        return None

    def _add(self, subject: CheckSubject, reason: Reason) -> None:
        self._findings.append(Finding(subject, reason))
