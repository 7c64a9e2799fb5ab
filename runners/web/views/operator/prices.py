"""Prices: the chain's as last read, who gets the discounts, the margin, and the discount of each chain account."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from billing import accounts, chain_bills, price_parts, pricing, quotes, verification
from billing.price_parts import DiscountLevel
from runners.jobs.labels import NAMED
from runners.metering import bill_comparison
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core.tft import Tft
from tfci.grid import registry


@dataclass(frozen=True, slots=True)
class HoldingsRow:
    twin_id: int
    usable: Tft
    stash: Tft
    read_at: datetime
    levels: list[DiscountLevel]


@dataclass(frozen=True, slots=True)
class ComparedBills:
    """What the chain billed and what was charged for it, with the causes of the difference."""

    billed: Tft
    charged: Tft
    causes: list[tuple[str, Tft]]


@operator
def prices(request: SignedInRequest) -> HttpResponse:
    at = quotes.prices(registry.network())
    small = NAMED["small"]
    context = {
        "at": at,
        "made_of": price_parts.of_size(small, at) if at else None,
        "to_team": settings.DISCOUNT_TO_TEAM,
        "kept": 100 - settings.DISCOUNT_TO_TEAM,
        "margin": settings.MARGIN,
        "steps": [(float(months), percent) for months, percent in pricing.DISCOUNTS],
        "verified": (checked := verification.newest()),
        "bills": _bills(checked.bills) if checked and checked.bills else None,
        "read_to": chain_bills.read_to(),
        "rows": [_row(one, at) for one in accounts.holdings()] if at else [],
    }
    return render(request, "operator/prices.html", context)


def _bills(sums: dict[str, int]) -> ComparedBills:
    causes = [(gettext(name), Tft(sums[cause])) for cause, name in bill_comparison.CAUSES.items()]
    return ComparedBills(Tft(sums["billed"]), Tft(sums["charged"]), causes)


def _row(found: accounts.AccountHoldings, at: quotes.Reading) -> HoldingsRow:
    levels = price_parts.discount_levels(found.usable + found.stash, at, NAMED)
    return HoldingsRow(found.twin_id, found.usable, found.stash, found.read_at, levels)
