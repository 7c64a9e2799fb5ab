"""A real Chromium for tests marked e2e. Without one they are skipped, but fail where CI says that it must be there."""

import os
import shutil

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from django.db import connections as databases
from playwright.sync_api import sync_playwright

PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
QUIET = [
    "--no-sandbox",  # root has none
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]

# It begins in a timer, which may come after the page's load event.
HTMX_LISTENS = (
    "!window.htmx || !document.querySelector('[hx-get]') || document.querySelector('[data-htmx-powered]')"
)

# Behind text they leave axe without a verdict, and looking for them takes nine tenths of its time.
IGNORE_PSEUDO_ELEMENTS = 'axe.configure({checks: [{id: "color-contrast", options: {ignorePseudo: true}}]})'
AXE = Axe(f"{AXE_SCRIPT};{IGNORE_PSEUDO_ELEMENTS}")


def program():
    """Where Chromium is; the test is over without one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no Chromium: install it, or name one in CHROMIUM"
        )
    return found


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Its event loop runs in this thread, where Django would refuse the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=program(), args=QUIET)
        yield browser
        browser.close()
        databases.close_all()  # those opened beside the loop: Django keeps others outside of it


@pytest.fixture
def open_page(chromium, live_server):
    """open_page(client, path, **context): a page, signed in as the test client is; it collects its `mistakes`."""
    contexts = []

    def start(client, path, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        cookies = [{"name": c.key, "value": c.value, "url": live_server.url} for c in client.cookies.values()]
        context.add_cookies(cookies)
        context.route("**/live/**", _hint)
        page = context.new_page()
        page.mistakes = []
        page.on("pageerror", lambda error: page.mistakes.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.mistakes.append(said.text))
        page.goto(live_server.url + path)
        if options.get("java_script_enabled", True):
            page.wait_for_function(HTMX_LISTENS)
        return page

    yield start
    for context in contexts:
        for page in context.pages:
            print(page.url, *page.mistakes, sep="\n")  # shown for a test that failed
        context.close()


def _hint(route):
    """The live server has no ASGI process, which would tell what changed: here a page is told each second that
    anything may have."""
    route.fulfill(content_type="text/event-stream", body="retry: 1000\n\ndata: all\n\n")


def accessibility(page, rules=()):
    """What axe finds wrong on the page, as text; "" when nothing. All its rules, and one of WCAG 2.2 that it leaves out
    unless it is asked; or only those that are named."""
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    if rules:
        options = options | {"runOnly": {"type": "rule", "values": list(rules)}, "rules": {}}
    found = AXE.run(page, options=options)
    return found.generate_report() if found.violations_count else ""


def sideways(page):
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")
