"""The board of jobs, one job, and its log."""

from datetime import timedelta

import pytest
from django.urls import reverse

from runners.models import Job
from tests.builders import a_job, a_runner, a_vm, an_org
from tests.people import client_of
from tfci.forges.ports import Unreachable

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(house):
    return client_of("owner", house.team)


def board(client, house, **query):
    return client.get(reverse("jobs", args=[house.team.slug]), query).text


def test_a_job_that_waits_says_why_and_when_its_first_step_comes(owner, house):
    vm = a_vm("wanted", house.pool, why="no node of the 3 chosen can take it: 3 down")
    a_job(house.org, pool=house.pool, name="package", awaits=vm)
    assert "<b>Farmhand:</b> no node of the 3 chosen can take it" in board(owner, house)


@pytest.mark.parametrize(
    "query, shown, left_out",
    [
        ({"state": "failure"}, "broken", "build"),
        ({"state": "in_progress"}, "build", "broken"),
        ({"repository": "KESTREL/w"}, "broken", "build"),
        ({"label": "large"}, "broken", "build"),
        ({"label": "larg"}, "No job is like that", "broken"),
    ],
)
def test_filters_in_the_address_narrow_the_board(owner, house, query, shown, left_out):
    failed = {"conclusion": "failure", "repository": "kestrel/web", "labels": ["large"]}
    a_job(house.org, "completed", name="broken", **failed)
    page = board(owner, house, **query)
    assert shown in page
    assert f">{left_out}</a>" not in page


def test_organisation_and_pool_filter_by_number_and_nonsense_filters_nothing(owner, house):
    a_job(an_org(house.team, name="other"), name="elsewhere", state="refused", why="no pool")
    assert "elsewhere" not in board(owner, house, org=house.org.pk)
    assert "elsewhere" not in board(owner, house, pool=house.pool.pk)
    assert "elsewhere" in board(owner, house, pool="x", org="99999999", older="-1", state="odd")


def test_the_newest_come_first_and_older_ones_are_a_link_away(owner, house):
    for n in range(60):
        a_job(house.org, "completed", name=f"job-{n:02}", conclusion="success")
    first = board(owner, house, repository="kestrel")
    assert first.index("job-59") < first.index("job-10")
    assert "job-09" not in first
    oldest = Job.objects.get(name="job-10").pk
    assert f"?repository=kestrel&amp;older={oldest}" in first
    assert "job-09" in board(owner, house, repository="kestrel", older=oldest)


def test_with_htmx_only_the_board_comes_and_it_asks_again_often_while_a_job_is_open(owner, house):
    headers = {"HX-Request": "true"}
    part = owner.get(reverse("jobs", args=[house.team.slug]), headers=headers).text
    assert part.strip().startswith('<section id="board"')
    assert 'hx-trigger="every 2s"' in part
    Job.objects.update(state="completed", conclusion="success")
    quiet = owner.get(reverse("jobs", args=[house.team.slug]), headers=headers).text
    assert 'hx-trigger="every 10s"' in quiet
    older = owner.get(
        reverse("jobs", args=[house.team.slug]), {"older": house.job.pk + 1}, headers=headers
    ).text
    assert 'hx-trigger="every' not in older


def test_a_job_shows_its_way_leg_by_leg_with_the_owner_of_each(owner, house):
    page = owner.get(house.address("job")).text
    for words in ("Tells us", "Hands over the job", "Runs", 'fill="url(#p-forge)"', "kestrel/app"):
        assert words in page
    assert "[agent] hello" in page


def test_the_cost_of_a_job_that_runs_is_the_time_since_its_first_step(owner, house, now):
    shown = owner.get(house.address("job")).context["cost"]
    hour = house.vm.quote.per_hour
    assert hour.share(120, 3600) <= shown <= hour.share(150, 3600)


def test_a_job_that_is_over_stops_asking(owner, house):
    gone = a_vm("gone", house.pool)
    over = a_job(house.org, "completed", pool=house.pool, vm=gone, conclusion="success")
    a_runner(gone, over, job=over, taken_at=over.queued_at, registered_at=over.queued_at)
    page = owner.get(reverse("job", args=[house.team.slug, over.pk])).text
    assert "every 2s" not in page


def test_the_log_is_read_from_the_forge_when_somebody_asks(owner, house, outside):
    outside.logs[house.job.forge_job_id] = "step one\n<script>alert(1)</script>"
    page = owner.get(house.address("job_log")).text
    assert "step one" in page
    assert "<script>alert" not in page


def test_only_the_end_of_a_long_log_is_shown(owner, house, outside):
    outside.logs[house.job.forge_job_id] = "first\n" + "x" * 200_000
    page = owner.get(house.address("job_log")).text
    assert "first" not in page
    assert "Only the end is shown" in page


@pytest.mark.parametrize(
    "broken, sentence", [(None, "no log of it"), (Unreachable("no answer"), "no answer")]
)
def test_a_log_that_cannot_be_read_says_why(owner, house, outside, broken, sentence):
    outside.broken = broken
    assert sentence in owner.get(house.address("job_log")).text


def test_clocks_that_disagree_never_show_a_negative_time(owner, house, now):
    a_job(house.org, "waiting", name="early", queued_at=now + timedelta(minutes=1), why="held back")
    assert (
        "-"
        not in board(owner, house, state="waiting")
        .partition("early")[2]
        .partition("</tr>")[0]
        .partition('data-label="Waited">')[2]
        .partition("</td>")[0]
    )
