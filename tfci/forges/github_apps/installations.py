"""Where an App is installed, and the links that stand on that. GitHub's webhooks are hints: what holds is read."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tfci.accounts.models import Team
from tfci.core.secret import Secret
from tfci.forges import connections
from tfci.forges.models import Connection, GitHubApp, Installation
from tfci.forges.ports.github_app import InstallationClaim

EVENTS = ("installation", "installation_repositories", "installation_target")  # that tell of a change


def note_activity(app_id: int, installation_id: int, now: datetime) -> Installation:
    """It was made, or something of it has changed: it is read as soon as may be."""
    found, _ = Installation.objects.get_or_create(
        app_id=app_id, installation_id=installation_id, defaults={"due_at": now}
    )
    Installation.objects.filter(pk=found.pk).update(due_at=now)
    return found


def link(team: Team, app: GitHubApp, claim: InstallationClaim, now: datetime) -> Connection:
    """Link what somebody has proven to own. No outside call: it is checked once its token is there. Raises Refused."""
    connection = connections.draft(
        team,
        forge="github",
        level=app.reach,
        url=app.url,
        name=claim.name,
        token=Secret(""),
        now=now,
    )
    with transaction.atomic():
        connection.installation = note_activity(app.pk, claim.installation_id, now)
        connection.hook_id, connection.login = "app", app.name
        return connections.save(connection)


def connection_of(app_id: int, installation_id: int, repository: str) -> int | None:
    """The link that a delivery of an App is about, by its id."""
    links = Connection.objects.filter(
        installation__app=app_id, installation__installation_id=installation_id, disconnected_at=None
    )
    names: Mapping[str, int] = {name.lower(): pk for name, pk in links.values_list("name", "pk")}
    return names.get(repository.lower()) or names.get(repository.partition("/")[0].lower())


def free(app: GitHubApp, claims: list[InstallationClaim]) -> list[InstallationClaim]:
    """Those of the claims that nobody has linked."""
    taken = Connection.objects.filter(forge="github", url__iexact=app.url, disconnected_at=None)
    names = {name.lower() for name in taken.values_list("name", flat=True)}
    return [claim for claim in claims if claim.name.lower() not in names]
