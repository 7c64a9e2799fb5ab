"""The outside, handed down to the rooms: real for doors, fakes for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from billing import wallets
from tfci.forges import app_connect, connect
from tfci.forges.app_ports import App
from tfci.forges.models import GitHubApp, LinkedOrg
from tfci.forges.ports import Forge
from tfci.forges.scale_set_ports import ScaleSets
from tfci.grid.ports import Chain, Deployer


@dataclass(frozen=True, slots=True)
class World:
    """How a room reaches a forge, a twin's account on the grid, and the time after a long outside call."""

    forge: Callable[[LinkedOrg], Forge]
    account: Callable[[object], Deployer | Chain]  # of a billing Twin
    clock: Callable[[], datetime]
    app: Callable[[GitHubApp], App] = app_connect.app
    scale_sets: Callable[[LinkedOrg], ScaleSets] = connect.scale_sets


def real(clock: Callable[[], datetime]) -> World:
    return World(forge=connect.forge, account=wallets.account, clock=clock)
