"""Live pages in a real browser, against the whole product: they hear of changes, rest, and say when they can't live."""

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility
from tests.journeys.live import SOON, Standby
from tests.journeys.people import JOURNEY

pytestmark = JOURNEY

BLIND = "Object.defineProperty(document, 'hidden', {{configurable: true, get: () => {}}})"
TURN = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(scope="module")
def standby(run):
    standby = Standby(run.home, run.ready())
    yield standby
    standby.end()


@pytest.fixture
def open_page(standby, browser):
    """open_page(**context)"""
    pages = []

    def start(**options):
        pages.append(standby.page(browser, **options))
        return pages[-1]

    yield start
    for page in pages:
        page.context.close()


def test_a_change_shows_at_once_and_disturbs_nobody(standby, open_page):
    page = open_page()
    page.get_by_label("Pool", exact=True).focus()
    page.evaluate("scrollTo(0, 7)")
    standby.changes(page, "for the first word")
    standby.changes(page, "for the second word")
    assert page.evaluate("document.activeElement.name") == "pool"
    expect(page.locator("#live-stale")).to_be_hidden()


def test_a_hidden_page_rests_and_asks_when_one_looks_again(standby, open_page):
    page = open_page()
    standby.changes(page, "while one looks")
    page.evaluate(BLIND.format("true"))
    page.evaluate(TURN)
    standby.says("while nobody looks")
    page.wait_for_timeout(2000)
    assert not page.get_by_text("while nobody looks").is_visible()
    page.evaluate(BLIND.format("false"))
    page.evaluate(TURN)
    page.get_by_text("while nobody looks").wait_for(timeout=SOON)


def test_one_who_is_signed_out_elsewhere_is_told_so_and_what_is_shown_stays(standby, open_page):
    page = open_page()
    standby.changes(page, "to somebody signed in")
    standby.sql("DELETE FROM django_session")
    standby.says("to nobody")
    page.get_by_text("You are signed out, so this page no longer updates.").wait_for()
    assert page.get_by_text("to somebody signed in").is_visible()
    assert accessibility(page) == ""
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/accounts/login/?next=/t/demo/vms/")


def test_without_javascript_a_page_says_how_old_it_is(open_page):
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="Load it again").click()
    page.wait_for_url("**/t/demo/vms/")
