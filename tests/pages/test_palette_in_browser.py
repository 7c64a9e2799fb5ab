"""The command palette and the keys in a real browser: by keyboard, by touch, and as a page without scripts."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import accessibility, chromium, open_page, sideways
from tests.builders import a_job
from tests.house import a_house
from tests.people import client_of
from tests.worlds import a_world

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture(autouse=True)
def patience():
    """For a computer that does much else."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr("runners.gateways.GATEWAYS", a_world()[0])
    house = a_house(timezone.now())
    a_job(house.connection, "completed", workflow="ci.yml", name="lint", conclusion="failure")
    return house


@pytest.fixture
def start(open_page, house):
    """start(**options): a page of the team in a browser."""
    return lambda **options: open_page(
        client_of("owner", house.team), reverse("pools", args=[house.team.slug]), **options
    )


def field(page):
    return page.get_by_role("combobox", name="Search pages")


def options(page):
    return page.locator("#palette").get_by_role("option")


def chosen(page):
    return page.locator("#palette [role=option][aria-selected=true]")


def test_by_keyboard_from_any_page_to_a_job(start):
    page = start()
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    expect(chosen(page)).to_have_text("Overview")
    page.keyboard.type("lint")
    expect(options(page).first).to_contain_text("ci.yml › lint")
    expect(page.get_by_role("group", name="Jobs")).to_be_visible()
    assert field(page).get_attribute("aria-activedescendant") == chosen(page).get_attribute("id")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="lint").wait_for()
    assert page.mistakes == []


def test_arrows_go_round_and_enter_opens_what_they_chose(start):
    page = start()
    page.keyboard.press("Meta+k")
    expect(chosen(page)).to_have_text("Overview")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_have_text("Team settings")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_have_text("Jobs")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Jobs", exact=True).wait_for()


def test_an_enter_that_comes_before_the_answer_waits_for_it(start):
    page = start()
    page.keyboard.press("Control+k")
    expect(chosen(page)).to_have_text("Overview")
    page.keyboard.type("audit log")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Audit log").wait_for()


@pytest.mark.parametrize(
    "failure",
    [
        lambda route: route.abort(),
        lambda route: route.fulfill(status=502, body="<p>Bad gateway</p>"),
    ],
)
def test_a_search_that_fails_says_so_and_typing_tries_again(start, failure):
    page = start()
    page.context.route("**/search/**", failure)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette").get_by_role("alert")).to_contain_text("Type again to retry")
    expect(page.locator("#palette").get_by_text("Bad gateway")).to_have_count(0)
    assert accessibility(page) == ""
    page.context.unroute("**/search/**")
    page.keyboard.type("lint")
    expect(options(page).first).to_contain_text("ci.yml › lint")


def test_signed_out_it_lists_no_sign_in_page(start):
    page = start()
    page.context.clear_cookies()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette").get_by_role("alert")).to_contain_text("reload this page")


def test_escape_gives_the_focus_back_and_nothing_else_takes_it_meanwhile(start, house):
    page = start()
    link = page.get_by_role("link", name="default")
    link.focus()
    page.keyboard.press("Control+k")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#palette, body').id || 'body'") in (
            "palette",
            "body",
        )
        assert not page.evaluate("document.activeElement.closest('main')")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(link).to_be_focused()


def test_the_same_key_closes_it_and_a_click_outside_does(start):
    page = start()
    for close in (lambda: page.keyboard.press("Control+k"), lambda: page.mouse.click(5, 5)):
        page.keyboard.press("Control+k")
        expect(field(page)).to_be_focused()
        close()
        expect(page.locator("#palette")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_by_touch_and_accessible(start, scheme):
    page = start(color_scheme=scheme, **PHONE)
    page.locator(".fh-top").get_by_role("link", name="Search").tap()
    expect(chosen(page)).to_have_text("Overview")
    for text, there in (("lint", "ci.yml › lint"), ("xyzzy", "Nothing found for “xyzzy”")):
        field(page).fill(text)
        page.locator("#palette").get_by_text(there).first.wait_for()
        assert accessibility(page) == "", text
        assert sideways(page) <= 0
    field(page).fill("kestrel")
    options(page).filter(has_text="kestrel/app").first.tap()
    page.wait_for_url("**/jobs/?repository=kestrel%2Fapp")
    assert page.mistakes == []


def test_keys_are_listed_and_typing_is_left_alone(start):
    page = start()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert accessibility(page) == ""
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    page.keyboard.type("a?/j")
    assert field(page).input_value() == "a?/j"
    assert page.locator("#keys").is_hidden()


def test_without_scripts_the_link_leads_to_the_page(start):
    page = start(java_script_enabled=False)
    page.get_by_role("link", name="Search").first.click()
    page.get_by_role("searchbox", name="Search").fill("lint")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="ci.yml › lint").click()
    page.locator("h1", has_text="lint").wait_for()


def test_in_the_manual_the_keys_lead_to_its_search(open_page):
    page = open_page(Client(), reverse("manual"))
    for key in ("/", "Control+k"):
        page.keyboard.press(key)
        expect(page.get_by_role("searchbox", name="Search the manual")).to_be_focused()
        page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.mistakes == []
