"""The operator's Apps: made once for each GitHub and reach, from a manifest; one webhook each for all installations."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from tfci.accounts import audit
from tfci.forges import app_connect
from tfci.forges.app_ports import App, AppMade
from tfci.forges.models import GitHubApp
from tfci.forges.ports import ForgeError, Refused

KEPT = timedelta(days=3)  # for which GitHub can send a delivery again; an Enterprise Server for 7
OVERLAP = timedelta(hours=1)  # what was tried so lately may fail again
EVERY = timedelta(minutes=5)


def refuse_taken(url: str, reach: str) -> None:
    """Raises Refused where there is such an App already."""
    if GitHubApp.objects.filter(url=url, reach=reach).exists():
        raise Refused(f"There is an App for {GitHubApp.Reach(reach).label} at {url} already.")


def make(url: str, reach: str, address: str, code: str, who: Any, now: datetime) -> GitHubApp:
    """The App that GitHub has made, for the code that it sent a browser back with. Raises ForgeError."""
    refuse_taken(url, reach)
    made = app_connect.converted(url, code)
    try:
        with transaction.atomic():
            app = _keep(url, reach, address, made, now)
            audit.record(None, who, "operator.app", f"{app.name} at {url}", after={"reach": reach}, at=now)
            return app
    except IntegrityError:
        raise Refused(f"There is an App for that at {url} already: remove {made.name} there.") from None


def _keep(url: str, reach: str, address: str, made: AppMade, now: datetime) -> GitHubApp:
    """GitHub shows its keys only once."""
    names = {"app_id": made.app_id, "slug": made.slug, "name": made.name, "client_id": made.client_id}
    secrets = {"client_secret": made.client_secret, "webhook_secret": made.webhook_secret, "pem": made.pem}
    return GitHubApp.objects.create(url=url, reach=reach, address=address, made_at=now, **names, **secrets)


def to_redeliver(now: datetime) -> list[GitHubApp]:
    """The Apps whose failed deliveries are to be looked for."""
    before = now - EVERY
    return [
        app
        for app in GitHubApp.objects.all()
        if app.deliveries_read_at is None or app.deliveries_read_at <= before
    ]


def redeliver(row: GitHubApp, app: App, now: datetime) -> int:
    """Have sent again what failed since the last look. Returns how many; raises nothing, the next turn comes soon."""
    since = max(now - KEPT, (row.deliveries_read_at or row.made_at) - OVERLAP)
    try:
        again = app.redeliver(since)
    except ForgeError as error:
        GitHubApp.objects.filter(pk=row.pk).update(trouble=str(error))
        return 0
    GitHubApp.objects.filter(pk=row.pk).update(deliveries_read_at=now, trouble="")
    return again
