"""What a VM costs now, by the newest reading of the chain's prices, for a visitor: without a discount."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from billing import pricing, quotes
from billing.quotes import Reading
from runners.jobs.labels import Size
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.pages.cache import cached

MINUTE = 60_000  # milliseconds
USD = 10_000_000  # the chain's units in a dollar
HOURS = 720  # of a month, as the chain's monthly prices are meant


@dataclass(frozen=True, slots=True)
class Cost:
    """TFT, and the same in USD, for people to compare."""

    tft: Tft
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices at one moment."""

    prices: Reading

    @property
    def read_at(self) -> datetime:
        return self.prices.read_at

    @property
    def tft_usd(self) -> Decimal:
        """USD for a TFT."""
        return Decimal(self.prices.tft_musd) / 1000

    @property
    def cu_usd(self) -> Decimal:
        """USD an hour for a compute unit."""
        return Decimal(self.prices.cu) / USD

    @property
    def su_usd(self) -> Decimal:
        return Decimal(self.prices.su) / USD

    def hour(self, size: Size, *, certified: bool = False) -> Tft:
        return quotes.per_hour(size, self.prices, certified=certified)

    def cost(self, size: Size, milliseconds: int, *, certified: bool = False) -> Cost:
        """Of one VM for that time."""
        tft = pricing.cost(self.hour(size, certified=certified), milliseconds)
        return Cost(tft, Decimal(pricing.usd(tft, self.prices.tft_musd)) / USD)

    def minute(self, size: Size, *, certified: bool = False) -> Cost:
        return self.cost(size, MINUTE, certified=certified)

    def under(self, cu_usd_month: int, su_usd_month: int) -> "Rates":
        """The same TFT under another policy, whose prices are in USD a month."""
        cu, su = (round(usd * USD / HOURS) for usd in (cu_usd_month, su_usd_month))
        return Rates(replace(self.prices, cu=cu, su=su))


def now() -> Rates | None:
    """By the newest reading, at most a minute old; None before the first."""
    return cached("rates", _newest)


def _newest() -> Rates | None:
    at = quotes.prices(registry.network())
    return Rates(at) if at else None


def made_up() -> str:
    """This installation's grid where its chain and prices are made up: "simulated" or "local"; else ""."""
    return registry.network() if registry.network() in ("simulated", "local") else ""
