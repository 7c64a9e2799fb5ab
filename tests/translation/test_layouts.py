"""Pages have room for longer words: in a language that is 40 % longer nothing is cut, and nothing scrolls sideways."""

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from tests.browser import chromium, sideways
from tests.rights_rows import pages
from tests.screens.served import browser_of, served, window
from tests.translation import pseudo

__all__ = ["browser_of", "chromium", "served", "window"]
pytestmark = [pytest.mark.django_db, pytest.mark.e2e]

SIZES = ({"width": 1440, "height": 900}, {"width": 360, "height": 740})
FIRST = 1  # of pages of a kind, as each job has its own
IMPORTANT = {  # `make test` looks at these, `make proof` at all
    "/",
    "/profile/",
    "/accounts/login/",
    "/operator/",
    "/t/TEAM/",
    "/t/TEAM/jobs/",
    "/t/TEAM/jobs/JOB/",
    "/t/TEAM/pools/new/",
    "/t/TEAM/pools/POOL/",
    "/t/TEAM/vms/VM/",
    "/t/TEAM/nodes/",
    "/t/TEAM/spend/",
    "/t/TEAM/spend/ledger/",
    "/t/TEAM/connections/CONNECTION/",
}
# Texts of the language that reach out of what shows them: of their block, or of a box that cuts what it has no room for
CUT = """letters => {
  const spoken = new RegExp(`[${letters}]`);
  const clips = value => value === "hidden" || value === "clip";
  const scrolls = value => value === "auto" || value === "scroll";
  function cutter(text, element) {
    for (let block = true; element && element !== document.body; element = element.parentElement) {
      const style = getComputedStyle(element), box = element.getBoundingClientRect();
      if (style.display === "inline" || style.display === "contents") continue;
      const wide = text.right > box.right + 1 || text.left < box.left - 1;
      const high = text.bottom > box.bottom + 1 || text.top < box.top - 1;
      if (wide && (block || clips(style.overflowX)) && !scrolls(style.overflowX)) return element;
      if (high && clips(style.overflowY)) return element;
      if (scrolls(style.overflowX) || scrolls(style.overflowY) || style.position === "fixed") return null;
      block = false;
    }
    return null;
  }
  function isRead(element) { // aloud: its box is one pixel wide
    while (element && element.getBoundingClientRect().width > 1) element = element.parentElement;
    return element !== null;
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, range = document.createRange();
    if (!spoken.test(node.data) || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest("option") || isRead(element)) continue;
    range.selectNodeContents(node);
    const by = cutter(range.getBoundingClientRect(), element);
    if (by) found.push(`${node.data.trim()} in ${by.tagName} ${by.getAttribute("class")}`);
  }
  return found;
}"""


@pytest.fixture(scope="module", autouse=True)
def spoken(served, tmp_path_factory):
    """The language, for all that is served from now on."""
    place = tmp_path_factory.mktemp("locale")
    pseudo.write_language(place)
    with override_settings(LANGUAGE_CODE=pseudo.LANGUAGE, LOCALE_PATHS=[place]):
        yield


@pytest.mark.parametrize(
    ("address", "person"),
    [
        pytest.param(address, person, marks=() if address in IMPORTANT else pytest.mark.proof)
        for address, person in pages()
    ],
)
def test_a_page_has_room_for_longer_words(address, person, served, window):
    for visit in list(served.visits(address, person))[:FIRST]:
        page = window(visit, SIZES[0])
        for size in SIZES:
            page.set_viewport_size(size)
            assert page.evaluate(CUT, pseudo.ACCENTED) == [], f"{visit.path} {size['width']}"
            assert sideways(page) <= 0, f"{visit.path} {size['width']}"


def test_the_language_is_spoken(served, window):
    """Else the tests above would look at English."""
    visit = next(served.visits("/t/TEAM/", "owner"))
    page = window(visit, SIZES[0])
    assert pseudo.pseudo("Connections") in page.content()
    expect(page.locator("time[data-ago]").first).to_contain_text(pseudo.pseudo("ago"))
