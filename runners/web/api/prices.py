"""What VMs cost the team, and what these prices are made of."""

from dataclasses import asdict
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from billing import price_parts, quotes
from runners.jobs.labels import Size
from runners.web.api import problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Text, Tft, Time
from tfci.accounts.requests import TokenRequest
from tfci.grid.registry import network

router = Router()
READ = Bearer("nodes.read")


class PricesQuery(Schema):
    size: Text = Field("small", description="VM size: a name or a full size.")


class PriceShown(Schema):
    """What the price of an hour is made of: `list_price` - `discount` + `margin` = `per_hour`."""

    compute_units: str
    cu_usd: str = Field(description="USD per compute unit and hour.")
    storage_units: str
    su_usd: str = Field(description="USD per storage unit and hour.")
    certified_percent: int = Field(description="100, or what a certified node costs in percent.")
    list_usd: str = Field(description="The chain's list price in USD per hour.")
    tft_usd: str = Field(description="USD per TFT.")
    list_price: Tft
    discount_percent: int = Field(description="The chain's discount for the account that pays.")
    discount_to_team: int = Field(description="Percent of that discount that the team gets.")
    discount: Tft = Field(description="What the team gets of it.")
    margin_percent: int = Field(description="The operator's margin in percent of the list price.")
    margin: Tft
    per_hour: Tft
    prices_read_at: Time | None = Field(description="When the chain's prices were read.")
    holdings_read_at: Time | None = Field(description="When the balance for the discount was read.")
    fixed_at: Time | None = Field(description="When the price was fixed for the life of a VM.")


class PricesShown(Schema):
    size: str
    uncertified: PriceShown | None = Field(description="Null until prices were read.")
    certified: PriceShown | None = Field(description="On a certified node.")


@router.get("", auth=READ, response={200: PricesShown} | problems.responses())
def read_prices(request: TokenRequest, query: Query[PricesQuery]) -> dict[str, Any]:
    """What a VM of that size costs if it is ordered now, and what the price is made of."""
    try:
        size = Size.parse(query.size)
    except ValueError as error:
        raise problems.invalid({"size": [f"{error}."]}) from None
    at = quotes.prices(network(), request.team.pk)
    return {
        "size": str(size),
        "uncertified": shown(price_parts.of_size(size, at)) if at else None,
        "certified": shown(price_parts.of_size(size, at, certified=True)) if at else None,
    }


def shown(price: price_parts.PriceComposition) -> dict[str, Any]:
    """As PriceShown."""
    decimals = ("compute_units", "cu_usd", "storage_units", "su_usd", "list_usd", "tft_usd")
    return asdict(price) | {name: f"{getattr(price, name):f}" for name in decimals}
