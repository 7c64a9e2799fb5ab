"""Calls to GitHub as an App, and on behalf of the person who installs it. Errors: errors.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tfci.core.secret import Secret


@dataclass(frozen=True, slots=True)
class AppMade:
    """An App that GitHub has just made, with all that it shows once."""

    app_id: int
    slug: str
    name: str
    client_id: str
    client_secret: Secret
    webhook_secret: Secret
    pem: Secret


@dataclass(frozen=True, slots=True)
class InstallationSeen:
    """One reading of one installation."""

    account: str
    account_type: str  # Organization, User
    permissions: Mapping[str, str]
    suspended: bool


@dataclass(frozen=True, slots=True)
class Minted:
    """An installation's token, for an hour."""

    token: Secret
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class InstallationClaim:
    """What somebody has proven to own: an organisation, or a repository "owner/name", of one installation."""

    installation_id: int
    name: str


class ForgeApp(Protocol):
    """One App, by its own key. Every call is bounded in time and size."""

    def installation(self, installation_id: int) -> InstallationSeen:
        """Raises Gone where it was uninstalled."""

    def token(self, installation_id: int) -> Minted:
        """A new token. Raises Gone, and Refused where it is suspended."""

    def redeliver(self, since: datetime) -> int:
        """Request redelivery of all failed deliveries since then; returns how many."""

    def claims(self, code: str, back: str) -> list[InstallationClaim]:
        """What the person may link who has just come back from GitHub to `back` with this one-time code. Raises Refused
        with what to do where it is nothing."""
