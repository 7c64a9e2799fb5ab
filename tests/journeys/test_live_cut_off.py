"""Live pages whose product is hurt, which is theirs alone: they say that they are not live, and come back."""

import json
import random

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility, sideways
from tests.chaos.product import Product
from tests.journeys.live import LATER, Standby

pytestmark = [pytest.mark.e2e, pytest.mark.proof, pytest.mark.xdist_group("live")]


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    product = Product(tmp_path_factory.mktemp("live"))
    try:
        product.start()
        yield product
    finally:
        code = product.end()
    assert code == 0


@pytest.fixture(scope="module")
def standby(product):
    return Standby(product.home.folder, json.loads(product.home.ready_file.read_text()))


def test_a_page_without_its_stream_says_so_asks_by_itself_and_comes_back(product, standby, browser):
    page = standby.page(browser, viewport={"width": 360, "height": 740})
    standby.changes(page, "before it was cut off")
    page.context.route("**/live/**", lambda route: route.abort())
    product.kill("agents", random.Random(4))
    expect(page.locator("#live-stale")).to_be_visible(timeout=LATER)
    assert "Not live: state of" in page.locator("#live-stale").inner_text()
    assert accessibility(page) == "" and sideways(page) <= 0
    standby.changes(page, "while it is cut off", LATER)
    page.context.unroute("**/live/**")
    expect(page.locator("#live-stale")).to_be_hidden(timeout=LATER)
    standby.changes(page, "at once again")


def test_processes_that_are_killed_cost_a_moment(product, standby, browser):
    page, dice = standby.page(browser), random.Random(4)
    standby.changes(page, "before they were killed")
    for name in ("agents", "valkey", "web"):
        product.kill(name, dice)
    standby.changes(page, "after they were killed", LATER)
    expect(page.locator("#live-stale")).to_be_hidden(timeout=LATER)
    standby.changes(page, "and at once again")
