"""Calls to a GitHub: within its rate limits, with conditional requests, errors as ours."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec

from tfci.core import http_client
from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.core.untyped import Json
from tfci.forges import problems
from tfci.forges.decoding import Entry, Malformed
from tfci.forges.errors import ForgeError, ForgeRefused, Limited, Unreachable
from tfci.forges.github import schemas as shapes
from tfci.forges.github.budget import CallBudget, Use
from tfci.forges.github.scopes import SETTINGS_PAGE, GitHubPlace, api
from tfci.forges.http import ForgeClient, error_message, refusal, refuse_redirect
from tfci.forges.ports.forge import Memory

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

PAGE, PAGES = 100, 20  # GitHub's largest page; a list is read up to 2000 entries
ENDS = "github-authentication-token-expiration"  # "2026-12-31 23:59:59 UTC"
CACHE_SECONDS = 6 * 3600  # for an answer
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


class EntryList(Protocol[Entry]):
    """Part of a list."""

    @property
    def entries(self) -> Sequence[Entry]: ...


@dataclass(frozen=True, slots=True)
class Installed:
    """The installation of an App's token. `ends`: in seconds, as the clock counts; `blocked`: why no call is made."""

    app: str
    ends: float
    blocked: Reason | None = None


class GitHubApi:
    """One GitHub, called with one token."""

    def __init__(
        self,
        url: str,
        token: Secret,
        policy: http_client.Policy,
        timeout: float,
        *,
        memory: Memory,
        clock: Callable[[], float],
        place: GitHubPlace | None = None,
        installed: Installed | None = None,
    ) -> None:
        """`timeout`: seconds a call. `place`: what the token is for. Raises ForgeRefused."""
        self._client = ForgeClient(api(url), policy, timeout=timeout, headers=HEADERS)
        self.url, self.clock, self.memory = url.rstrip("/"), clock, memory
        self.app, self._installed = installed.app if installed else "", installed
        self.budget = CallBudget(memory, clock)
        self.token_ends: datetime | None = None  # of a person's, as the newest answer said
        self._token, self._policy, self._timeout, self._place = token, policy, timeout, place

    def meta(self) -> shapes.GitHubMeta:
        """The server's description of itself. Raises ForgeRefused if this is no GitHub."""
        answer = self._send("GET", "/meta", "read")
        refuse_redirect(self.url, answer)
        if answer.status >= 429 or (answer.status in (401, 403) and error_message(answer)):
            raise self._error(answer)
        if answer.status != 200:
            raise ForgeRefused(f"There is no GitHub at {self.url}. Enter the address of its start page.")
        try:
            return shapes.read(answer.body, shapes.GitHubMeta)
        except Malformed:
            raise ForgeRefused(
                f"{self.url} does not answer like GitHub, so it can't be connected as one."
            ) from None

    def call(
        self,
        method: str,
        path: str,
        use: Use,
        *,
        json: Json = None,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
    ) -> http_client.Answer:
        """A successful answer."""
        answer = self._send(method, path, use, json=json, params=list(params) or None, headers=headers)
        if not 200 <= answer.status < 300:
            raise self._error(answer)
        return answer

    def fetch(self, path: str, shape: type[T], use: Use = "read", params: Params = ()) -> T:
        """Fetch and parse. Costs none of the hour's calls if it has not changed (304)."""
        key = f"answer:{hashlib.sha256(f'{path}?{urlencode(params)}'.encode()).hexdigest()}"
        (cached,) = self.memory.get(key)
        etag, _, known = cached.partition(b"\n") if isinstance(cached, bytes) else (b"", b"", b"")
        headers = {"If-None-Match": etag.decode()} if etag else None
        answer = self._send("GET", path, use, params=list(params) or None, headers=headers)
        if answer.status == 304 and known:
            return msgspec.json.decode(known, type=shape)
        if answer.status != 200:
            raise self._error(answer)
        parsed = shapes.read(answer.body, shape)
        if tag := answer.headers.get("etag"):
            self.memory.put(key, tag.encode() + b"\n" + msgspec.json.encode(parsed), CACHE_SECONDS)
        return parsed

    def listed(
        self, path: str, shape: type[EntryList[Entry]], use: Use = "read", params: Params = ()
    ) -> list[Entry]:
        """The entries of a list, each once though it may move on between two pages; at most 2000."""
        entries: dict[int, Entry] = {}
        for page in range(1, PAGES + 1):
            entries_of_page = self.fetch(
                path, shape, use, [*params, ("per_page", str(PAGE)), ("page", str(page))]
            ).entries
            entries |= {entry.id: entry for entry in entries_of_page}
            if len(entries_of_page) < PAGE:
                break
        return list(entries.values())

    def download(self, path: str, limit: int) -> bytes:
        """A file that GitHub keeps at a signed address of another server, which gets no token of ours."""
        answer = self._send("GET", path, "look")
        if answer.status != 302:
            raise (
                self._error(answer) if answer.status >= 300 else Unreachable(f"{self.url} sent no address.")
            )
        return self._elsewhere(answer.headers.get("location", ""), limit)

    def _elsewhere(self, address: str, limit: int) -> bytes:
        base, _, signed = address.partition("?")
        try:
            client = http_client.Client(base, self._policy, timeout=self._timeout, max_bytes=limit)
            answer = client.request("GET", f"?{signed}", headers={"Accept": "*/*"})
        except http_client.FetchError as error:
            raise Unreachable(str(error)) from None
        if answer.status != 200:
            raise Unreachable(f"{client.origin} did not hand over the log: {answer.status}.")
        return answer.body

    def _send(
        self, method: str, path: str, use: Use, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> http_client.Answer:
        if self._installed:
            self._refuse_ended(self._installed)
        self.budget.check(method, use)
        authorised = {
            **({"Authorization": f"Bearer {self._token.reveal()}"} if self._token else {}),
            **(headers or {}),
        }
        answer = self._client.request(method, path, headers=authorised, **options)
        self.budget.update(answer.headers)
        self.token_ends = _ends(answer.headers.get(ENDS, "")) or self.token_ends
        return answer

    def _refuse_ended(self, installed: Installed) -> None:
        if installed.blocked:
            raise ForgeRefused(installed.blocked)
        if installed.ends <= self.clock():
            raise Unreachable(
                f"The token of the App {installed.app} has expired, and the new one is not available yet."
            )

    def _error(self, answer: http_client.Answer) -> ForgeError:
        message, status = error_message(answer), answer.status
        if status == 401:
            return ForgeRefused(problems.TokenUnknown(self.url, self._page, self._scopes))
        if status in (403, 429) and _is_limit(answer, message):
            return Limited(f"GitHub limits calls: {message or status}", self.budget.refused(answer.headers))
        if status == 403:
            return ForgeRefused(
                self._forbidden(message, answer.headers.get("x-accepted-github-permissions", ""))
            )
        if 300 <= status < 400:
            return ForgeRefused(f"{self.url} refuses this: {message or status}.")
        return refusal(self.url, status, message)

    def _forbidden(self, message: str, needed: str) -> Reason:
        if "not accessible by" in message:
            return self._lacks(needed.partition(",")[0].partition(";")[0].replace("=", ":").strip())
        if "suspended" in message:
            return problems.AppSuspended(self.url)
        if "dmin" in message or "must be" in message.lower():
            return problems.NotOwner(self._place.name if self._place else "this", message)
        return problems.ForgeRefusal(f"{self.url} refuses this: {message or 403}.")

    def _lacks(self, permission: str) -> Reason:
        if self.app:
            return problems.AppLacksPermission(self.app, permission)
        more = permission.endswith(":write") and bool(self._scopes) and permission not in self._scopes
        return problems.TokenLacksPermission(permission, self._page, self._scopes, optional=more)

    @property
    def _page(self) -> str:
        """Where tokens are made."""
        return f"{self.url}{SETTINGS_PAGE}"

    @property
    def _scopes(self) -> tuple[str, ...]:
        return self._place.scopes if self._place else ()


def _is_limit(answer: http_client.Answer, message: str) -> bool:
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status == 429 or spent or "retry-after" in answer.headers or "rate limit" in message.lower()


def _ends(text: str) -> datetime | None:
    try:
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
