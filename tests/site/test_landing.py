"""The first page."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import a_team
from tests.people import client_of

pytestmark = pytest.mark.django_db


def test_strangers_read_what_this_is_and_where_to_begin(settings):
    settings.GRANT = "42"
    page = Client().get("/").text
    for words in (
        "A fresh machine for every CI job",
        reverse("account_signup"),
        reverse("account_login"),
        "42 TFT",
    ):
        assert words in page


def test_people_who_are_signed_in_come_to_their_team():
    team = a_team("Kestrel Labs")
    assert client_of("viewer", team).get("/").url == reverse("overview", args=[team.slug])
