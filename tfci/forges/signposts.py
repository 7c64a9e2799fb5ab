"""Keep each connection's signpost online, so that a waiting job does not look broken at its forge.

A signpost is a registration that never takes a job (docs/design/design.md, 4).
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from tfci.core.optional import present
from tfci.core.vault import instance
from tfci.forges import registry
from tfci.forges.errors import Busy, ForgeError, Gone, Unreachable
from tfci.forges.models import Connection
from tfci.forges.ports.forge import Forge, ShowsSignposts
from tfci.forges.problems import stored

EVERY = timedelta(seconds=30)  # a runner is offline 60 s after its last call
MAX_LABELS = 200


def due(now: datetime) -> QuerySet[Connection]:
    """The connections whose signpost must call now."""
    late = Q(signpost_at=None) | Q(signpost_at__lte=now - EVERY)
    due = Connection.objects.filter(
        late, Connection.callable_at(now), disconnecting_at=None, disconnected_at=None
    )
    return due.exclude(signpost_labels=[])


def show(connection: Connection, labels: list[str]) -> bool:
    """Let it show these labels too, soon. Only labels that a pool accepted. True if there were new ones."""
    if not registry.kind(connection.forge).implements(ShowsSignposts):
        return False
    new = [label for label in labels if label not in connection.signpost_labels]
    if not new:
        return False
    connection.signpost_labels = (connection.signpost_labels + new)[-MAX_LABELS:]
    Connection.objects.filter(pk=connection.pk).update(
        signpost_labels=connection.signpost_labels, signpost_at=None
    )
    return True


def renew(connection: Connection, forge: Forge, now: datetime) -> None:
    """Keep it online with its labels; create it if there is none. Raises nothing: the next turn comes soon."""
    client = registry.implementing(connection, forge, ShowsSignposts)
    if client is None:
        return
    try:
        if connection.signpost_id:
            client.declare(present(connection.signpost_credential), connection.signpost_labels)
        else:
            _make(connection, forge, client)
    except Gone:
        Connection.objects.filter(pk=connection.pk).update(
            signpost_id="", signpost_credential=None, signpost_at=None
        )
        return
    except (Unreachable, Busy):
        return
    except ForgeError as error:
        Connection.objects.filter(pk=connection.pk).update(signpost_at=now, problems=[stored(error.reason)])
        return
    updated = Connection.objects.filter(pk=connection.pk, signpost_labels=connection.signpost_labels)
    updated.update(signpost_at=now)  # labels that came meanwhile are still to be declared


def _make(connection: Connection, forge: Forge, client: ShowsSignposts) -> None:
    """Check first: one that an earlier try created without storing it would stay for ever."""
    name = f"farmhand-signpost-{instance()}-{connection.pk}"
    lost = forge.find(name)
    if lost:
        forge.remove_runner(lost.runner_id)
    made = client.signpost(name, connection.signpost_labels)
    Connection.objects.filter(pk=connection.pk).update(
        signpost_id=made.runner_id, signpost_credential=made.credential
    )
    client.declare(made.credential, connection.signpost_labels)
