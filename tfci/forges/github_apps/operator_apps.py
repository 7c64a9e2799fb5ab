"""The operator's Apps: made once for each GitHub and reach, from a manifest; one webhook each for all installations."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.forges.errors import ForgeRefused
from tfci.forges.github_apps import app_registry
from tfci.forges.models import GitHubApp
from tfci.forges.ports.github_app import AppMade


def refuse_taken(url: str, reach: str) -> None:
    """Raises ForgeRefused where there is such an App already."""
    if GitHubApp.objects.filter(url=url, reach=reach).exists():
        raise ForgeRefused(f"There is already an App for {GitHubApp.Reach(reach).label} at {url}.")


def make(
    url: str, reach: str, address: str, code: str, who: audit.Actor, now: datetime, authority: str = ""
) -> GitHubApp:
    """The App that GitHub has made, for the code that it sent a browser back with. `authority`: of that GitHub's own,
    as PEM. Raises ForgeError."""
    refuse_taken(url, reach)
    made = app_registry.converted(url, code, authority)
    try:
        with transaction.atomic():
            app = _create(made, now, url=url, reach=reach, address=address, authority=authority)
            audit.record(
                None, who, Action.APP_CREATED, f"{app.name} at {url}", after={"reach": reach}, at=now
            )
            return app
    except IntegrityError:
        raise ForgeRefused(f"There is already an App for that at {url}: delete {made.name} there.") from None


def _create(made: AppMade, now: datetime, **columns: str) -> GitHubApp:
    """GitHub shows its keys only once."""
    names = {"app_id": made.app_id, "slug": made.slug, "name": made.name, "client_id": made.client_id}
    secrets = {"client_secret": made.client_secret, "webhook_secret": made.webhook_secret, "pem": made.pem}
    return GitHubApp.objects.create(made_at=now, **columns, **names, **secrets)


@transaction.atomic
def trust(app: GitHubApp, pem: str, who: audit.Actor, now: datetime) -> None:
    """Another authority of its GitHub, as `authority.read` has it; for all links by it."""
    app.authority = pem
    app.save(update_fields=["authority"])
    audit.record(None, who, Action.APP_AUTHORITY_CHANGED, f"{app.name} at {app.url}", at=now)
