"""The board of jobs."""

from datetime import timedelta

import pytest
from django.urls import reverse

from runners.jobs import search as finding
from runners.models import Job
from runners.reasons.jobs import NoPool
from tests.builders import a_connection, a_job, a_pool, a_vm

pytestmark = pytest.mark.django_db


def board(client, house, **query):
    return client.get(reverse("jobs", args=[house.team.slug]), query).text


def test_a_job_that_waits_says_why_and_when_its_first_step_comes(owner, house):
    vm = a_vm("wanted", house.pool)
    a_job(house.connection, pool=house.pool, name="package", awaits=vm)
    assert "<b>Farmhand:</b> its VM is waiting for a node" in board(owner, house)


@pytest.mark.parametrize(
    "query, shown, left_out",
    [
        ({"state": "failure"}, "broken", "build"),
        ({"state": "in_progress"}, "build", "broken"),
        ({"repository": "KESTREL/web"}, "broken", "build"),
        ({"q": "kestrel we"}, "broken", "build"),
        ({"label": "large"}, "broken", "build"),
        ({"label": "larg"}, "No matching jobs", "broken"),
    ],
)
def test_filters_in_the_address_narrow_the_board(owner, house, query, shown, left_out):
    failed = {"conclusion": "failure", "repository": "kestrel/web", "labels": ["large"]}
    a_job(house.connection, "completed", name="broken", **failed)
    page = board(owner, house, **query)
    assert shown in page
    assert f">{left_out}</a>" not in page


def test_connection_and_pool_filter_by_number(owner, house):
    a_job(a_connection(house.team, name="other"), name="elsewhere", state="refused", reason=NoPool())
    assert "elsewhere" not in board(owner, house, connection=house.connection.pk)
    assert "elsewhere" not in board(owner, house, pool=house.pool.pk)
    assert "elsewhere" in board(owner, house, older="-1")


@pytest.mark.parametrize(
    "query, says",
    [
        ({"pool": "x"}, "Pool: "),
        ({"connection": "99999999"}, "Connection: "),
        ({"since": "yesterday"}, "Since: "),
        ({"state": "odd"}, "There is no state “odd”."),
        ({"q": "a\nb", "lately": "soon"}, "Lately: "),
    ],
)
def test_a_filter_that_makes_no_sense_finds_nothing_and_says_so(owner, house, query, says):
    page = board(owner, house, **query)
    assert "Invalid filter" in page
    assert says in page
    assert "build </a>" not in page


def test_jobs_of_a_deleted_pool_can_be_found(owner, house, now):
    old = a_pool(house.team, closed_at=now)
    a_job(house.connection, "completed", name="elsewhere", pool=old, conclusion="success")
    page = board(owner, house, pool=old.pk)
    assert "elsewhere" in page
    assert "build </a>" not in page


def test_the_calendars_last_day_is_far_in_the_future(owner, house):
    assert "build </a>" in board(owner, house, until="9999-12-31")


def test_the_newest_come_first_and_older_ones_are_a_link_away(owner, house):
    for n in range(60):
        a_job(house.connection, "completed", name=f"part {n:02}", conclusion="success")
    first = board(owner, house, q="kestrel")
    assert first.index("part 59") < first.index("part 20")
    assert "part 19" not in first
    oldest = Job.objects.get(name="part 20").pk
    assert f"?q=kestrel&amp;older={oldest}" in first
    assert "part 19" in board(owner, house, q="kestrel", older=oldest)


def test_what_is_not_over_stands_above_what_is(owner, house):
    a_job(house.connection, "completed", name="later", conclusion="success")
    page = board(owner, house)
    assert (
        page.index("> Now") < page.index("build </a>") < page.index("> Finished") < page.index("later </a>")
    )


def test_with_htmx_only_the_board_comes_and_it_lives_on_its_first_page(owner, house):
    address, headers = reverse("jobs", args=[house.team.slug]), {"HX-Request": "true"}
    part = owner.get(address, {"pool": house.pool.pk}, headers=headers).text
    assert part.strip().startswith('<section id="board"')
    assert f'hx-get="{address}?pool={house.pool.pk}" hx-trigger="live"' in part
    assert 'data-live="jobs"' in part
    older = owner.get(address, {"older": house.job.pk + 1}, headers=headers).text
    assert "data-live" not in older


def test_a_page_that_stopped_looking_says_so_and_leads_on(owner, house, monkeypatch):
    monkeypatch.setattr(finding, "MAX_TRIED", 5)
    for _ in range(20):
        a_job(house.connection, "completed", name="other", conclusion="success")
    page = board(owner, house, q="build", state="failure")
    assert "searched 5 jobs" in page
    assert "older=" in page


def test_clocks_that_disagree_never_show_a_negative_time(owner, house, now):
    a_job(house.connection, "waiting", name="early", queued_at=now + timedelta(minutes=1))
    assert (
        "-"
        not in board(owner, house, state="waiting")
        .partition("early")[2]
        .partition("</tr>")[0]
        .partition('data-label="Waited">')[2]
        .partition("</td>")[0]
    )
