"""What a quote carries: the discount of who pays as last read, who gets it, and the operator's margin."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from billing import price_parts, quotes
from billing.models import Price, Quote
from runners.jobs.labels import NAMED
from tests.builders import NOON, a_price, a_quote, a_twin, a_wallet
from tfci.core.tft import Tft
from tfci.grid.ports import Prices

pytestmark = pytest.mark.django_db
SMALL = NAMED["small"]
LEVEL_40 = Tft.parse("9180")  # six months of a small


@dataclass(frozen=True)
class OnNode:
    node_id: int = 7
    certified: bool = False


def holding(usable=LEVEL_40, stash=0, read_at=NOON):
    """A wallet whose payer has that."""
    return a_wallet(twin=a_twin(usable=usable, stash=stash, holdings_read_at=read_at))


def reading(wallet=None):
    return quotes.prices("simulated", wallet and wallet.team_id)


def test_a_team_gets_the_discount_of_who_pays_for_it():
    a_price()
    at = reading(holding())
    assert (at.discount_percent(SMALL), quotes.per_hour(SMALL, at, certified=False)) == (
        40,
        Tft.parse("1.275"),
    )
    assert at.discount_percent(NAMED["medium"]) == 30  # each contract is looked at by itself


def test_certified_nodes_have_the_level_of_others():
    a_price()
    at = reading(holding())
    assert quotes.per_hour(SMALL, at, certified=True) == Tft.parse("2.65625").share(60, 100)


def test_the_stash_counts_and_may_be_all_there_is():
    a_price()
    assert reading(holding(Tft(), LEVEL_40)).discount_percent(SMALL) == 40
    assert reading(holding(Tft(LEVEL_40 - 1), Tft(1))).discount_percent(SMALL) == 40
    assert reading(holding(Tft(LEVEL_40 - 1))).discount_percent(SMALL) == 30


def test_visitors_see_no_discount():
    a_price()
    holding()
    assert reading().discount_percent(SMALL) == 0


@pytest.mark.parametrize(
    "wallet",
    [
        lambda: a_wallet(twin=a_twin()),  # not read yet
        lambda: holding(read_at=NOON - timedelta(hours=1, seconds=1)),
        lambda: a_wallet(twin=a_twin(network="local", usable=LEVEL_40, stash=0, holdings_read_at=NOON)),
    ],
    ids=["unread", "old", "another grid"],
)
def test_what_was_not_read_with_the_prices_gives_none(wallet):
    a_price()
    assert reading(wallet()).discount_percent(SMALL) == 0


def test_before_the_first_reading_there_are_no_prices():
    assert reading(holding()) is None


@pytest.mark.parametrize(
    ("to_team", "margin", "per_hour"),
    [
        (100, 0, "1.275"),
        (0, 0, "2.125"),
        (50, 0, "1.7"),
        (100, 10, "1.4875"),
        (50, 5, "1.80625"),
        (0, 100, "4.25"),
    ],
)
def test_the_operator_chooses_who_gets_it_and_adds_a_margin(settings, to_team, margin, per_hour):
    settings.DISCOUNT_TO_TEAM, settings.MARGIN = to_team, margin
    a_price()
    at = reading(holding())
    [made] = quotes.quote([(SMALL, OnNode())], at, NOON)
    kept = Quote.objects.get(pk=made.pk)
    assert kept.per_hour == Tft.parse(per_hour) == quotes.parts(kept).per_hour
    assert (kept.discount_percent, kept.discount_to_team, kept.margin_percent) == (40, to_team, margin)
    assert kept.prices_read_at == NOON


def test_a_quote_shows_the_parts_that_it_was_ordered_with(settings):
    settings.DISCOUNT_TO_TEAM, settings.MARGIN = 50, 5
    a_price()
    at = reading(holding())
    [made] = quotes.quote([(SMALL, OnNode(certified=True))], at, NOON + timedelta(minutes=1))
    now, fixed = price_parts.of_size(SMALL, at, certified=True), price_parts.of_quote(made)
    assert (fixed.list_price, fixed.discount, fixed.margin) == (now.list_price, now.discount, now.margin)
    assert fixed.per_hour == fixed.list_price - fixed.discount + fixed.margin
    assert (fixed.certified_percent, fixed.fixed_at) == (125, NOON + timedelta(minutes=1))
    assert (now.holdings_read_at, now.on_certified) == (NOON, None)


def test_a_quote_from_before_is_its_list_price():
    parts = price_parts.of_quote(Quote.objects.get(pk=a_quote().pk))
    assert (parts.list_price, parts.per_hour) == (Tft.parse("2.125"), Tft.parse("2.125"))
    assert (parts.discount_percent, parts.discount_to_team, parts.margin_percent) == (0, 0, 0)
    assert parts.prices_read_at is None


def test_readings_are_dated_from_their_first_to_their_last():
    for minutes, musd in ((0, 10), (2, 10), (4, 11), (6, 11)):
        at = NOON + timedelta(minutes=minutes)
        quotes.note_prices("simulated", Prices(100_000, 50_000, musd, at))
    rows = Price.objects.order_by("pk").values_list("tft_musd", "first_read_at", "read_at")
    minute = timedelta(minutes=1)
    assert list(rows) == [(10, NOON, NOON + 2 * minute), (11, NOON + 4 * minute, NOON + 6 * minute)]
