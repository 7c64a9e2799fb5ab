"""Teams that are being deleted: pools and servers close, organisations unlink, and then the team is gone."""

from datetime import datetime

from billing.withdrawals import requests
from runners.connections import linking
from runners.models import VM, Pool, Server
from runners.pools import changes
from runners.queue.effects import Effects
from runners.servers import reconcile
from runners.vms import own_twins
from tfci.accounts import teams
from tfci.accounts.models import Team
from tfci.forges.models import Connection

WHO = "Farmhand"


def due() -> list[Team]:
    """Those that somebody has deleted and that still have something to drain."""
    return list(Team.objects.filter(closed_at=None).exclude(closing_at=None))


def step(team: Team, now: datetime) -> Effects:
    """Close what is open and, once nothing is left, end the team. The sweep drains what was closed."""
    effects = Effects()
    for pool in Pool.objects.of(team).filter(closing_at=None):
        effects.add(changes.close(pool, WHO, now))
    for connection in Connection.objects.of(team).filter(disconnecting_at=None, disconnected_at=None):
        linking.disconnect(connection, WHO, now)
    for server in Server.objects.of(team).filter(closing_at=None):
        reconcile.end(server, WHO, now)
    if not left(team):
        own_twins.remove(team, WHO, now)
        teams.end(team, now)
    return effects


def left(team: Team) -> bool:
    """Whether anything of it is still there: a pool, a server, a link, a VM, TFT that somebody pays out."""
    return (
        Server.objects.of(team).filter(closed_at=None).exists()
        or Pool.objects.of(team).filter(closed_at=None).exists()
        or Connection.objects.of(team).filter(disconnected_at=None).exists()
        or VM.objects.filter(team=team).alive().exists()
        or requests.open_of(team) is not None
    )
