"""The first page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.builders import a_price, a_team
from tests.people import Visitor, client_of

pytestmark = pytest.mark.django_db


def test_strangers_read_what_this_is_for_whom_and_where_to_begin(settings):
    settings.GRANT = "42"
    page = Visitor().get("/").text
    for words in ("A fresh VM for every CI job", "A good fit if", "Not a good fit if", "42 TFT"):
        assert words in page
    assert reverse("account_signup") in page and reverse("account_login") in page


def test_people_who_are_signed_in_come_to_their_team():
    team = a_team("Kestrel Labs")
    assert client_of("viewer", team).get("/").url == reverse("overview", args=[team.slug])


def test_prices_are_those_of_the_newest_reading_and_say_that_they_are_simulated():
    a_price(read_at=timezone.now(), tft_musd=20)
    page = Visitor().get("/").text
    assert "0.0177083" in page and "$0.000354" in page
    assert "GitHub charges 16 times as much" in page
    assert "This installation uses a simulated grid" in page


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("/", "VMs are virtual machines on its own host"),
        ("/status/", "This installation runs on a local grid"),
        ("/pricing/", "local grid"),
    ],
)
def test_on_the_local_grid_pages_say_what_is_real_and_what_is_made_up(settings, page, said):
    settings.GRID = "local"
    a_price(network="local", read_at=timezone.now(), tft_musd=20)
    text = Visitor().get(page).text
    assert said in text and "uses a simulated grid" not in text


def test_where_the_chain_asks_more_the_ratio_falls():
    a_price(read_at=timezone.now(), cu=305_556, su=194_444)
    assert "GitHub charges 5.4 times as much" in Visitor().get("/").text


def test_before_a_reading_no_price_of_ours_is_claimed():
    page = Visitor().get("/").text
    assert "not read yet" in page and "times as much" not in page
