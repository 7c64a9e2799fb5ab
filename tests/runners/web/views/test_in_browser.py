"""What a team's pages do in a real browser: alive, and whole without JavaScript; test_looks.py sees each page."""

import pytest
from django.urls import reverse

from runners.models import VM, Job, Pool
from tests.browser import chromium, open_page
from tests.builders import a_node, a_pool, a_selection, a_server, a_vm
from tfci.core.reasons import Other, columns

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_job_page_renews_itself_and_rests_when_the_job_is_over(open_page, owner, house):
    page = open_page(owner, house.address("job"))
    VM.objects.filter(pk=house.job.vm_id).update(state="gone")
    ended = {"state": "completed", "conclusion": "success", "completed_at": house.job.queued_at}
    Job.objects.filter(pk=house.job.pk).update(**ended)
    page.locator("h1 + .chip", has_text="Succeeded").wait_for()
    page.locator("#job:not([hx-trigger])").wait_for()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3000)  # longer than the pause between two questions
    assert not [url for url in asked if url.endswith(house.address("job"))]


def test_what_one_has_opened_and_where_one_is_survive_a_renewal(open_page, owner, house):
    a_node(up=False)
    page = open_page(owner, house.address("pool"))
    opened = page.locator("#nodes details").last
    opened.locator("summary").click()
    page.locator("#h-vms + a").focus()
    VM.objects.filter(pk=house.vm.pk).update(**columns(Other("for a job that never comes")))
    page.get_by_text("for a job that never comes").wait_for()
    assert opened.get_attribute("open") is not None
    assert page.evaluate("document.activeElement.previousElementSibling?.id") == "h-vms"


def test_the_log_stays_while_the_page_renews_itself(open_page, owner, house, outside):
    outside.logs[house.job.forge_job_id] = "step one of the log\n"
    page = open_page(owner, house.address("job"))
    page.get_by_text("step one of the log").wait_for()
    Job.objects.filter(pk=house.job.pk).update(branch="another-branch")
    page.get_by_text("another-branch").wait_for()
    assert page.get_by_text("step one of the log").is_visible()


@pytest.mark.parametrize("list_name", ["nodes", "pools", "jobs", "vms", "servers", "overview"])
def test_lists_wrap_long_names_on_a_phone(open_page, owner, house, list_name):
    a_selection(house.team, name="s" * 60)
    a_vm("ready", a_pool(house.team, name="p" * 100))
    a_server(house.team, name="v" * 60)
    Pool.objects.filter(pk=house.pool.pk).update(name="q" * 100)
    page = open_page(owner, reverse(list_name, args=[house.team.slug]))
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_choosing_a_country_counts_the_nodes_at_once(open_page, owner, house):
    a_node(country="Chile")
    page = open_page(owner, house.address("pool_new"))
    page.get_by_role("checkbox", name="Chile").check()
    page.locator("#fit", has_text="1 node matches").wait_for()
    page.locator("#fit-bar", has_text="1 node,").wait_for(state="attached")
    page.locator("summary", has_text="Advanced").click()
    page.get_by_label("Job timeout").fill("30")
    page.locator("#advanced-line", has_text="30 min job timeout").wait_for()
    page.get_by_label("Default size").fill("huge")
    page.locator("#fit", has_text="“huge” is not a size").wait_for()
    assert not Pool.objects.filter(team=house.team).exclude(pk=house.pool.pk).exists()


def test_a_pool_is_made_moved_and_closed_without_javascript(open_page, owner, house):
    a_pool(house.team, [house.connection], name="older")
    page = open_page(owner, house.address("pool_new"), java_script_enabled=False)
    page.get_by_label("Name", exact=True).fill("by hand")
    page.get_by_role("button", name="Update summary").click()
    assert page.get_by_label("Name", exact=True).input_value() == "by hand"
    page.get_by_role("button", name="Create pool").click()
    page.get_by_text("by hand is saved").wait_for()
    page.goto(page.url.partition("pools/")[0] + "pools/")
    page.get_by_role("button", name="Move by hand up").click()
    assert Pool.objects.get(name="by hand").position == 1
    page.get_by_role("link", name="by hand").click()
    page.get_by_role("link", name="Delete pool").click()
    page.get_by_role("button", name="Delete pool").click()
    page.get_by_text("takes no more jobs").wait_for()
