"""The board of jobs in a real browser: by keyboard, alive under one's hands, its filters in the address."""

import pytest
from django.urls import reverse
from playwright.sync_api import TimeoutError

from runners.models import Job
from tests.browser import chromium, open_page
from tests.builders import a_job
from tfci.forges.models import Connection

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def board(open_page, owner, house):
    for name in ("lint", "fuzz"):
        a_job(house.connection, "completed", name=name, branch="main", conclusion="failure")
    return open_page(owner, reverse("jobs", args=[house.team.slug]))


def focused(page):
    return page.evaluate("document.activeElement.textContent").strip()


def test_j_and_k_go_from_row_to_row_and_what_has_the_focus_keeps_it(board, house):
    for key in ("j", "j", "j", "k"):
        board.keyboard.press(key)
    assert focused(board) == "fuzz"
    Job.objects.filter(pk=house.job.pk).update(name="renamed")
    board.get_by_role("link", name="renamed").wait_for()
    assert focused(board) == "fuzz"
    board.keyboard.press("Enter")
    board.locator("h1", has_text="fuzz").wait_for()


def test_a_filter_narrows_the_board_and_stands_alone_in_the_address(board):
    board.keyboard.press("/")
    board.keyboard.type("li nt")
    board.keyboard.press("Enter")
    board.get_by_role("link", name="fuzz").wait_for(state="detached")
    board.wait_for_url("**/jobs/?q=li+nt")
    board.get_by_role("link", name="Clear").click()
    board.get_by_role("link", name="fuzz").wait_for()
    assert board.mistakes == []


def test_an_answer_to_a_hint_that_comes_late_does_not_undo_a_filter(board):
    held = []
    board.route("**/jobs/", lambda route: held.append(route))
    for _ in range(50):  # a hint comes each second
        if not held:
            board.wait_for_timeout(100)
    assert held
    board.keyboard.press("/")
    board.keyboard.type("lint")
    board.keyboard.press("Enter")
    board.wait_for_url("**/jobs/?q=lint")
    for late in held:
        late.continue_()
    with pytest.raises(TimeoutError):
        board.get_by_role("link", name="fuzz").wait_for(timeout=1000)


def test_running_again_asks_in_a_dialog_and_says_what_came_of_it(open_page, owner, house, outside):
    Connection.objects.filter(pk=house.connection.pk).update(version="1.26.0")
    job = a_job(house.connection, "completed", name="lint", conclusion="failure", run_id="4")
    page = open_page(owner, reverse("job", args=[house.team.slug, job.pk]))
    page.get_by_role("link", name="Retry job").click()
    page.get_by_role("button", name="Retry job").click()
    page.get_by_text("kestrel was asked to retry the job.").wait_for()
    assert outside.asked == [("rerun", job.repository, "4", job.forge_job_id)]
