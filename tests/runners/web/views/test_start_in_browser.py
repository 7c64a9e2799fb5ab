"""The first steps and the overview in a real browser: they tick and tell by themselves, and one's place is kept."""

import pytest
from django.urls import reverse

from runners.models import Job, Pool
from tests.browser import chromium, open_page
from tests.builders import a_connection, a_job, a_node, a_team, a_twin, a_wallet
from tests.people import client_of
from tfci.core.reasons import Other

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team():
    team = a_team("Night Shift")
    a_wallet(team, tft="50", twin=a_twin())
    return team


@pytest.mark.parametrize("javascript", [True, False])
def test_the_default_pool_is_one_press_of_enter_away(open_page, team, javascript):
    a_connection(team, name="kestrel")
    page = open_page(
        client_of("owner", team), reverse("start", args=[team.slug]), java_script_enabled=javascript
    )
    page.get_by_role("button", name="Create default pool").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The pool default is created").wait_for()
    assert page.get_by_text("2 of 4 done").is_visible()
    page.locator(".offer", has_text="8 vCPU").click()
    page.locator(".diff ins", has_text="runs-on: large").wait_for()
    assert Pool.objects.get(team=team).name == "default"


def test_the_steps_tick_while_one_watches(open_page, team):
    connection = a_connection(team, name="kestrel")
    page = open_page(client_of("owner", team), reverse("start", args=[team.slug]))
    page.get_by_text("1 of 4 done").wait_for()
    a_job(connection, "refused", reason=Other("no pool of the team asks for it"))
    page.get_by_text("no pool of the team asks for it").wait_for()
    Job.objects.update(state="completed", conclusion="success")
    page.get_by_text("3 of 4 done").wait_for()


def test_a_dialog_that_opens_takes_no_message_away(open_page, house):
    page = open_page(client_of("owner", house.team), house.address("pool_edit"))
    page.get_by_role("button", name="Save pool").click()
    said = page.get_by_text("default is saved")
    said.wait_for()
    page.get_by_role("link", name="Delete pool").click()
    page.locator("#dialog").get_by_text("Delete the pool default?").wait_for()
    assert said.is_visible()


def test_the_numbers_of_the_day_come_by_themselves_and_stay_when_jobs_change(open_page, house):
    page = open_page(client_of("viewer", house.team), house.address("overview"))
    page.get_by_text("Spent today").wait_for()
    Job.objects.filter(pk=house.job.pk).update(name="renamed")
    page.get_by_role("link", name="renamed").wait_for()
    assert page.get_by_text("Spent today").is_visible()


def test_what_keeping_vms_ready_costs_is_said_while_one_writes_it(open_page, house):
    a_node()
    page = open_page(client_of("member", house.team), house.address("pool_edit"))
    page.get_by_role("spinbutton", name="VMs kept ready small").fill("3")
    page.locator("#fit", has_text="Keeping 3").wait_for()


def test_labels_are_tried_without_leaving_the_pools_page(open_page, house):
    page = open_page(client_of("viewer", house.team), house.address("pool"))
    page.get_by_label("Test a job with").fill("gpu")
    page.keyboard.press("Enter")
    page.locator("#try").get_by_text("so it is left to other runners").wait_for()
    assert page.url.endswith(house.address("pool"))
