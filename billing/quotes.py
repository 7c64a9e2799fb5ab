"""What a VM will cost: fixed when it is ordered, for its life (docs/decisions/price-parts.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from billing import pricing
from billing.models import Price, Quote, Twin, Wallet
from tfci.core.tft import Tft
from tfci.grid.ports import Prices

HOLDINGS_COUNT = timedelta(hours=1)  # for prices that were read so much later at most


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What prices come from: the chain's prices as last read, what their payer held then, and what the operator has
    set. `held` is None where nobody pays yet, and where it was not read with these prices: no discount then."""

    network: str
    cu: int
    su: int
    tft_musd: int
    certified_percent: int
    read_at: datetime
    held: Tft | None
    holdings_read_at: datetime | None
    to_team: int
    margin: int

    def usd_per_hour(self, size: Sized, *, certified: bool) -> int:
        """The list price, in 1e-7 USD."""
        return pricing.usd_per_hour(size.cpu, size.memory_gb, size.disk_gb, self, certified=certified)

    def discount_percent(self, size: Sized) -> int:
        """The chain's level for a VM of that size."""
        if self.held is None:
            return 0
        hour = pricing.tft_per_hour(self.usd_per_hour(size, certified=False), self.tft_musd)
        return pricing.discount_percent(self.held, Tft(hour * pricing.MONTH))

    def parts(self, size: Sized, *, certified: bool) -> pricing.PriceParts:
        """Of an hour."""
        return pricing.parts(
            pricing.tft_per_hour(self.usd_per_hour(size, certified=certified), self.tft_musd),
            discount=self.discount_percent(size),
            to_team=self.to_team,
            margin=self.margin,
        )


def prices(network: str, team_id: int | None = None) -> Reading | None:
    """By the newest reading; None before the first. With a team, less the discount of who pays for it. On its own twin
    it pays what the chain takes: all of the discount is its own, and there is no margin. One query."""
    paying = Wallet.objects.filter(team=team_id).values(payer=Coalesce("own_twin", "twin"))
    payer = Twin.objects.filter(network=network, pk__in=paying)
    row = (
        Price.objects.filter(network=network)
        .annotate(
            usable=Subquery(payer.values("usable")),
            stash=Subquery(payer.values("stash")),
            holdings_read_at=Subquery(payer.values("holdings_read_at")),
            of_team=Subquery(payer.values("team")),
        )
        .order_by("-read_at", "-pk")
        .first()
    )
    if row is None:
        return None
    read_at = row.holdings_read_at
    counts = read_at is not None and row.read_at - read_at <= HOLDINGS_COUNT
    return Reading(
        network,
        row.cu,
        row.su,
        row.tft_musd,
        row.certified_percent,
        row.read_at,
        Tft(row.usable + row.stash) if counts else None,
        read_at if counts else None,
        100 if row.of_team else settings.DISCOUNT_TO_TEAM,
        0 if row.of_team else settings.MARGIN,
    )


def note_prices(network: str, read: Prices) -> None:
    """Keep a reading where it changed anything, else only that it still holds."""
    values = {name: getattr(read, name) for name in ("cu", "su", "tft_musd", "certified_percent")}
    newest = Price.objects.filter(network=network).order_by("-read_at", "-pk").first()
    if newest and values == {name: getattr(newest, name) for name in values}:
        Price.objects.filter(pk=newest.pk).update(read_at=read.read_at)
    else:
        Price.objects.create(network=network, first_read_at=read.read_at, read_at=read.read_at, **values)


def per_hour(size: Sized, at: Reading, *, certified: bool) -> Tft:
    """What a VM of that size (cpu, memory_gb, disk_gb) costs its team."""
    return at.parts(size, certified=certified).per_hour


def hourly_prices(size: Sized, at: Reading | None) -> dict[bool, Tft]:
    """The same by whether its node is certified; {} where no price was read."""
    return {kind: per_hour(size, at, certified=kind) for kind in (False, True)} if at else {}


def quote(wanted: Iterable[tuple[Sized, PricedNode]], at: Reading, now: datetime) -> list[Quote]:
    """A Quote for each pair of a size (cpu, memory_gb, disk_gb) and its node (node_id, certified)."""
    return Quote.objects.bulk_create([_quote(size, node, at, now) for size, node in wanted])


def _quote(size: Sized, node: PricedNode, at: Reading, now: datetime) -> Quote:
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
        usd_per_hour=at.usd_per_hour(size, certified=node.certified),
        discount_percent=at.discount_percent(size),
        discount_to_team=at.to_team,
        margin_percent=at.margin,
        per_hour=per_hour(size, at, certified=node.certified),
        prices_read_at=at.read_at,
        at=now,
    )


def parts(quote: Quote) -> pricing.PriceParts:
    """Of an hour; their sum is the quote's `per_hour`."""
    return pricing.parts(
        pricing.tft_per_hour(quote.usd_per_hour, quote.tft_musd),
        discount=quote.discount_percent,
        to_team=quote.discount_to_team,
        margin=quote.margin_percent,
    )


def cost(quote: Quote, milliseconds: int) -> Tft:
    """What that much time costs under the quote."""
    return pricing.cost(quote.per_hour, milliseconds)
