"""The logs of a job in a real browser: new lines, follow mode, search, links to lines, tabs, and files."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from runners.agents.schemas import TAIL
from runners.models import VM, Job
from tests.browser import accessibility, chromium, open_page, sideways

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

AT_END = "({scrollHeight, scrollTop, clientHeight}) => scrollHeight - scrollTop - clientHeight < 5"
ESC = "\x1b"
COLORS = [
    *(f"{ESC}[{code}mcolor {code}{ESC}[0m on {ESC}[{code + 10}mcolor{ESC}[0m\n" for code in range(30, 38)),
    *(
        f"{ESC}[1;{code}mbright{ESC}[0m {ESC}[2mdim{ESC}[0m {ESC}[7minverse{ESC}[0m\n"
        for code in range(90, 98)
    ),
]
MARKS = [
    f"2026-11-24T08:23:52.1Z ##[{mark}]{mark}\n" for mark in ("group", "command", "error", "warning", "debug")
]


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def say(house, outside):
    def said(text):
        outside.logs[house.job.forge_job_id] = outside.logs.get(house.job.forge_job_id, "") + text

    return said


def numbered(first, last):
    return "".join(f"line {n} says something\n" for n in range(first, last + 1))


def view(page):
    return page.locator("#log-job .log-view")


def at_end(page):
    return view(page).evaluate(AT_END)


def test_new_lines_come_by_themselves_and_the_log_follows_until_one_scrolls_up(open_page, owner, house, say):
    say(numbered(1, 200))
    page = open_page(owner, house.address("job"))
    page.locator("#job-log").evaluate("card => card.scrollIntoView()")
    expect(page.locator("#L200")).to_be_in_viewport()
    assert at_end(page)
    say(numbered(201, 210))
    expect(page.locator("#L210")).to_be_in_viewport()
    follow = page.get_by_role("button", name="Follow log")
    assert not follow.is_visible()

    view(page).hover()
    page.mouse.wheel(0, -800)
    follow.wait_for()
    where = view(page).evaluate("view => view.scrollTop")
    say(numbered(211, 220))
    page.locator("#L220").wait_for(state="attached")
    assert view(page).evaluate("view => view.scrollTop") == where

    follow.click()
    expect(page.locator("#L220")).to_be_in_viewport()
    expect(follow).to_be_hidden()
    say(numbered(221, 230))
    expect(page.locator("#L230")).to_be_in_viewport()

    say("the end")
    Job.objects.filter(pk=house.job.pk).update(state="completed", conclusion="success")
    expect(page.locator("#L231")).to_be_in_viewport()
    expect(page.locator(".log-live")).to_be_hidden()
    assert page.mistakes == []


def test_nobody_asks_while_nobody_looks(open_page, owner, house, say, outside):
    say(numbered(1, 3))
    page = open_page(owner, house.address("job"))
    page.locator("#L3").wait_for()
    page.get_by_role("tab", name="VM log").click()
    page.locator("#V1").wait_for()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4000)
    assert not [url for url in asked if "of=job" in url]
    assert [url for url in asked if "of=vm" in url]


def test_search_counts_lines_and_goes_from_one_to_the_next(open_page, owner, house, say):
    say(numbered(1, 300) + "a \x1b[31mnee\x1b[0mdle in it\n" + numbered(302, 320))
    page = open_page(owner, house.address("job_log"))
    page.locator("#L320").wait_for()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search log")
    expect(search).to_be_focused()
    search.fill("NEEDLE")
    said = page.locator("[data-log-found]")
    expect(said).to_have_text("1 of 1")
    expect(page.locator("#L301")).to_be_in_viewport()
    expect(page.locator("#L301")).to_have_class(re.compile("is-at"))
    assert page.evaluate("CSS.highlights.get('log-search').size") == 1
    search.fill("line 29")
    expect(said).to_have_text("1 of 11")
    search.press("Enter")
    expect(said).to_have_text("2 of 11")
    search.press("Shift+Enter")
    search.press("Shift+Enter")
    expect(said).to_have_text("11 of 11")
    page.get_by_role("button", name="Next match").click()
    expect(said).to_have_text("1 of 11")
    search.fill("nowhere")
    expect(said).to_have_text("No match")
    search.press("Escape")
    expect(said).to_have_text("")
    assert page.locator(".is-hit").count() == 0


def test_an_address_leads_to_its_line_and_a_click_makes_one(open_page, owner, house, say):
    say(numbered(1, 300))
    page = open_page(owner, house.address("job") + "#L40")
    expect(page.locator("#L40")).to_be_in_viewport()
    expect(page.locator("#L40")).to_have_class(re.compile("is-marked"))
    page.locator("#L44 a").click()
    assert page.url.endswith("#L44")
    page.locator("#L47 a").click(modifiers=["Shift"])
    assert page.url.endswith("#L44-L47")
    assert page.locator(".is-marked").count() == 4
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.url.endswith("#L48")
    page.evaluate("location.hash = '#V1'")
    expect(page.locator("#V1")).to_have_class(re.compile("is-marked"))
    expect(page.get_by_role("tab", name="VM log")).to_have_attribute("aria-selected", "true")


def test_tabs_are_turned_by_keys(open_page, owner, house, say):
    say(numbered(1, 3))
    page = open_page(owner, house.address("job"))
    job, vm = (page.get_by_role("tab", name=name) for name in ("Job log", "VM log"))
    job.focus()
    page.keyboard.press("ArrowRight")
    expect(vm).to_be_focused()
    expect(page.get_by_role("tabpanel", name="VM log")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Job log")).to_be_hidden()
    page.keyboard.press("Home")
    expect(job).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Job log")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="Search log")).to_be_focused()


def test_the_chosen_log_is_kept_as_a_file(open_page, owner, house, say):
    say(numbered(1, 3))
    page = open_page(owner, house.address("job"))
    page.locator("#L3").wait_for()
    for tab, text in (("Job log", numbered(1, 3)), ("VM log", "[agent] hello")):
        page.get_by_role("tab", name=tab).click()
        with page.expect_download() as given:
            page.get_by_role("link", name="Download").click()
        with open(given.value.path()) as file:
            assert file.read() == text


def test_the_log_of_a_vm_moves_on_though_only_its_end_is_kept(open_page, owner, house):
    beats = "".join(f"beat {n:4} {'.' * 50}\n" for n in range(300))
    VM.objects.filter(pk=house.job.vm_id).update(tail=beats[-TAIL:])
    page = open_page(owner, house.address("job_log") + "?of=vm")
    page.locator(".log-live").wait_for()
    lines = page.locator("#log-vm li")
    there = lines.count()
    VM.objects.filter(pk=house.job.vm_id).update(tail=f"{beats}beat 300\nbeat 301\n"[-TAIL:])
    expect(lines).to_have_count(there + 2)
    expect(page.locator(f"#V{there + 2}")).to_have_text(re.compile("beat 301"))


def test_a_page_that_was_open_before_the_job_began_turns_to_its_log(open_page, owner, house, say):
    Job.objects.filter(pk=house.job.pk).update(state="queued", started_at=None, vm=None, awaits=house.job.vm)
    page = open_page(owner, house.address("job"))
    page.locator("#V1").wait_for()
    say("it began\n")
    Job.objects.filter(pk=house.job.pk).update(state="in_progress", vm=house.job.vm, awaits=None)
    expect(page.locator("#L1")).to_be_visible()


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=\"document.title='harmed'\">\n<script>document.title='harmed'</script>\n",
        pytest.param("<" * 2**20 + "\n", marks=pytest.mark.proof),
        pytest.param("<&\"'>\n" * (2**20 // 6), marks=pytest.mark.proof),
        "\x1b[31m<\x1b[32m>" * (2**20 // 12) + "\n",
    ],
    ids=["html", "one line", "many lines", "colors"],
)
def test_a_hostile_log_does_nothing(open_page, owner, house, say, text):
    say(text)
    page = open_page(owner, house.address("job_log"))
    page.locator("#job-log[data-ready] #log-job li").last.wait_for()
    page.get_by_role("searchbox", name="Search log").fill("<")
    expect(page.locator("[data-log-found]")).to_have_text(re.compile(r"of [\d,]+|No match"))
    assert "harmed" not in page.title()
    assert page.locator(".log-lines :not(li, a, span, em)").count() == 0
    assert sideways(page) <= 0
    assert page.mistakes == []


def test_every_color_can_be_read_in_both_themes_and_on_a_phone(open_page, owner, house, say):
    say("".join(MARKS + COLORS))
    page = open_page(owner, house.address("job_log"))
    page.locator("#L21").wait_for()
    page.get_by_role("button", name="Times").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert accessibility(page) == "", scheme
    page.set_viewport_size({"width": 360, "height": 740})
    assert sideways(page) <= 0


def test_without_javascript_the_end_of_the_log_is_a_page(open_page, owner, house, say):
    say(numbered(1, 5))
    page = open_page(owner, house.address("job"), java_script_enabled=False)
    assert page.get_by_text("[agent] hello").count() == 1
    page.get_by_role("link", name="Open job log").click()
    assert page.get_by_text("line 5 says something").is_visible()
    say(numbered(6, 6))
    cache.clear()
    page.get_by_role("link", name="Reload").click()
    assert page.get_by_text("line 6 says something").is_visible()
    page.get_by_role("link", name="VM log").click()
    assert page.get_by_text("[agent] hello").is_visible()
