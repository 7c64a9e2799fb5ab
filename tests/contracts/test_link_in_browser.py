"""The link form of each kind of forge, in a browser: it asks for what that kind needs, and links what runs there."""

import pytest
from django.urls import reverse

from tests.browser import accessibility, chromium, open_page, sideways
from tests.builders import a_team
from tests.contracts.forges import KINDS
from tests.people import client_of
from tfci.forges import registry
from tfci.forges.models import Connection

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def place(kind, tmp_path, settings):
    """An organisation at a forge of that kind, over real sockets."""
    make, levels = KINDS[kind]
    forge = make(tmp_path)
    settings.ALLOWED_FORGE_ORIGINS = [forge.url]
    yield levels[0](forge)
    forge.stop()


@pytest.mark.parametrize("kind", registry.KINDS)
def test_an_organisation_of_each_kind_is_linked_by_its_form_on_a_phone(open_page, kind, place):
    team, asked = a_team("Night Shift"), registry.KINDS[kind]
    address = f"{reverse('connection_new', args=[team.slug])}?forge={kind}"
    page = open_page(client_of("owner", team), address, viewport=PHONE)
    assert page.get_by_role("link", name=asked.title, exact=True).get_attribute("aria-current") == "page"
    assert page.get_by_label("Job discovery").count() == bool(asked.webhooks)
    page.locator("summary", has_text="Advanced").click()
    assert page.get_by_label("Runner group").count() == asked.engine.runner_groups
    levels = page.get_by_label("What to connect").locator("option")
    assert set(levels.evaluate_all("all => all.map(one => one.value)")) == set(asked.guide.scopes)
    assert (accessibility(page), sideways(page) <= 0) == ("", True)
    page.get_by_label("Address", exact=True).fill(place.forge.url)
    page.get_by_label("Name").fill(place.name)
    page.get_by_label("Access token").fill("wrong")
    if asked.guide.runner_url_help:
        page.get_by_label("Address for VMs").fill(place.runner_url)
    page.get_by_role("button", name=f"Connect {asked.title}").click()
    page.get_by_text("Not connected yet").wait_for()
    assert sideways(page) <= 0
    assert page.get_by_label("Access token").input_value() == ""
    page.get_by_label("Access token").fill(place.token([*place.scopes, *webhooks(place)]))
    page.get_by_role("button", name=f"Connect {asked.title}").click()
    page.get_by_text(f"{place.name} is connected.").wait_for()
    connection = Connection.objects.get()
    assert (connection.forge, connection.team, connection.problem_text) == (kind, team, "")
    assert page.mistakes == []


def webhooks(place):
    """What its webhook takes besides."""
    return [place.webhooks] if getattr(place, "webhooks", "") else []
