"""The outside, handed down from doors: real for them, fakes for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from billing import wallets
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.github_apps import app_registry
from tfci.forges.models import Connection, GitHubApp
from tfci.forges.ports.forge import Forge
from tfci.forges.ports.github_app import ForgeApp
from tfci.forges.ports.scale_sets import ScaleSets
from tfci.grid.ports import GridAccount

Ability = TypeVar("Ability")  # a protocol of forges/ports/


@dataclass(frozen=True, slots=True)
class Gateways:
    """How to reach a forge, a twin's account on the grid, and the time after a long outside call."""

    forge: Callable[[Connection], Forge]
    account: Callable[..., GridAccount]  # of a billing Twin
    clock: Callable[[], datetime]
    app: Callable[[GitHubApp], ForgeApp] = app_registry.app
    scale_sets: Callable[[Connection], ScaleSets] = registry.scale_sets

    def forge_that(self, connection: Connection, protocol: type[Ability]) -> Ability:
        """The client as one that implements a protocol of ports/. Raises ForgeRefused where its kind does not."""
        client = registry.implementing(connection, self.forge(connection), protocol)
        if client is None:
            raise ForgeRefused(f"Farmhand can’t do this at {registry.kind(connection.forge).title}.")
        return client


# Real forges, real grids, the real clock: what doors hand down. Tests put a fake in its place.
GATEWAYS = Gateways(forge=registry.forge, account=wallets.account, clock=timezone.now)
