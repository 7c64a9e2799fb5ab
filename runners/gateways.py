"""The outside, handed down from doors: real for them, fakes for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from billing import wallets
from tfci.forges import app_registry, registry
from tfci.forges.app_ports import App
from tfci.forges.models import GitHubApp, LinkedOrg
from tfci.forges.ports import Forge
from tfci.forges.scale_set_ports import ScaleSets
from tfci.grid.ports import Chain, Deployer


@dataclass(frozen=True, slots=True)
class World:
    """How to reach a forge, a twin's account on the grid, and the time after a long outside call."""

    forge: Callable[[LinkedOrg], Forge]
    account: Callable[[object], Deployer | Chain]  # of a billing Twin
    clock: Callable[[], datetime]
    app: Callable[[GitHubApp], App] = app_registry.app
    scale_sets: Callable[[LinkedOrg], ScaleSets] = registry.scale_sets


# Real forges, real grids, the real clock: what doors hand down. Tests put a fake in its place.
WORLD = World(forge=registry.forge, account=wallets.account, clock=timezone.now)
