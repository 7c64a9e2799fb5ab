"""The page on which a team pays in, as people see it."""

import pytest
from django.urls import reverse

from tests.browser import accessibility, chromium, open_page, sideways
from tests.builders import NOON, a_deposit, a_deposit_address, a_team, a_wallet
from tests.people import client_of
from tfci.core.tft import UNIT

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1280, "light")])
def test_the_page_fits_and_shows_what_comes_in(open_page, settings, width, theme):
    settings.BRIDGE = "G" + "A" * 55
    team = a_wallet(a_team("Kestrel Labs")).team
    address = a_deposit_address(team, address="5" + "F" * 47)
    page = open_page(
        client_of("owner", team),
        reverse("deposit", args=[team.slug]),
        viewport={"width": width, "height": 900},
        color_scheme=theme,
    )
    assert accessibility(page) == "" and sideways(page) <= 0
    address.seen = [{"amount": 3 * UNIT, "kind": "mint", "block": 901, "at": NOON.isoformat()}]
    address.save()
    page.get_by_text("Seen, not final").wait_for()
    address.seen = []
    address.save()
    a_deposit(address, "3", kind="mint")
    page.get_by_text("Credited").wait_for()
    assert page.mistakes == []
