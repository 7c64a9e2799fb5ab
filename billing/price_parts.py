"""What a price is made of, for people: units, certification, list price, discount, margin, and how old each is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from billing import pricing, quotes
from billing.models import Quote
from billing.quotes import Reading, Sized
from tfci.core.tft import UNIT, Tft


@dataclass(frozen=True, slots=True)
class PriceComposition:
    """Of an hour of one VM. `certified_percent` is 100 on any other node. A price that is fixed has `fixed_at`; one
    that is not says in `on_certified` what it would be there, unless it is that itself."""

    compute_units: Decimal
    cu_usd: Decimal
    storage_units: Decimal
    su_usd: Decimal
    certified_percent: int
    list_usd: Decimal
    tft_usd: Decimal
    list_price: Tft
    discount_percent: int
    discount_to_team: int
    discount: Tft
    margin_percent: int
    margin: Tft
    per_hour: Tft
    on_certified: Tft | None
    prices_read_at: datetime | None
    holdings_read_at: datetime | None
    fixed_at: datetime | None

    @property
    def compute_usd(self) -> Decimal:
        return self.compute_units * self.cu_usd

    @property
    def storage_usd(self) -> Decimal:
        return self.storage_units * self.su_usd


@dataclass(frozen=True, slots=True)
class DiscountLevel:
    """What an account gets for a VM of a size: `months` of its list price that the account holds."""

    size: str
    months: float
    percent: int


def discount_levels(held: Tft, at: Reading, sizes: Mapping[str, Sized]) -> list[DiscountLevel]:
    """Of an account that holds so much, with its stash."""
    payer, levels = replace(at, held=held), []
    for name, size in sizes.items():
        month = payer.parts(size, certified=False).list_price * pricing.MONTH
        levels.append(DiscountLevel(name, held / month, payer.discount_percent(size)))
    return levels


def of_size(size: Sized, at: Reading, *, certified: bool = False) -> PriceComposition:
    """What a VM costs if it is ordered now."""
    parts = at.parts(size, certified=certified)
    return PriceComposition(
        compute_units=_decimal(pricing.compute_units(size.cpu, size.memory_gb)),
        cu_usd=_dollars(at.cu),
        storage_units=_decimal(pricing.storage_units(size.disk_gb)),
        su_usd=_dollars(at.su),
        certified_percent=at.certified_percent if certified else 100,
        list_usd=_dollars(at.usd_per_hour(size, certified=certified)),
        tft_usd=Decimal(at.tft_musd) / pricing.MUSD_PER_USD,
        list_price=parts.list_price,
        discount_percent=at.discount_percent(size),
        discount_to_team=at.to_team,
        discount=parts.discount,
        margin_percent=at.margin,
        margin=parts.margin,
        per_hour=parts.per_hour,
        on_certified=None if certified else quotes.per_hour(size, at, certified=True),
        prices_read_at=at.read_at,
        holdings_read_at=at.holdings_read_at,
        fixed_at=None,
    )


def of_quote(quote: Quote) -> PriceComposition:
    """What a VM costs for its life."""
    parts = quotes.parts(quote)
    units = pricing.compute_units(quote.cpu, quote.memory_gb), pricing.storage_units(quote.disk_gb)
    plain = units[0] * quote.cu_price + units[1] * quote.su_price
    return PriceComposition(
        compute_units=_decimal(units[0]),
        cu_usd=_dollars(quote.cu_price),
        storage_units=_decimal(units[1]),
        su_usd=_dollars(quote.su_price),
        certified_percent=round(100 * quote.usd_per_hour / plain) if quote.certified and plain else 100,
        list_usd=_dollars(quote.usd_per_hour),
        tft_usd=Decimal(quote.tft_musd) / pricing.MUSD_PER_USD,
        list_price=parts.list_price,
        discount_percent=quote.discount_percent,
        discount_to_team=quote.discount_to_team,
        discount=parts.discount,
        margin_percent=quote.margin_percent,
        margin=parts.margin,
        per_hour=quote.per_hour,
        on_certified=None,
        prices_read_at=quote.prices_read_at,
        holdings_read_at=None,
        fixed_at=quote.at,
    )


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator


def _dollars(units: int) -> Decimal:
    """1e-7 USD, of which a dollar has as many as a TFT has units."""
    return Decimal(units) / UNIT
