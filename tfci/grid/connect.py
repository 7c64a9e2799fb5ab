"""Settings and a secret -> the clients of a grid: the only place that chooses one."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from tfci.fetch import Policy
from tfci.grid.clients import local, simulated
from tfci.grid.ports import Catalog, Chain, Deployer
from tfci.secret import Secret

POLICY = Policy(allow_private=True)  # the operator's own setting, not a stranger's


@dataclass(frozen=True, slots=True)
class Kind:
    account: Callable[..., Deployer | Chain]
    catalog: Callable[..., Catalog]
    clean_reboot: bool = False  # a machine that reboots starts from an image that no guest can write


KINDS = {
    "simulated": Kind(simulated.Account, simulated.Proxy, clean_reboot=True),
    "local": Kind(local.Account, local.Proxy, clean_reboot=True),
}


def network() -> str:
    """The one grid that this installation deploys on."""
    return "simulated" if settings.GRID == "auto" else settings.GRID


def isolates() -> bool:
    """Whether a job on it is kept from the computer that it runs on."""
    return network() != "simulated"


def reboots_clean() -> bool:
    """Whether its driver starts a machine that reboots from an untouched image, without what was written before."""
    return KINDS[network()].clean_reboot


def account(secret: Secret) -> Deployer | Chain:
    """The client of one chain account: deploys, and knows its money."""
    return KINDS[network()].account(settings.GRID_URL, secret, POLICY)


def catalog() -> Catalog:
    """What the grid offers."""
    return KINDS[network()].catalog(settings.GRID_URL, POLICY)
