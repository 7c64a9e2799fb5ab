"""For whoever watches the processes."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_the_health_of_the_engines_is_told_to_anybody():
    answer = Client().get(reverse("health"))
    assert (answer.status_code, answer.json()) == (200, {"postgres": True, "valkey": True})


def test_an_engine_that_is_down_is_named(settings):
    nowhere = {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": settings.CACHES["default"] | nowhere}
    answer = Client().get(reverse("health"))
    assert (answer.status_code, answer.json()["postgres"], answer.json()["valkey"]) == (503, True, False)
