"""Settings and a secret -> the clients of a grid: the only place that chooses one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from django.conf import settings

from tfci.core.http_client import Policy
from tfci.core.secret import Secret
from tfci.grid.drivers import local, simulated, simulated_payments
from tfci.grid.drivers.threefold import proxy, tfcmd
from tfci.grid.payment_ports import Payer, PaymentChain
from tfci.grid.ports import Catalog, GridAccount, GridError
from tfci.grid.reasons import ImageNotSet

POLICY = Policy(allow_private=True)  # the operator's own setting, not a user's


def _proxy(name: str, url: str, policy: Policy) -> Catalog:
    """A ThreeFold network's own proxies, unless the operator names another."""
    return proxy.Proxy([url] if url else proxy.addresses(name), policy)


def load() -> ModuleType:
    """ThreeFold's clients. Other grids do without: its chain's library takes 15 MiB and a second, in each process."""
    from tfci.grid.drivers.threefold import clients

    return clients


def _account(name: str, url: str, secret: Secret, policy: Policy) -> GridAccount:
    """An account of a ThreeFold network; at another address than the network's own, if the operator names one."""
    client = load()
    return client.ThreefoldAccount(
        name, client.ThreefoldOptions(settings.TFCMD, settings.FLIST, settings.TFROBOT), url, secret, policy
    )


def _payment_chain(name: str, url: str, policy: Policy) -> PaymentChain:
    return load().ThreefoldPaymentChain(name, url)


def _payer(name: str, url: str, secret: Secret, policy: Policy) -> Payer:
    return load().ThreefoldPayer(name, url, secret)


@dataclass(frozen=True, slots=True)
class GridKind:
    """`needs_image`: the operator sets the image of its VMs. `reachable`: they can be called from elsewhere.
    `on_this_host`: they are programs on this computer, and share its ports."""

    account: Callable[..., GridAccount]
    catalog: Callable[..., Catalog]
    payment_chain: Callable[..., PaymentChain] = simulated_payments.SimulatedPaymentChain
    payer: Callable[..., Payer] = simulated_payments.SimulatedPayer
    wallet: str = simulated_payments.WALLET  # words of an account of play money; "" where TFT is real
    needs_image: bool = False
    one_by_one: bool = False  # on exact nodes; many at once only where the grid may choose them
    reachable: bool = True
    on_this_host: bool = False
    clean_reboot: bool = False  # a VM that reboots starts from an image that no guest can write


KINDS = {
    "simulated": GridKind(
        simulated.SimulatedAccount, simulated.SimulatedCatalog, on_this_host=True, clean_reboot=True
    ),
    "local": GridKind(local.LocalAccount, local.LocalCatalog, reachable=False, clean_reboot=True),
    **{
        name: GridKind(
            partial(_account, name),
            partial(_proxy, name),
            partial(_payment_chain, name),
            partial(_payer, name),
            wallet="",
            needs_image=True,
            one_by_one=True,
        )
        for name in proxy.NETWORKS
    },
}


def network() -> str:
    """The one grid that this installation deploys on."""
    return "simulated" if settings.GRID == "auto" else settings.GRID


def isolates() -> bool:
    """Whether a job on it is kept from the computer that it runs on."""
    return network() != "simulated"


def deploys() -> bool:
    """Whether VMs can be made on it."""
    return bool(settings.FLIST) or not KINDS[network()].needs_image


def image() -> tuple[str, str] | None:
    """The flist that VMs start from and the program in it; None where the operator has set none."""
    if not settings.FLIST or not KINDS[network()].needs_image:
        return None
    return settings.FLIST, tfcmd.ENTRYPOINT


def one_by_one() -> bool:
    """Whether VMs for exact nodes are deployed one after the other."""
    return KINDS[network()].one_by_one


def reachable() -> bool:
    """Whether what a VM serves can be called from elsewhere."""
    return KINDS[network()].reachable


def on_this_host() -> bool:
    """Whether VMs are programs on this computer: with its programs and its ports."""
    return KINDS[network()].on_this_host


def reboots_clean() -> bool:
    """Whether its driver starts a VM that reboots from an untouched image, without what was written before."""
    return KINDS[network()].clean_reboot


def account(secret: Secret) -> GridAccount:
    """The client of one chain account: deploys, and knows its money. Raises GridError where no image is set."""
    if not deploys():
        raise GridError(ImageNotSet(network()))
    return KINDS[network()].account(settings.GRID_URL, secret, POLICY)


def catalog() -> Catalog:
    """What the grid offers."""
    return KINDS[network()].catalog(settings.GRID_URL, POLICY)


def payment_chain() -> PaymentChain:
    """Its chain, to read what moves there."""
    return KINDS[network()].payment_chain(settings.GRID_URL, POLICY)


def payer(secret: Secret) -> Payer:
    """One account of its chain that takes TFT in and pays TFT out."""
    return KINDS[network()].payer(settings.GRID_URL, secret, POLICY)


def practices() -> bool:
    """Whether its TFT is play money."""
    return bool(KINDS[network()].wallet)


def practice_wallet() -> Payer:
    """An account of play money that anybody may pay with, where there is one."""
    return payer(Secret(KINDS[network()].wallet))
