"""A GitHubApp -> its client, and the addresses between which the browsers of those who make and install it go."""

import time
from collections.abc import Callable
from typing import cast

from django.conf import settings

from tfci.core.http_client import BadAddress, origin
from tfci.forges.addresses import policy
from tfci.forges.admission import Admitted
from tfci.forges.errors import ForgeRefused
from tfci.forges.github import app as github_app, client as github_client
from tfci.forges.memory.shared import SharedMemory
from tfci.forges.models import GitHubApp
from tfci.forges.ports.github_app import AppMade, ForgeApp

HOOKS = github_client.GitHubHooks()
installation_of = github_app.installation_of
MADE, BACK = "/operator/github/made/", "/github/back/"  # of ours, where GitHub sends browsers


def app(row: GitHubApp, clock: Callable[[], float] = time.time) -> ForgeApp:
    """The client of one App, with its key. Raises ForgeRefused for a key that can't be read."""
    client = github_app.GitHubAppClient(
        row.url,
        row.app_id,
        row.pem,
        policy(row.authority),
        client_id=row.client_id,
        client_secret=row.client_secret,
        reach=row.reach,
        memory=SharedMemory(f"github:app:{row.pk}"),
        clock=clock,
    )
    return cast(ForgeApp, Admitted(client, team=f"app {row.pk}", host=origin(row.url), clock=clock))


def manifest(name: str, address: str, reach: str) -> str:
    """What GitHub makes the App from; `address`: the last part of its webhook's."""
    hook = f"{settings.URL}/hooks/{address}"
    return github_app.manifest(name, settings.URL, hook, settings.URL + MADE, back(), reach)


def new_address(url: str, owner: str, state: str) -> str:
    """Where a browser posts the manifest to."""
    return github_app.new_address(url, owner, state)


def converted(url: str, code: str, authority: str = "") -> AppMade:
    """The App that GitHub has made, for the code that it sent a browser back with. Raises ForgeError."""
    return github_app.converted(url, code, policy(authority))


def install_address(row: GitHubApp, state: str) -> str:
    return github_app.install_address(row.url, row.slug, state)


def sign_in_address(row: GitHubApp, state: str) -> str:
    return github_app.sign_in_address(row.url, row.client_id, back(), state)


def back() -> str:
    """Where whoever has installed an App, or signed in, comes back to."""
    return settings.URL + BACK


def site(url: str) -> str:
    """The origin of a GitHub's pages, in one spelling. Raises ForgeRefused."""
    try:
        return origin(url)
    except BadAddress as error:
        raise ForgeRefused(str(error)) from None
