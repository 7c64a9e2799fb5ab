"""One product for all journeys of a process, a browser, and somebody at it for each way to use it."""

import contextlib
import itertools
import json

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import QUIET, program
from tests.journeys.people import WAYS, Person
from tests.journeys.product import READY, Run
from tests.journeys.script import PracticeForge, Script, hurry
from tests.practice.forge.harness import a_place
from tfci.management.up import ports

FIRST = "test_a_new_user_gets_a_first_green_job"

NUMBERS = itertools.count(1)


@pytest.fixture(scope="package")
def run(tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("journeys") / "a home of my own", next(ports.free()))
    run.begin()
    try:
        run.reaches(READY)
        hurry(json.loads((run.home / "grid" / "ready.json").read_text()))
        yield run
    finally:
        code = run.end()
    assert code == 0


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=QUIET)
        yield browser
        browser.close()


def pytest_generate_tests(metafunc):
    """Each journey once for every way to use a browser. `make test` goes the first one in all of them, the others by
    mouse alone; `make proof` goes the rest."""
    if "somebody" in metafunc.fixturenames:
        proof = () if metafunc.function.__name__ == FIRST else (pytest.mark.proof,)
        ways = ["mouse", *(pytest.param(way, marks=proof) for way in WAYS if way != "mouse")]
        metafunc.parametrize("somebody", ways, indirect=True)


@pytest.fixture
def somebody(request, run, browser):
    """somebody(name): a person with a browser of their own, each test once for every way to use it."""
    way = WAYS[request.param]
    with contextlib.ExitStack() as opened:

        def come(name):
            context = opened.enter_context(way.open(browser))
            return Person(run, context.new_page(), way, f"{name}{next(NUMBERS)}")

        yield come


@pytest.fixture
def place(run):
    """An organisation at the practice forge that nobody has linked yet."""
    return a_place(PracticeForge(run.home), f"guild{next(NUMBERS)}")


@pytest.fixture
def script(run):
    """The demo team's, for what a journey finds in place when it begins."""
    ready = run.ready()
    return Script(ready["url"], ready["api_token"])


@pytest.fixture
def token(place):
    """What the organisation is linked with."""
    return place.token


@pytest.fixture
def linked(script, place, token):
    """The organisation, linked by the demo team."""
    return script.call(
        "POST", "/connections", forge="gitea", url=place.forge.url, name=place.org, token=token
    )


@pytest.fixture
def owner(run, somebody):
    """Of the demo team, signed in."""
    person, ready = somebody("owner"), run.ready()
    person.sign_in(ready["email"], ready["password"])
    person.sees("Overview")
    return person
