"""Forms for everybody in a real browser, alive with JavaScript and whole without; test_looks.py sees each page."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.browser import accessibility, chromium, open_page, sideways
from tests.builders import a_node, a_price
from tests.test_looks import COLORS

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}}
ANSWERS = [
    "/labels/?label=[tfgrid, gpu]",
    "/labels/?cpu=0",
    "/pricing/?jobs=0",
    "/docs/?q=webhook",
    "/docs/?q=xyzzy",
    "/docs/?q=scale+sets",  # among what is found are long paths of files
]


@pytest.fixture(autouse=True)
def prices():
    a_price(read_at=timezone.now())
    a_node()


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_is_accessible_makes_no_mistake_and_fits_a_phone(open_page, path):
    page = open_page(Client(), path, **PHONE)
    assert accessibility(page) == "", path
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert accessibility(page, COLORS) == "", path
    assert page.mistakes == [], path
    assert sideways(page) <= 0, path


def test_the_menu_of_a_phone_opens_without_javascript(open_page):
    page = open_page(Client(), "/", java_script_enabled=False, **PHONE)
    page.get_by_label("Menu").click()
    page.locator(".fp-menu").get_by_role("link", name="Prices").click()
    page.get_by_role("heading", name="Calculate your price").wait_for()


def test_a_slider_and_its_number_follow_each_other_and_the_line_follows_both(open_page):
    page = open_page(Client(), "/labels/")
    page.get_by_label("CPUs, slider").press("ArrowRight")
    page.locator("#built pre", has_text="3cpu8gbram50gbssd").wait_for()
    assert page.get_by_label("CPUs", exact=True).input_value() == "3"
    page.get_by_label("Memory", exact=True).fill("12")
    page.locator("#built pre", has_text="3cpu12gbram50gbssd").wait_for()
    assert page.get_by_label("Memory, slider").input_value() == "12"
    assert "ram=12" in page.url
    assert page.evaluate("document.activeElement.name") == "ram"
    assert page.mistakes == []


def test_the_calculator_answers_while_one_types(open_page):
    page = open_page(Client(), "/pricing/")
    page.get_by_label("Jobs per day").fill("80")
    page.get_by_text("2,400 jobs in 30 days").wait_for()
    page.get_by_label("Kept ready", exact=True).fill("1")
    page.get_by_text("every job gets a standby VM").wait_for()
    assert page.mistakes == []


def test_forms_work_without_javascript(open_page):
    page = open_page(Client(), "/labels/", java_script_enabled=False)
    page.get_by_label("CPUs", exact=True).fill("6")
    page.get_by_role("button", name="Show label and price").click()
    assert "6cpu8gbram50gbssd" in page.locator("#built pre").inner_text()
    page.get_by_label("Label, or a list of labels").fill("self-hosted, 4x")
    page.get_by_role("button", name="Explain").click()
    page.get_by_role("heading", name="Understood: 8 vCPU, 32 GB, 200 GB").wait_for()
    page.goto(page.url.partition("/labels/")[0] + "/pricing/")
    page.get_by_label("Jobs per day").fill("1")
    page.get_by_role("button", name="Calculate price").click()
    page.get_by_text("30 jobs in 30 days").wait_for()
    page.goto(page.url.partition("/pricing/")[0] + "/docs/")
    page.get_by_label("Search the manual").fill("signpsot")
    page.get_by_label("Search the manual").press("Enter")
    page.locator(".md-hits mark", has_text="signpost").first.wait_for()
