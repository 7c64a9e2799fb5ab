"""Calls to a Gitea, or to a Forgejo, which has the same API: errors become ours, pages become whole lists."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from tfci.core import http_client
from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.core.untyped import Json
from tfci.forges import problems
from tfci.forges.decoding import Entry, Malformed
from tfci.forges.errors import ForgeError, ForgeRefused, Gone, Unreachable
from tfci.forges.gitea import schemas as shapes
from tfci.forges.gitea.scopes import SETTINGS_PAGE, GiteaPlace
from tfci.forges.http import ForgeClient, error_message, refusal, refuse_redirect

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

RUNNER_SERVICE = "/api/actions/runner.v1.RunnerService"
PAGE, PAGES = 50, 40  # Gitea's largest page; a list is read up to 2000 entries
NOT_ALLOWED = {  # part of a 403's message -> the missing role
    "organization owner": problems.NotOrganizationOwner(),
    "site admin": problems.NotSiteAdmin(),
    "owner of the repo": problems.NotRepositoryOwner(),
}
LISTING = 30.0  # seconds for all pages of one list


class CountedList(Protocol[Entry]):
    """Part of a list, and how long the whole is."""

    @property
    def total_count(self) -> int: ...
    @property
    def entries(self) -> Sequence[Entry] | None: ...


class GiteaApi:
    """One of them, called with one token."""

    def __init__(
        self,
        url: str,
        token: Secret,
        policy: http_client.Policy,
        timeout: float,
        place: GiteaPlace,
        title: str = "Gitea",
    ) -> None:
        """`timeout`: seconds a call. `place`: what the token is for. Raises ForgeRefused."""
        self._client = ForgeClient(url, policy, timeout=timeout)
        self.url = self._client.base_url
        self._token = token
        self._timeout = timeout
        self._place = place
        self._title = title

    def version(self) -> str:
        """Its version. Raises ForgeRefused where this is no such forge."""
        answer = self._client.request("GET", "/api/v1/version", headers=self._authorization())
        refuse_redirect(self.url, answer)
        if answer.status >= 429 or (answer.status == 401 and error_message(answer)):
            raise self._error(answer)
        try:
            return shapes.read(answer.body, shapes.GiteaVersion).version[:60]
        except Malformed:
            sentence = f"There is no {self._title} at {self.url}. Enter the address of its start page."
            raise ForgeRefused(sentence) from None

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> http_client.Answer:
        """A REST call's successful answer."""
        headers = {**self._authorization(), **(headers or {})}
        answer = self._client.request(
            method, f"/api/v1{path}", json=json, params=list(params) or None, headers=headers, timeout=timeout
        )
        if not 200 <= answer.status < 300:
            raise self._error(answer)
        return answer

    def fetch(self, method: str, path: str, shape: type[T], *, json: Json = None) -> T:
        """A REST call's answer, parsed."""
        return shapes.read(self.call(method, path, json=json).body, shape)

    def listed(self, path: str, shape: type[CountedList[Entry]], params: Params = ()) -> list[Entry]:
        """The entries of a list, each once though it may move on between two pages; at most 2000."""
        entries: dict[int, Entry] = {}
        for answer in self.pages(path, params):
            page = shapes.read(answer.body, shape)
            entries |= {entry.id: entry for entry in page.entries or ()}
            if not page.entries or len(entries) >= page.total_count:
                break
        return list(entries.values())

    def pages(self, path: str, params: Params = ()) -> Iterator[http_client.Answer]:
        """All pages. Both numbers are sent each time: Gitea ignores a limit without a page."""
        until = time.monotonic() + LISTING
        for page in range(1, PAGES + 1):
            numbers = [("page", str(page)), ("limit", str(PAGE))]
            left = min(self._timeout, until - time.monotonic())
            yield self.call("GET", path, params=[*params, *numbers], timeout=left)

    def rpc(
        self, call: str, body: Mapping[str, Any], shape: type[T], headers: Mapping[str, str] | None = None
    ) -> T:
        """A runner's call, in JSON. Gitea answers every error with 500, Forgejo an unknown runner with 401, with the
        reason as text."""
        answer = self._client.request("POST", f"{RUNNER_SERVICE}/{call}", json=body, headers=headers)
        if answer.status == 200:
            return shapes.read(answer.body, shape)
        message = error_message(answer)
        if "unregistered runner" in message:
            raise Gone(f"{self.url} does not have this runner any more.")
        raise Unreachable(f"{self.url} did not carry out {call}: {message or answer.status}.")

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"token {self._token.reveal()}"}

    def _error(self, answer: http_client.Answer) -> ForgeError:
        message, status = error_message(answer), answer.status
        if status == 401:
            return ForgeRefused(problems.TokenUnknown(self.url, self._page, self._scopes))
        if status == 403:
            return ForgeRefused(self._forbidden(message))
        return refusal(self.url, status, message)

    def _forbidden(self, message: str) -> Reason:
        if scope := re.search(r"required=\[((?:read|write):(\w+))", message):
            return self._lacks(scope[1], self._place.scopes.get(scope[2], scope[1]))
        for words, reason in NOT_ALLOWED.items():
            if words in message:
                return reason
        if "limited to public" in message:
            return problems.TokenPublicOnly(self._page, self._scopes)
        return problems.ForgeRefusal(f"{self.url} refuses this: {message or 403}.")

    def _lacks(self, needed: str, connected: str) -> Reason:
        """`connected`: the scope of that kind that a connection needs; some actions need more."""
        more = needed.startswith("write:") and connected != needed
        return problems.TokenLacksScope(
            needed if more else connected, self._page, self._scopes, optional=more
        )

    @property
    def _page(self) -> str:
        """Where tokens are made."""
        return f"{self.url}{SETTINGS_PAGE}"

    @property
    def _scopes(self) -> tuple[str, ...]:
        return tuple(self._place.scopes.values())
