"""Live pages in a real browser, against the whole product: they hear of changes, say when they don't, and come back."""

import json
import random

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import QUIET, accessibility, program, sideways
from tests.chaos.product import Product
from tfci.management.up.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("live")]

SOON = 8_000  # milliseconds: shorter than the pauses of a page without a stream
LATER = 90_000
SAY = "UPDATE runners_vm SET why = %s, next_step_at = now() + interval '1 hour' WHERE state <> 'gone'"
BLIND = "Object.defineProperty(document, 'hidden', {{configurable: true, get: () => {}}})"
TURN = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """With one machine on standby, which stays."""
    product = Product(tmp_path_factory.mktemp("live"))
    try:
        product.start()
        product.sql("UPDATE runners_pool SET min_vms = '{\"small\": 1}', linger_minutes = 600")
        until(
            lambda: product.sql("SELECT 1 FROM runners_vm WHERE state = 'standby'"),
            120,
            "a machine on standby",
        )
        yield product
    finally:
        code = product.end()
    assert code == 0


@pytest.fixture
def open_page(product):
    """open_page(**context): the demo team's machines, signed in."""
    ready = json.loads(product.home.ready_file.read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=QUIET)

        def start(**options):
            page = browser.new_context(**options).new_page()
            page.set_default_timeout(LATER)
            page.goto(f"{ready['url']}/accounts/login/")
            page.get_by_label("Email").fill(ready["email"])
            page.get_by_label("Password", exact=True).fill(ready["password"])
            page.locator("form [type=submit]").first.click()
            page.wait_for_url("**/t/demo/**")
            page.goto(f"{ready['url']}/t/demo/machines/")
            return page

        yield start
        browser.close()


def changes(product, page, words, within=SOON):
    """The machine says so, and the page shows it."""
    product.sql(SAY, words)
    page.get_by_text(words).wait_for(timeout=within)


def test_a_change_shows_at_once_and_disturbs_nobody(product, open_page):
    page = open_page()
    page.get_by_label("Pool", exact=True).focus()
    page.evaluate("scrollTo(0, 7)")
    changes(product, page, "for the first word")
    changes(product, page, "for the second word")
    assert page.evaluate("document.activeElement.name") == "pool"
    expect(page.locator("#live-stale")).to_be_hidden()


@pytest.mark.proof
def test_a_page_without_its_stream_says_so_asks_by_itself_and_comes_back(product, open_page):
    page = open_page(viewport={"width": 360, "height": 740})
    changes(product, page, "before it was cut off")
    page.context.route("**/live/**", lambda route: route.abort())
    product.kill("agents", random.Random(4))
    expect(page.locator("#live-stale")).to_be_visible(timeout=LATER)
    assert "Not live: as it was at" in page.locator("#live-stale").inner_text()
    assert accessibility(page) == "" and sideways(page) <= 0
    changes(product, page, "while it is cut off", LATER)
    page.context.unroute("**/live/**")
    expect(page.locator("#live-stale")).to_be_hidden(timeout=LATER)
    changes(product, page, "at once again")


@pytest.mark.proof
def test_processes_that_are_killed_cost_a_moment(product, open_page):
    page, dice = open_page(), random.Random(4)
    changes(product, page, "before they were killed")
    for name in ("agents", "valkey", "web"):
        product.kill(name, dice)
    changes(product, page, "after they were killed", LATER)
    expect(page.locator("#live-stale")).to_be_hidden(timeout=LATER)
    changes(product, page, "and at once again")


def test_a_hidden_page_rests_and_asks_when_one_looks_again(product, open_page):
    page = open_page()
    changes(product, page, "while one looks")
    page.evaluate(BLIND.format("true"))
    page.evaluate(TURN)
    product.sql(SAY, "while nobody looks")
    page.wait_for_timeout(2000)
    assert not page.get_by_text("while nobody looks").is_visible()
    page.evaluate(BLIND.format("false"))
    page.evaluate(TURN)
    page.get_by_text("while nobody looks").wait_for(timeout=SOON)


def test_one_who_is_signed_out_elsewhere_is_told_so_and_what_is_shown_stays(product, open_page):
    page = open_page()
    changes(product, page, "to somebody signed in")
    product.sql("DELETE FROM django_session")
    product.sql(SAY, "to nobody")
    page.get_by_text("You are signed out, so this page stands still.").wait_for()
    assert page.get_by_text("to somebody signed in").is_visible()
    assert accessibility(page) == ""
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/accounts/login/?next=/t/demo/machines/")


def test_without_javascript_a_page_says_how_old_it_is(open_page):
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="Load it again").click()
    page.wait_for_url("**/t/demo/machines/")
