"""Pictures of every page: `make screenshots`."""

import pytest

from tests.browser import chromium
from tests.rights_rows import pages
from tests.screens.served import ASKED, browser_of, served, window
from tests.screens.sheet import PLACE

__all__ = ["browser_of", "chromium", "served", "window"]
pytestmark = [pytest.mark.screens, pytest.mark.django_db]

WIDTHS = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}
THEMES = ("light", "dark")


@pytest.mark.parametrize("address, person", pages())
def test_take_pictures(address, person, served, window):
    for visit in served.visits(address, person):
        assert visit.answer.status_code < 500, visit.path
        page = window(visit, WIDTHS["wide"])
        take(page, visit.name)


@pytest.mark.parametrize("name", ASKED)
def test_take_pictures_of_what_one_asks_for(name, served, window):
    visit = served.asked(name)
    take(window(visit, WIDTHS["wide"]), visit.name)


def take(page, name):
    """Four of it: both themes, both widths."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size(
            size | {"height": max(tall, size["height"])}
        )  # what sticks to an edge, at the edge
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no colour on its way to another
            page.screenshot(path=PLACE / f"{name}.{width}.{theme}.png", full_page=True, animations="disabled")
