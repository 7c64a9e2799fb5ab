"""Prices by API: what they are made of adds up, and says how old it is."""

import pytest

from tests.builders import NOON, a_price, a_twin, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def test_the_parts_of_a_price_add_up(reader, team, settings):
    settings.DISCOUNT_TO_TEAM, settings.MARGIN = 50, 5
    a_price()
    a_wallet(team, twin=a_twin(usable=Tft.parse("9180"), stash=0, holdings_read_at=NOON))
    said = reader.get("/prices").said
    assert said["size"] == "2cpu8gbram50gbssd"
    assert said["uncertified"] == {
        "compute_units": "2",
        "cu_usd": "0.01",
        "storage_units": "0.25",
        "su_usd": "0.005",
        "certified_percent": 100,
        "list_usd": "0.02125",
        "tft_usd": "0.01",
        "list_price": "2.1250000",
        "discount_percent": 40,
        "discount_to_team": 50,
        "discount": "0.4250000",
        "margin_percent": 5,
        "margin": "0.1062500",
        "per_hour": "1.8062500",
        "prices_read_at": "2026-06-01T12:00:00.000Z",
        "holdings_read_at": "2026-06-01T12:00:00.000Z",
        "fixed_at": None,
    }
    certified = said["certified"]
    assert (certified["certified_percent"], certified["list_price"]) == (125, "2.6562500")


def test_before_prices_are_read_there_are_none(reader):
    said = reader.get("/prices", size="4x").said
    assert (said["uncertified"], said["certified"]) == (None, None)


def test_a_size_that_makes_no_sense_is_refused(reader):
    assert "huge" in reader.get("/prices", size="huge").problem(422)
