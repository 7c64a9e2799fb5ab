"""Calls to a Woodpecker: errors become ours, pages become whole lists."""

import time
from collections.abc import Sequence
from typing import TypeVar

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.core.untyped import Json
from tfci.forges import problems
from tfci.forges.decoding import Entry, Malformed
from tfci.forges.errors import ForgeError, ForgeRefused
from tfci.forges.http import ForgeClient, refusal, refuse_redirect
from tfci.forges.woodpecker import schemas as shapes

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

PAGE, PAGES = 50, 40  # Woodpecker's largest page; a list is read up to 2000 entries
LISTING = 30.0  # seconds for all pages of one list


class Conflict(ForgeRefused):
    """The call conflicts with the present state."""


class WoodpeckerApi:
    """One Woodpecker, called with one user's token."""

    def __init__(self, url: str, token: Secret, policy: http_client.Policy, timeout: float) -> None:
        """`timeout`: seconds a call. Raises ForgeRefused."""
        self._client = ForgeClient(url, policy, timeout=timeout)
        self.url = self._client.base_url
        self._token, self._timeout = token, timeout

    def version(self) -> str:
        """Its version, which is public. Raises ForgeRefused if this is no Woodpecker."""
        answer = self._client.request("GET", "/version")
        refuse_redirect(self.url, answer)
        if answer.status == 429 or answer.status >= 500:
            raise self._error(answer)
        try:
            return shapes.read(answer.body, shapes.WoodpeckerVersion).version[:60]
        except Malformed:
            sentence = f"There is no Woodpecker at {self.url}. Enter the address of its start page."
            raise ForgeRefused(sentence) from None

    def call(
        self, method: str, path: str, *, json: Json = None, params: Params = (), timeout: float | None = None
    ) -> http_client.Answer:
        """A successful answer."""
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        answer = self._client.request(
            method, f"/api{path}", json=json, params=list(params) or None, headers=headers, timeout=timeout
        )
        if not 200 <= answer.status < 300:
            raise self._error(answer)
        return answer

    def fetch(self, method: str, path: str, shape: type[T], *, json: Json = None) -> T:
        """A call's answer, parsed."""
        return shapes.read(self.call(method, path, json=json).body, shape)

    def listed(self, path: str, shape: type[Entry]) -> list[Entry]:
        """The entries of all pages; Woodpecker writes null for an empty one. At most 2000."""
        found: dict[int, Entry] = {}
        until = time.monotonic() + LISTING
        for number in range(1, PAGES + 1):
            left = min(self._timeout, until - time.monotonic())
            params = [("page", str(number)), ("perPage", str(PAGE))]
            page = shapes.read_list(self.call("GET", path, params=params, timeout=left).body, shape)
            found |= {entry.id: entry for entry in page}
            if len(page) < PAGE:
                break
        return list(found.values())

    def _error(self, answer: http_client.Answer) -> ForgeError:
        message, status = answer.body[:300].decode(errors="replace").strip(" .\n"), answer.status
        if status == 401:
            return ForgeRefused(problems.TokenUnknown(self.url))
        if status == 403:
            return ForgeRefused(problems.NotForgeAdmin())
        if status == 409:
            return Conflict(f"{self.url} refuses this now: {message or status}.")
        return refusal(self.url, status, message)
