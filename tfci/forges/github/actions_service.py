"""GitHub's Actions service, behind the REST API: an address and a token of its own, which are renewed each hour.

GitHub documents none of it. Addresses, shapes and statuses are those of its own client, a public preview
(github.com/actions/scaleset, commit 6ce0259); it was never tried with a GitHub.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from tfci.core import http_client
from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.core.untyped import Json
from tfci.forges.actions.schemas import ShortToken
from tfci.forges.decoding import Malformed
from tfci.forges.errors import ForgeError, ForgeRefused, Gone, Limited, SessionTaken, Unreachable
from tfci.forges.github import schemas as shapes
from tfci.forges.github.api import GitHubApi, Params
from tfci.forges.github.scopes import GitHubPlace
from tfci.forges.http import ForgeClient
from tfci.forges.ports.scale_sets import Access

T = TypeVar("T")
VERSION = ("api-version", "6.0-preview")
MARK = b"\xef\xbb\xbf"  # of byte order, before some answers
TIMEOUT = 10.0  # seconds a call
EARLY = 300.0  # seconds before its end at which an access is renewed
PAUSE = 60  # seconds after a limit without a time
MAX_LENGTH = 300  # characters of its message that are shown


class ServiceConnection(msgspec.Struct):
    """Where the service is, and the token for it."""

    url: str
    token: str


class Claims(msgspec.Struct):
    """Of that token, a JWT whose signature is the service's own business."""

    exp: float


class Fault(msgspec.Struct):
    """An error answer; `type` is the name of an exception there."""

    type: str = msgspec.field(default="", name="typeName")
    message: str = ""


class Service:
    """Of one organisation or repository."""

    def __init__(
        self, api: GitHubApi, place: GitHubPlace, policy: http_client.Policy, access: Access | None
    ) -> None:
        self.api, self.place, self.access, self._policy = api, place, access, policy

    def call(self, method: str, path: str, *, json: Json = None, params: Params = ()) -> http_client.Answer:
        """A successful answer, by the known access or a new one. Raises ForgeError."""
        self.ready()
        access, query = present(self.access), [*params, VERSION]
        answer = self.send(access.url, method, path, access.token, json=json, params=query)
        if answer.status == 401:  # it ended before its time
            self.access = access = self._new_access()
            answer = self.send(access.url, method, path, access.token, json=json, params=query)
        return self.checked(answer)

    def ready(self) -> bool:
        """Make sure of an access that does not end soon; True if it is a new one."""
        if self.access and self.access.ends - EARLY > self.api.clock():
            return False
        self.access = self._new_access()
        return True

    def fetch(self, path: str, shape: type[T], params: Params = ()) -> T:
        return read(self.call("GET", path, params=params), shape)

    def send(
        self,
        base: str,
        method: str,
        path: str,
        token: Secret,
        *,
        timeout: float = TIMEOUT,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> http_client.Answer:
        """An answer of any status. `timeout`: in seconds. Raises ForgeRefused or Unreachable."""
        all_headers = {"Authorization": f"Bearer {token.reveal()}", **(headers or {})}
        return ForgeClient(base, self._policy, timeout=timeout).request(
            method, path, headers=all_headers, **options
        )

    def checked(self, answer: http_client.Answer) -> http_client.Answer:
        """The answer if it is successful, else raises its error."""
        if 200 <= answer.status < 300:
            return answer
        raise self._error(answer)

    def _error(self, answer: http_client.Answer) -> ForgeError:
        fault, status = _fault(answer), answer.status
        message = f"GitHub’s Actions service says “{fault.message or status}”."
        if status == 404:
            return Gone(message)
        if status == 409 and "SessionConflict" in fault.type:
            return SessionTaken(message)
        if status == 429:
            after = answer.headers.get("retry-after", "")
            until = self.api.clock() + (int(after) if after.isdigit() else PAUSE)
            return Limited(message, datetime.fromtimestamp(until, UTC))
        if "JobStillRunning" in fault.type:
            return Unreachable(message)
        return ForgeRefused(message) if 300 <= status < 500 else Unreachable(message)

    def _new_access(self) -> Access:
        """By a registration token, which is good for an hour and for that alone used here."""
        path = f"{self.place.path}/actions/runners/registration-token"
        token = shapes.read(self.api.call("POST", path, "make").body, ShortToken).token
        body = {"url": f"{self.api.url}/{self.place.name}", "runner_event": "register"}
        headers = {"Authorization": f"RemoteAuth {token}"}
        answer = self.api.call("POST", "/actions/runner-registration", "make", json=body, headers=headers)
        made = shapes.read(answer.body.removeprefix(MARK), ServiceConnection)
        return Access(made.url, Secret(made.token), _end_of(made.token))


def read(answer: http_client.Answer, shape: type[T]) -> T:
    """Raises Malformed."""
    return shapes.read(answer.body.removeprefix(MARK), shape)


def _end_of(token: str) -> float:
    try:
        claims = token.split(".")[1]
        decoded = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))
    except (IndexError, ValueError, binascii.Error):
        raise Unreachable("GitHub’s Actions service gave a token that can’t be read.") from None
    return shapes.read(decoded, Claims).exp


def _fault(answer: http_client.Answer) -> Fault:
    try:
        fault = read(answer, Fault)
    except Malformed:
        return Fault(message=answer.body[:MAX_LENGTH].decode(errors="replace").strip(" ."))
    return Fault(fault.type, fault.message[:MAX_LENGTH].strip(" ."))
