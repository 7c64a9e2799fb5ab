"""How often one address may ask for what costs something."""

import pytest
from django.test import Client

from tfci.pages.views import manual

pytestmark = pytest.mark.django_db


def search(times, **extra):
    return [Client().get("/docs/", {"q": "pools"}, **extra).status_code for _ in range(times)]


def test_one_address_may_search_so_often_in_a_minute_and_no_other_pays_for_it(frozen_noon):
    assert set(search(manual.A_MINUTE)) == {200}
    refused = Client().get("/docs/", {"q": "pools"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert search(1, REMOTE_ADDR="198.51.100.7") == [200]


def test_reading_the_contents_is_not_counted(frozen_noon):
    search(manual.A_MINUTE)
    assert Client().get("/docs/").status_code == 200


def test_while_the_cache_is_down_all_pass(settings, frozen_noon):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    assert set(search(3)) == {200}
