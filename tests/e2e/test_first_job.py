"""From sign-up to a first green job, by clicking, against the whole product as `make run` starts it: with JavaScript
and without."""

import json
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import QUIET, accessibility, program, sideways
from tests.journeys.test_api_alone import PracticeForge, hurry
from tests.practice.forge.harness import a_place, one_job
from tests.test_up_whole import READY, Run
from tfci.management.up import ports
from tfci.management.up.waiting import until

pytestmark = pytest.mark.e2e

PHONE = {"width": 360, "height": 740}
MINUTES = 180_000  # milliseconds, on a machine that does much else
PATHS = [
    "",
    "start/",
    "today/",
    "jobs/",
    "jobs/1/",
    "machines/",
    "machines/1/",
    "pools/",
    "pools/1/",
    "nodes/",
    "forges/",
    "spend/",
]
PASSWORD = "a long enough pass phrase"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("first-job") / "home", next(ports.free()))
    run.begin()
    run.reaches(READY)
    hurry(json.loads((run.home / "grid" / "ready.json").read_text()))
    yield run
    assert run.end() == 0


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=QUIET)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser who has never been here. Signing up makes a team of their own."""

    def __init__(self, run, page, name):
        self.run, self.page, self.name = run, page, name
        page.set_default_timeout(MINUTES)

    def sign_up(self):
        email = f"{self.name}@example.org"
        self.page.goto(self.run.ready()["url"])
        self.page.get_by_role("link", name="Sign up").first.click()
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Make the account").click()
        self.page.get_by_label("Code").fill(self.code(email))
        self.page.get_by_role("button", name="Go on").click()
        self.page.get_by_role("heading", name="Your first job").wait_for()

    def code(self, email):
        """That the product mailed, which `make run` prints."""
        mail = re.compile(rf"^To: {re.escape(email)}$.*?^Your code is\s+(\S+)$", re.DOTALL | re.MULTILINE)
        until(lambda: mail.search(self.run.words()), 60, "the mail with the code")
        return mail.search(self.run.words())[1]

    def link(self, place):
        self.page.get_by_role("link", name="Link your forge").click()
        self.page.get_by_label("Address").fill(place.forge.url)
        self.page.get_by_role("textbox", name="Name").fill(place.org)
        self.page.get_by_label("Access token").fill(place.token)
        self.page.get_by_role("button", name="Check and link").click()
        self.page.get_by_text(f"{place.org} is linked").wait_for()

    def make_a_pool(self):
        """With one click, on the page that linking led to."""
        self.page.get_by_role("button", name="Make the default pool").click()
        self.page.get_by_text("The pool default is made").wait_for()

    def line_to_copy(self):
        return self.page.locator(".diff ins").inner_text().strip()

    def see_the_steps_tick(self):
        """The page that one left open does so by itself."""
        self.until_it_shows(self.page.get_by_text("4 of 4 done"))

    def go(self, word):
        self.page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name=word).click()

    def see_the_job_succeed(self):
        self.go("Jobs")
        self.until_it_shows(self.page.get_by_role("link", name="build"))
        self.page.get_by_role("link", name="build").first.click()
        self.until_it_shows(self.page.locator("h1 + .chip", has_text="Success"))

    def until_it_shows(self, wanted):
        """A page with JavaScript renews itself; without, one loads it again."""
        if self.page.evaluate("typeof htmx") == "object":
            wanted.first.wait_for()
        else:
            until(
                lambda: self.page.reload() and wanted.first.is_visible(),
                MINUTES / 1000,
                "what was waited for",
            )


@pytest.mark.parametrize("name, javascript", [("ada", True), ("grace", False)])
def test_a_stranger_comes_to_a_first_green_job(run, chromium, name, javascript):
    place = a_place(PracticeForge(run.home), f"{name}-labs")
    context = chromium.new_context(java_script_enabled=javascript)
    person = Person(run, context.new_page(), name)
    person.sign_up()
    person.link(place)
    person.make_a_pool()
    line = person.line_to_copy()
    assert line.startswith("runs-on: ")
    place.push(one_job(line.removeprefix("runs-on: ")))
    person.see_the_steps_tick()
    person.see_the_job_succeed()
    expect(person.page.locator(".wf tbody th", has_text="Tells us").first).to_be_visible()
    person.go("Spend")
    expect(person.page.get_by_text("Starter grant")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_demo_teams_pages_are_accessible_and_fit_a_phone(run, chromium, scheme):
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme)
    page, ready = context.new_page(), run.ready()
    page.goto(ready["url"] + "/accounts/login/")
    page.get_by_label("Email").fill(ready["email"])
    page.get_by_label("Password", exact=True).fill(ready["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Overview").wait_for()
    team = f"{ready['url']}/t/{ready['team']}"
    for path in PATHS:
        page.goto(f"{team}/{path}")
        assert accessibility(page) == "", path
        assert sideways(page) <= 0, path
    context.close()
