"""Calls to a Woodpecker: what it refuses or cuts into pages, as our errors and whole lists."""

import time
from collections.abc import Sequence
from typing import Any, TypeVar

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.forges import problems
from tfci.forges.errors import ForgeError, ForgeRefused, Gone, Unreachable
from tfci.forges.woodpecker import schemas as shapes

T = TypeVar("T")
Asked = Sequence[tuple[str, str]]

PAGE, PAGES = 50, 40  # Woodpecker's largest page; a list is read up to 2000 entries
LISTING = 30.0  # seconds for all pages of one list


class Conflict(ForgeRefused):
    """What is asked for stands against what goes on there."""


class Api:
    """One Woodpecker, called with one user's token."""

    def __init__(self, url: str, token: Secret, policy: http_client.Policy, timeout: float) -> None:
        """`timeout`: seconds a call. Raises ForgeRefused."""
        try:
            self._client = http_client.Client(url, policy, timeout=timeout)
        except http_client.BadAddress as error:
            raise ForgeRefused(str(error)) from None
        self.url = self._client.base_url
        self._token, self._timeout = token, timeout

    def version(self) -> str:
        """Its version, which it tells everybody. Raises ForgeRefused where this is no Woodpecker."""
        answer = self._sent("GET", "/version", self._timeout)
        if 300 <= answer.status < 400:
            elsewhere = answer.headers.get("location", "elsewhere")[:200]
            raise ForgeRefused(f"{self.url} leads on to {elsewhere}: link the address where that ends.")
        if answer.status == 429 or answer.status >= 500:
            raise self._trouble(answer)
        try:
            return shapes.read(answer.body, shapes.Version).version[:60]
        except shapes.Unreadable:
            sentence = f"There is no Woodpecker at {self.url}: give the address of its start page."
            raise ForgeRefused(sentence) from None

    def call(
        self, method: str, path: str, *, json: Any = None, params: Asked = (), timeout: float | None = None
    ) -> http_client.Answer:
        """A call's answer, when it is a good one."""
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        left = self._timeout if timeout is None else timeout
        answer = self._sent(
            method, f"/api{path}", left, json=json, params=list(params) or None, headers=headers
        )
        if not 200 <= answer.status < 300:
            raise self._trouble(answer)
        return answer

    def got(self, method: str, path: str, shape: type[T], *, json: Any = None) -> T:
        """A call's answer, read."""
        return shapes.read(self.call(method, path, json=json).body, shape)

    def listed(self, path: str, shape: type[T]) -> list[T]:
        """The entries of all pages; Woodpecker writes null for an empty one. At most 2000."""
        found: dict[int, T] = {}
        until = time.monotonic() + LISTING
        for number in range(1, PAGES + 1):
            left = min(self._timeout, until - time.monotonic())
            asked = [("page", str(number)), ("perPage", str(PAGE))]
            page = shapes.read(self.call("GET", path, params=asked, timeout=left).body, list[shape] | None)
            found |= {entry.id: entry for entry in page or ()}
            if len(page or ()) < PAGE:
                break
        return list(found.values())

    def _sent(self, method: str, path: str, timeout: float, **how: Any) -> http_client.Answer:
        try:
            return self._client.request(method, path, timeout=timeout, **how)
        except http_client.BadAddress as error:
            raise ForgeRefused(str(error)) from None
        except http_client.FetchError as error:
            raise Unreachable(str(error)) from None

    def _trouble(self, answer: http_client.Answer) -> ForgeError:
        said, status = answer.body[:300].decode(errors="replace").strip(" .\n"), answer.status
        if status == 401:
            return ForgeRefused(problems.TokenUnknown(self.url))
        if status == 403:
            return ForgeRefused(problems.NotForgeAdmin())
        if status == 404:
            return Gone(f"{self.url} does not have this: {said or status}.")
        if status == 409:
            return Conflict(f"{self.url} refuses this now: {said or status}.")
        if 400 <= status < 500 and status != 429:
            return ForgeRefused(f"{self.url} refuses this: {said or status}.")
        return Unreachable(f"{self.url} did not do this now: {said or status}.")
