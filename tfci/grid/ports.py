"""What Farmhand needs from the place where VMs run, in Farmhand's terms.

A grid is one file in drivers/ that implements these protocols, and passes
tests/contracts/test_grids.py. Memory in MiB, disk in GiB, money in 1e-7 TFT,
prices in 1e-7 USD an hour as the chain writes them, times with a zone.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid.reasons import AccountLacksFunds, GridFailed, GridSilent

MIN_BALANCE = Tft(
    2 * UNIT
)  # that an account must be able to spend before it deploys, as ThreeFold's programs want it


class GridError(Exception):
    """The grid refused or failed; str() is the sentence of its reason."""

    reason_type: ClassVar[type[GridFailed | GridSilent | AccountLacksFunds]] = GridFailed

    def __init__(self, reason: Reason | str) -> None:
        """A message of the grid itself becomes a reason of `reason_type`."""
        self.reason = reason if isinstance(reason, Reason) else type(self).reason_type(reason)
        super().__init__(str(self.reason))


class Unavailable(GridError):
    """No answer from chain, proxy or process; the same call may go through later."""

    reason_type = GridSilent


class OutOfFunds(GridError):
    """The account can't pay for the call."""

    reason_type = AccountLacksFunds


@dataclass(frozen=True, slots=True)
class Within:
    """Any node of these will do: a region ("": all), certified ones alone or any."""

    region: str = ""
    certified: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One VM to deploy. `name` comes from our own ids: asking twice makes one VM. `within`: where it may
    stand instead of on `node_id`, if the grid can then make several at once; None where it must stand there."""

    name: str
    node_id: int
    cpu: int
    memory: int
    disk: int
    environment: Mapping[str, Secret] = field(default_factory=dict)
    image: str = ""
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """A VM that the grid has: it holds contracts and is being paid for."""

    name: str
    node_id: int
    contract_ids: tuple[int, ...]
    created_at: datetime  # of the contract, in chain time: charging starts here
    addresses: Mapping[str, str] = field(
        default_factory=dict, compare=False
    )  # a grid may show them only once
    running: bool = True  # False: the grid says the VM is dead; the contract still costs


@dataclass(frozen=True, slots=True)
class Refusal:
    """One VM that was not deployed, nothing of it is left, and why."""

    name: str
    reason: Reason
    node_at_fault: bool = True
    opted_out: bool = False  # the node's farmer has taken it off this chain, for good


@dataclass(frozen=True, slots=True)
class Removed:
    """A VM whose contracts are cancelled for certain. `ended_at` in chain time: charging ends here."""

    name: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class FarmSeen:
    farm_id: int
    name: str
    certified: bool = False
    dedicated: bool = False


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """One node as the grid shows it. cru in threads, mru MiB, sru GiB; free_mru is what can still be given."""

    node_id: int
    farm_id: int
    farm_name: str
    country: str
    region: str
    city: str
    up: bool
    healthy: bool
    certified: bool
    dedicated: bool
    total_cru: int
    total_mru: int
    total_sru: int
    used_cru: int
    used_mru: int
    used_sru: int
    free_cru: int
    free_mru: int
    free_sru: int
    uptime: int = 0  # seconds
    longitude: float | None = None
    latitude: float | None = None
    price_usd: float | None = None  # the whole node a month, as the grid lists it
    features: tuple[str, ...] = ()
    standby: bool = False  # asleep; whoever rents it wakes it
    total_hru: int = 0
    used_hru: int = 0
    num_gpu: int = 0
    rented: bool = False  # as a whole, by somebody
    rentable: bool = False
    gateway: bool = False  # it has a domain of its own
    ipv6: bool = False
    free_ips: int = 0  # public IPv4 addresses that its farm has left
    upload: int = 0  # bits a second, as it measured them
    download: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """The chain's price of things now: 1e-7 USD an hour for a compute and a storage unit; a TFT in 1e-3 USD."""

    cu: int
    su: int
    tft_musd: int
    read_at: datetime
    certified_percent: int = 125


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an account has that counts for its discount: what it can spend, and what its bonded stash can. `reserved`:
    what is held back for bills until they are paid out."""

    usable: Tft
    stash: Tft
    reserved: Tft
    read_at: datetime  # in chain time, as the prices are


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Whether an account can deploy. `twin_id`: None where it has none on this network. `verified`: its owner, by KYC;
    False without a twin. `signing`: an act of it is not final yet, so somebody signs with it at this moment."""

    address: str
    twin_id: int | None
    accepted_terms: bool
    verified: bool
    signing: bool
    holdings: Holdings


DISCOUNT_LEVELS = {
    "None": 0,
    "Default": 20,
    "Bronze": 30,
    "Silver": 40,
    "Gold": 60,
}  # the chain's names, in percent


@dataclass(frozen=True, slots=True)
class Bill:
    """What the chain took for one contract in one billing. `tft_musd`: the price of a TFT that it went by, where the
    grid tells. `final`: the contract has ended, and no other comes."""

    contract_id: int
    amount: Tft
    at: datetime
    discount_percent: int = 0
    tft_musd: int | None = None
    final: bool = False


class Deployer(Protocol):
    """Acts of one chain account. The caller holds that account's signing lease while it calls."""

    def deploy(self, orders: Sequence[Order]) -> list[Deployment | Refusal]:
        """One batch; an answer, in any order, for each order that was tried. Call again for the others.

        An order whose name is already deployed answers with what is there. Raises
        Unavailable or OutOfFunds if the state of the batch is unknown: list_vms() then shows it.
        """

    def list_vms(self, prefix: str) -> list[Deployment]:
        """All this account's VMs whose name starts with prefix, dead ones too."""

    def remove(self, names: Sequence[str]) -> list[Removed]:
        """Cancel all contracts of these VMs in one batch; a name that the chain has
        cancelled already answers with its end. A name missing from the answer is still there."""


class Catalog(Protocol):
    """What the grid offers."""

    def nodes(self) -> Iterator[NodeSeen]: ...

    def farms(self) -> Iterable[FarmSeen]: ...


class Chain(Protocol):
    """One account's money on the chain, and the prices for all."""

    def now(self) -> datetime:
        """The chain's time."""

    def balance(self) -> Tft:
        """What the account can still spend."""

    def holdings(self) -> Holdings:
        """What the chain compares with a contract's monthly cost."""

    def prices(self) -> Prices:
        """Raises Unavailable while the chain has no price of a TFT."""

    def bills(self, since: datetime, complete: Container[int] = ()) -> list[Bill]:
        """What the chain took from then on, in the order of time; contracts in `complete` need not be asked for. A bill
        may be reported late. What an account that ran dry paid in part is reported with the next full bill."""


class GridAccount(Deployer, Chain, Protocol):
    """One chain account: deploys, and knows its money."""

    def facts(self) -> AccountFacts:
        """What has to be right before it can deploy, also of one that the chain has never seen."""
