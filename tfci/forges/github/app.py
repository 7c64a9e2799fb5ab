"""A GitHub App's own calls: by its key, and on behalf of who installs it.

docs.github.com, "Generating a JSON web token (JWT) for a GitHub App" and "Registering a GitHub App from a manifest".
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import msgspec

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.forges.actions.schemas import Moment
from tfci.forges.decoding import Malformed, Number
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.github import deliveries, schemas as shapes
from tfci.forges.github.api import GitHubApi
from tfci.forges.github.scopes import SCOPES, place
from tfci.forges.memory.process import ProcessMemory
from tfci.forges.ports.forge import Memory
from tfci.forges.ports.github_app import AppMade, InstallationClaim, InstallationSeen, Minted

EARLY, LASTS = 60, 540  # seconds: clocks differ, and GitHub takes ten minutes at most
MAX_INSTALLATIONS = 50  # of one person
EVENTS = ["workflow_job", "workflow_run"]


class CreatedApp(msgspec.Struct):
    id: Number
    slug: str
    name: str
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str


class AppAccount(msgspec.Struct):
    login: str
    type: str = "Organization"


class ListedInstallation(msgspec.Struct):
    id: Number
    account: AppAccount
    permissions: dict[str, str] = {}
    suspended_at: Any = None


class Installations(msgspec.Struct):
    entries: list[ListedInstallation] = msgspec.field(name="installations")


class Rights(msgspec.Struct, frozen=True):
    admin: bool = False


class InstalledRepository(msgspec.Struct):
    id: Number
    full_name: str
    permissions: Rights = Rights()


class Repositories(msgspec.Struct):
    entries: list[InstalledRepository] = msgspec.field(name="repositories")


class InstallationToken(msgspec.Struct):
    token: str
    expires_at: Moment


class SignedIn(msgspec.Struct):
    access_token: str = ""
    error_description: str = ""


class GitHubAppClient:
    """Keeps the port ForgeApp."""

    def __init__(
        self,
        url: str,
        app_id: int,
        pem: Secret,
        policy: http_client.Policy,
        *,
        client_id: str,
        client_secret: Secret,
        reach: str,
        timeout: float = 10.0,
        memory: Memory | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url, self._policy, self._timeout, self._clock = url, policy, timeout, clock
        self._client_id, self._client_secret, self._reach = client_id, client_secret, reach
        token = Secret(_signed(app_id, pem, int(clock())))
        self._api = GitHubApi(url, token, policy, timeout, memory=memory or ProcessMemory(), clock=clock)

    def installation(self, installation_id: int) -> InstallationSeen:
        found = self._api.fetch(f"/app/installations/{installation_id}", ListedInstallation)
        account, permissions = found.account, found.permissions
        return InstallationSeen(account.login, account.type, permissions, bool(found.suspended_at))

    def token(self, installation_id: int) -> Minted:
        answer = self._api.call("POST", f"/app/installations/{installation_id}/access_tokens", "remove")
        made = shapes.read(answer.body, InstallationToken)
        return Minted(Secret(made.token), made.expires_at.astimezone(UTC))

    def redeliver(self, since: datetime) -> int:
        return deliveries.redeliver(self._api, "/app/hook/deliveries", since)

    def claims(self, code: str, back: str) -> list[InstallationClaim]:
        """Seeing an installation does not mean owning its organization. But a token on a person's behalf can do no more
        than that person, so listing runners with it shows whether they may create some."""
        person = self._signed_in(code, back)
        installations = person.listed("/user/installations", Installations)[:MAX_INSTALLATIONS]
        found = self._organisations if self._reach == "org" else self._repositories
        return [claim for one in installations for claim in found(person, one)]

    def _signed_in(self, code: str, back: str) -> GitHubApi:
        """The code becomes a token, which is dropped after this request."""
        body = {"client_id": self._client_id, "client_secret": self._client_secret.reveal()}
        path = "/login/oauth/access_token"
        try:
            client = http_client.Client(self._url, self._policy, timeout=self._timeout)
            answer = client.request("POST", path, json=body | {"code": code, "redirect_uri": back})
        except http_client.FetchError as error:
            raise Unreachable(str(error)) from None
        response = shapes.read(answer.body, SignedIn) if answer.status == 200 else SignedIn()
        if not response.access_token:
            raise ForgeRefused(
                f"GitHub did not sign you in: {response.error_description or answer.status} Start again."
            )
        token = Secret(response.access_token)
        return GitHubApi(
            self._url, token, self._policy, self._timeout, memory=ProcessMemory(), clock=self._clock
        )

    def _organisations(self, person: GitHubApi, one: ListedInstallation) -> list[InstallationClaim]:
        if one.account.type != "Organization":
            return []
        try:
            person.call("GET", f"{place('org', one.account.login).path}/actions/runners?per_page=1", "read")
        except (ForgeRefused, Gone):
            return []
        return [InstallationClaim(one.id, one.account.login)]

    def _repositories(self, person: GitHubApi, one: ListedInstallation) -> list[InstallationClaim]:
        seen = person.listed(f"/user/installations/{one.id}/repositories", Repositories)
        return [InstallationClaim(one.id, repo.full_name) for repo in seen if repo.permissions.admin]


def manifest(name: str, home: str, hook: str, made: str, back: str, reach: str) -> str:
    """The manifest of an App, as JSON: no more permissions than its reach needs. `hook`: the address of its webhook;
    `made`, `back`: where a browser returns to with the new App, and after an installation."""
    permissions = dict(scope.split(":") for scope in SCOPES[reach])
    content = {
        "name": name,
        "url": home,
        "hook_attributes": {"url": hook, "active": True},
        "redirect_url": made,
        "callback_urls": [back],
        "request_oauth_on_install": True,
        "public": True,
        "default_permissions": permissions | {"metadata": "read"},
        "default_events": EVENTS,
    }
    return json.dumps(content)


def new_address(url: str, owner: str, state: str) -> str:
    """Where a browser posts the manifest to; `owner`: the organisation that is to own the App, "" for the person."""
    of = f"/organizations/{quote(owner, safe='')}" if owner else ""
    return f"{url.rstrip('/')}{of}/settings/apps/new?{urlencode({'state': state})}"


def install_address(url: str, slug: str, state: str) -> str:
    """Where somebody installs it. An Enterprise Server has its Apps elsewhere than github.com."""
    folder = "apps" if url.rstrip("/") == "https://github.com" else "github-apps"
    return (
        f"{url.rstrip('/')}/{folder}/{quote(slug, safe='')}/installations/new?{urlencode({'state': state})}"
    )


def sign_in_address(url: str, client_id: str, back: str, state: str) -> str:
    """Where a person signs in, if the App is installed already."""
    params = {"client_id": client_id, "redirect_uri": back, "state": state}
    return f"{url.rstrip('/')}/login/oauth/authorize?{urlencode(params)}"


def converted(url: str, code: str, policy: http_client.Policy, timeout: float = 10.0) -> AppMade:
    """The App that was made, for the one-time code. Raises ForgeRefused, Unreachable."""
    api = GitHubApi(url, Secret(""), policy, timeout, memory=ProcessMemory(), clock=time.time)
    try:
        answer = api.call("POST", f"/app-manifests/{quote(code, safe='')}/conversions", "make")
    except Gone:
        raise ForgeRefused(
            "GitHub does not know this code, or it is older than an hour. Create the App again."
        ) from None
    created = shapes.read(answer.body, CreatedApp)
    secrets = (Secret(text) for text in (created.client_secret, created.webhook_secret, created.pem))
    return AppMade(created.id, created.slug, created.name, created.client_id, *secrets)


def installation_of(body: bytes) -> int | None:
    """The installation that a delivery to an App is about. Raises ForgeRefused if it can't be read."""
    try:
        delivery = shapes.read(body, shapes.AppDelivery)
    except Malformed as error:
        raise ForgeRefused(str(error)) from None
    return delivery.installation.id if delivery.installation else None


def _signed(app_id: int, pem: Secret, now: int) -> str:
    claims: Mapping[str, Any] = {"iat": now - EARLY, "exp": now + LASTS, "iss": str(app_id)}
    try:
        return jwt.encode(dict(claims), pem.reveal(), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise ForgeRefused("The App’s private key can't be read. Create the App again.") from None
