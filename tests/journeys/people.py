"""People at a browser, each in their own way: by mouse or keyboard alone, on a phone, with scripts or without."""

import re
from dataclasses import dataclass

import pytest

from tfci.management.up.waiting import until

JOURNEY = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("journeys"),
]  # in one process, which starts the product once

MINUTES = 180_000  # milliseconds, on a VM that does much else
STOPS = 200  # tab stops on the longest page
PASSWORD = "a long enough pass phrase"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


class Mouse:
    def __init__(self, page):
        self.page = page

    def press(self, target):
        target.click()

    def write(self, field, text):
        field.fill(text)

    def choose(self, field, option):
        field.select_option(option)

    def pick(self, radio):
        radio.check()

    def tick(self, box):
        box.check()


class Keyboard(Mouse):
    """Tab until the focus is there, then keys. What can't be reached so can't be used."""

    def press(self, target):
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, field, text):
        self.reach(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, field, option):
        self.reach(field)
        self.page.keyboard.type(option)

    def tick(self, box):
        self.reach(box)
        self.page.keyboard.press("Space")

    def pick(self, radio):
        """Tab leads to the one of a group that is picked, arrows from there to the others."""
        name = radio.get_attribute("name")
        self.reach(self.page.locator(f"input[name={name}]:checked"))
        for _ in range(STOPS):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {radio}")

    def reach(self, target):
        target.wait_for()
        for _ in range(STOPS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no tab stop leads to {target}")


@dataclass(frozen=True)
class Way:
    """How somebody uses a browser."""

    hands: type = Mouse
    size: dict | None = None
    scripts: bool = True

    def open(self, browser):
        return browser.new_context(viewport=self.size or WIDE, java_script_enabled=self.scripts)


WAYS = {"mouse": Way(), "no-scripts": Way(scripts=False), "phone-keyboard": Way(Keyboard, PHONE)}


class Person:
    """Somebody at the product. Their `hands` do what they read on the page that is open."""

    def __init__(self, run, page, way, name):
        self.run, self.page, self.way, self.name = run, page, way, name
        self.email = f"{name}@example.org"
        self.hands = way.hands(page)
        page.set_default_timeout(MINUTES)

    def visit(self, url):
        self.page.goto(url if url.startswith("http") else self.run.ready()["url"] + url)

    def press(self, word, role="button"):
        self.hands.press(self.page.get_by_role(role, name=word).first)

    def follow(self, word):
        self.press(word, "link")

    def write(self, label, text):
        self.hands.write(self.page.get_by_role("textbox", name=label).first, text)

    def write_password(self):
        self.hands.write(self.page.get_by_label("Password", exact=True), PASSWORD)

    def choose(self, label, option):
        self.hands.choose(self.page.get_by_label(label).first, option)

    def pick(self, word):
        self.hands.pick(self.page.get_by_role("radio", name=word))

    def sees(self, text):
        """Waits until the page says so: one with scripts renews itself, another is loaded again."""
        self.until_it_shows(self.page.get_by_text(text))

    def until_it_shows(self, wanted):
        shown = wanted.filter(visible=True).first  # a phone's page has more than it shows
        if self.way.scripts:
            shown.wait_for()
        else:
            until(
                lambda: shown.is_visible() or (self.page.reload() and shown.is_visible()),
                MINUTES / 1000,
                "what was waited for",
            )

    def confirm(self, verb):
        """In the dialog that scripts show, or on the page that stands in for it."""
        self.hands.press(self.page.locator("form.confirm").get_by_role("button", name=verb))

    def go(self, word):
        """By the navigation: beside the page, or at the bottom of a phone, where some of it is behind More."""
        entry = self.page.get_by_role("navigation").get_by_role("link", name=word, exact=True)
        more = self.page.locator(".fh-more summary")
        entry.or_(more).filter(visible=True).first.wait_for()  # the page may still be coming
        if not entry.first.is_visible():
            self.hands.press(more)
        self.hands.press(entry.first)

    def sign_up(self):
        self.visit("/")
        self.follow("Sign up")
        self.make_an_account()

    def make_an_account(self):
        """On the page that asks for it; the address may stand there already."""
        self.write("Email", self.email)
        self.write_password()
        self.press("Create account")
        self.write("Code", self.code())
        self.press("Continue")

    def sign_in(self, email, password):
        self.visit("/accounts/login/")
        self.write("Email", email)
        self.hands.write(self.page.get_by_label("Password", exact=True), password)
        self.hands.press(self.page.get_by_role("button", name="Sign in", exact=True))

    def code(self):
        """That the product mailed, which `make run` prints."""
        mail = re.compile(
            rf"^To: {re.escape(self.email)}$.*?^Your code is\s+(\S+)$", re.DOTALL | re.MULTILINE
        )
        until(lambda: mail.search(self.run.words()), 60, "the mail with the code")
        return mail.search(self.run.words())[1]

    def link(self, place, token=""):
        self.follow("Connect forge")
        self.write("Address", place.forge.url)
        self.hands.write(self.page.get_by_role("textbox", name="Name", exact=True), place.org)
        self.hands.write(self.page.get_by_label("Access token"), token or place.token)
        self.press("Connect Gitea")
        self.sees(f"{place.org} is connected")
