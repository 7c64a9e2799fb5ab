"""The overview: one sentence whether all is well, what goes on, and what needs somebody."""

import pytest
from django.urls import reverse

from runners.models import VM, Job, Pool
from runners.reasons.jobs import NotOurs
from runners.reasons.waits import PoolMaximum
from runners.web.views import dashboard
from tests.builders import (
    NOON,
    a_connection,
    a_job,
    a_pool,
    a_problem,
    a_server,
    a_serving_vm,
    a_team,
    a_twin,
    a_vm,
    a_wallet,
)
from tests.people import client_of

pytestmark = pytest.mark.django_db


def overview(team, person="owner", **query):
    return client_of(person, team).get(reverse("overview", args=[team.slug]), query)


def test_one_look_tells_that_all_is_well(house):
    page = overview(house.team)
    assert page.context["mood"] == "success"
    assert "All systems healthy." in page.text
    assert "1 running job, none queued" in page.text
    assert "2 VMs: 1 busy, 1 idle" in page.text


def test_all_open_jobs_are_counted_though_the_first_dozen_is_shown(house, now):
    for _ in range(14):
        a_job(
            house.connection,
            "queued",
            pool=house.pool,
            reason=PoolMaximum(2),
            queued_at=now,
            discovered_at=now,
        )
    a_job(house.connection, "waiting", queued_at=now, discovered_at=now)
    page = overview(house.team)
    assert "14 queued with a known reason, 1 held by the forge" in page.text
    assert (len(page.context["rows"]), "12 of 16" in page.text) == (12, True)


def test_each_job_that_waits_says_why(house, now):
    a_job(house.connection, "queued", pool=house.pool, reason=PoolMaximum(2), queued_at=now)
    assert "the pool has reached its maximum of 2 VMs" in overview(house.team).text


def test_what_needs_somebody_changes_the_first_sentence(house, now):
    a_connection(house.team, name="silent", problems=a_problem("The token has expired."), last_polled_at=now)
    page = overview(house.team)
    assert page.context["mood"] == "failure"
    assert "1 item needs your attention." in page.text
    assert "The token has expired. No pool takes jobs of silent." in page.text


def test_with_htmx_only_what_lives_comes(house):
    part = client_of("viewer", house.team).get(house.address("overview"), headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<div id="overview"')
    assert 'data-live="jobs vms connections pools money"' in part


def test_without_a_vm_nothing_is_charged_and_the_page_says_so(house):
    VM.objects.update(state="gone")
    Job.objects.update(state="completed", conclusion="success")
    page = overview(house.team).text
    assert "No queued or running jobs." in page
    assert "No VMs are running, so nothing is charged." in page
    assert "No queued or running jobs" in page


def test_the_jobs_that_ended_last_fill_up_what_open_ones_leave(house, now):
    for n in range(14):
        a_job(house.connection, "completed", conclusion="success", name=f"ended {n}", completed_at=now)
    page = overview(house.team)
    assert (len(page.context["rows"]), len(page.context["recent"])) == (1, 9)
    assert "ended 13" in page.text and "ended 4" not in page.text
    for _ in range(12):
        a_job(house.connection, "queued", pool=house.pool, queued_at=now)
    page = overview(house.team, "viewer")
    assert (len(page.context["rows"]), page.context["recent"]) == (12, [])


def test_pools_say_what_their_vms_do_and_how_many_jobs_wait(house, now):
    a_job(house.connection, "queued", pool=house.pool, queued_at=now)
    a_vm("booting", house.pool)
    [line] = overview(house.team).context["pools"]
    assert (line.name, line.vms["all"], line.vms["busy"], line.vms["ready"], line.vms["starting"]) == (
        "default",
        3,
        1,
        1,
        1,
    )
    assert line.queued == 1
    page = overview(house.team, "viewer").text
    assert "1 busy, 1 idle, 1 starting · 1 job queued" in page


def test_vms_of_servers_count_and_are_in_no_pool(house):
    a_serving_vm(a_server(house.team, name="docs"))
    page = overview(house.team)
    assert page.context["vms"]["all"] == 3
    assert [line.vms["all"] for line in page.context["pools"]] == [2]


def test_with_few_jobs_it_says_what_to_do_next(house, now):
    page = overview(house.team)
    assert [step.verb for step in page.context["steps"]] == ["Show changes", "Edit pool", "Invite member"]
    Pool.objects.filter(pk=house.pool.pk).update(min_vms={"small": 1})
    assert [step.verb for step in overview(house.team, "viewer").context["steps"]] == ["View labels"]
    for _ in range(8):
        a_job(house.connection, "completed", conclusion="success", completed_at=now)
    assert overview(house.team, "admin").context["steps"] == []


@pytest.fixture
def fresh():
    team = a_team("Night Shift")
    a_wallet(team, tft="50", twin=a_twin())
    return team


def test_a_team_that_never_had_a_job_is_led_to_its_first_one(fresh):
    assert overview(fresh).url == reverse("start", args=[fresh.slug])


def test_who_skips_the_steps_sees_an_overview_that_leads_back_to_them(fresh):
    page = overview(fresh, skip=1)
    assert (page.status_code, reverse("start", args=[fresh.slug]) in page.text) == (200, True)
    assert "No forge connected yet." in page.text


def test_one_job_is_enough_for_the_overview(fresh):
    a_job(a_connection(fresh), "completed", conclusion="failure")
    assert overview(fresh).status_code == 200


def test_another_teams_jobs_and_vms_do_not_count(house):
    other = a_pool(a_team("Tidepool"))
    a_vm("busy", other)
    a_job(other.connections.get(), "queued", pool=other)
    page = overview(house.team).text
    assert "1 running job, none queued" in page
    assert "2 VMs: 1 busy" in page


def test_jobs_that_are_not_ours_are_in_no_count_and_need_nobody():
    connection = a_connection()
    a_job(connection, state="not_ours", ours=False, reason=NotOurs())
    a_job(connection, state="in_progress", ours=False, foreign_runner="theirs")
    shown = dashboard.present(connection.team, NOON)
    assert (shown["rows"], shown["running"], shown["queued"]) == ([], 0, 0)
    assert not [need for need in shown["needs"] if "refused" in need.title]
