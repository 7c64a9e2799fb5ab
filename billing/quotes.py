"""What a VM will cost: fixed when it is ordered, for its life. Prices are the chain's, as last read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeAlias

from billing import pricing
from billing.models import Price, Quote
from tfci.core.tft import Tft
from tfci.grid.ports import Prices

Reading: TypeAlias = Price  # a reading of the chain's prices: the name for other apps


class Sized(Protocol):
    """What has the size of a VM."""

    @property
    def cpu(self) -> int: ...
    @property
    def memory_gb(self) -> int: ...
    @property
    def disk_gb(self) -> int: ...


class PricedNode(Protocol):
    """A node's identity and certification."""

    @property
    def node_id(self) -> int: ...
    @property
    def certified(self) -> bool: ...


def prices(network: str) -> Price | None:
    """The newest reading; None before the first."""
    return Price.objects.filter(network=network).order_by("-read_at", "-pk").first()


def note_prices(network: str, read: Prices) -> None:
    """Keep a reading where it changed anything, else only that it still holds."""
    values = {name: getattr(read, name) for name in ("cu", "su", "tft_musd", "certified_percent")}
    newest = prices(network)
    if newest and values == {name: getattr(newest, name) for name in values}:
        Price.objects.filter(pk=newest.pk).update(read_at=read.read_at)
    else:
        Price.objects.create(network=network, read_at=read.read_at, **values)


def per_hour(size: Sized, at: Price, *, certified: bool) -> Tft:
    """What a VM of that size (cpu, memory_gb, disk_gb) costs at these prices."""
    usd = pricing.usd_per_hour(size.cpu, size.memory_gb, size.disk_gb, at, certified=certified)
    return pricing.tft_per_hour(usd, at.tft_musd)


def hourly_prices(size: Sized, at: Price | None) -> dict[bool, Tft]:
    """The same by whether its node is certified; {} where no price was read."""
    return {kind: per_hour(size, at, certified=kind) for kind in (False, True)} if at else {}


def quote(wanted: Iterable[tuple[Sized, PricedNode]], at: Price, now: datetime) -> list[Quote]:
    """A Quote for each pair of a size (cpu, memory_gb, disk_gb) and its node (node_id, certified)."""
    return Quote.objects.bulk_create([_quote(size, node, at, now) for size, node in wanted])


def _quote(size: Sized, node: PricedNode, at: Price, now: datetime) -> Quote:
    usd = pricing.usd_per_hour(size.cpu, size.memory_gb, size.disk_gb, at, certified=node.certified)
    return Quote(
        network=at.network,
        node_id=node.node_id,
        cpu=size.cpu,
        memory_gb=size.memory_gb,
        disk_gb=size.disk_gb,
        certified=node.certified,
        cu_price=at.cu,
        su_price=at.su,
        tft_musd=at.tft_musd,
        usd_per_hour=usd,
        per_hour=pricing.tft_per_hour(usd, at.tft_musd),
        at=now,
    )


def cost(quote: Quote, milliseconds: int) -> Tft:
    """What that much time costs under the quote."""
    return pricing.cost(quote.per_hour, milliseconds)
