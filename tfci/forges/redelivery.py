"""Request redelivery of webhooks that a forge could not deliver, of Apps and of connections."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from tfci.core.reasons import columns
from tfci.forges import registry
from tfci.forges.errors import Busy, ForgeError
from tfci.forges.models import Connection, GitHubApp
from tfci.forges.ports.forge import RedeliversWebhooks
from tfci.forges.ports.github_app import ForgeApp

KEPT = timedelta(days=3)  # for which GitHub can send a delivery again; an Enterprise Server for 7
OVERLAP = timedelta(hours=1)  # what was tried so lately may fail again
EVERY = timedelta(minutes=5)


def apps(now: datetime) -> list[GitHubApp]:
    """Apps whose failed deliveries are due for a check."""
    return list(GitHubApp.objects.filter(_due(now)))


def due(now: datetime) -> list[Connection]:
    """Connections with a webhook of their own at a forge that can redeliver, which are due for a check."""
    own = Connection.objects.filter(installation=None, disconnecting_at=None, disconnected_at=None).exclude(
        hook_id=""
    )
    able = registry.kinds_implementing(RedeliversWebhooks)
    return list(own.filter(_due(now), forge__in=able, way=Connection.Way.WEBHOOK))


def _due(now: datetime) -> Q:
    return Q(deliveries_read_at=None) | Q(deliveries_read_at__lte=now - EVERY)


def of_app(row: GitHubApp, app: ForgeApp, now: datetime) -> int:
    """Request redelivery of what failed since the last check. Returns how many; raises nothing."""
    try:
        count = app.redeliver(_since(row.deliveries_read_at or row.made_at, now))
    except Busy:
        return 0
    except ForgeError as error:
        GitHubApp.objects.filter(pk=row.pk).update(**columns(error.reason, "problem"))
        return 0
    GitHubApp.objects.filter(pk=row.pk).update(deliveries_read_at=now, **columns(None, "problem"))
    return count


def of_connection(
    connection: Connection, forge_of: Callable[[Connection], RedeliversWebhooks], now: datetime
) -> int:
    """The same for a connection. Its own check reports errors."""
    try:
        count = forge_of(connection).redeliver(
            connection.hook_id, _since(connection.deliveries_read_at or connection.connected_at, now)
        )
    except ForgeError:
        return 0
    Connection.objects.filter(pk=connection.pk).update(deliveries_read_at=now)
    return count


def _since(read_at: datetime, now: datetime) -> datetime:
    return max(now - KEPT, read_at - OVERLAP)
