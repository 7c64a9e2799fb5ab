"""The way to a first job: steps that tick themselves, a pool with one click, a test job."""

import pytest
from django.urls import reverse

from runners.models import Pool
from tests.builders import a_connection, a_job, a_pool, a_price, a_team, a_twin, a_vm, a_wallet
from tests.people import client_of
from tfci.core.reasons import Other
from tfci.forges.errors import Unreachable

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    team = a_team("Night Shift")
    a_wallet(team, tft="50", twin=a_twin())
    return team


def start(team, person="owner", **query):
    return client_of(person, team).get(reverse("start", args=[team.slug]), query)


def done(team):
    return start(team).context["way"].steps


def test_each_step_ticks_itself(team, now):
    assert done(team) == (False, False, False, False)
    connection = a_connection(team, last_polled_at=now)
    assert done(team) == (True, False, False, False)
    pool = a_pool(team, [connection])
    assert done(team) == (True, True, False, False)
    job = a_job(connection, pool=pool)
    assert done(team) == (True, True, True, False)
    job.state, job.conclusion, job.vm = "completed", "success", a_vm("gone", pool, claimed_at=now)
    job.save()
    assert done(team) == (True, True, True, True)


def test_a_new_team_is_told_to_link_first(team):
    page = start(team).text
    assert reverse("connection_new", args=[team.slug]) in page
    assert "Your balance is 50.0000000 TFT" in page


def test_who_may_not_link_is_told_whom_to_ask(team):
    page = start(team, "member").text
    assert "An admin of the team can do this" in page
    assert reverse("connection_new", args=[team.slug]) not in page


def test_a_pool_is_offered_with_one_click_after_linking(team):
    connection = a_connection(team)
    address = reverse("start_pool", args=[team.slug])
    assert address in start(team, "member").text
    answer = client_of("member", team).post(address, follow=True)
    assert "The pool default is created" in answer.text
    assert list(Pool.objects.get(team=team).connections.all()) == [connection]


def test_a_viewer_is_told_whom_to_ask_for_a_pool(team):
    a_connection(team)
    page = start(team, "viewer").text
    assert "A member of the team can do this" in page
    assert reverse("start_pool", args=[team.slug]) not in page


def test_without_a_link_no_pool_is_made(team):
    answer = client_of("owner", team).post(reverse("start_pool", args=[team.slug]), follow=True)
    assert "Connect a forge first" in answer.text
    assert not Pool.objects.exists()


def test_a_pool_of_that_name_is_not_made_twice(team):
    a_pool(team, [a_connection(team)], name="default")
    answer = client_of("owner", team).post(reverse("start_pool", args=[team.slug]), follow=True)
    assert "A pool named default already exists" in answer.text


@pytest.mark.parametrize(
    "anchors, size, line",
    [
        ([], "", "runs-on: small"),
        ([], "large", "runs-on: large"),
        (["ours"], "medium", "runs-on: [ours, medium]"),
    ],
)
def test_the_exact_line_is_there_to_copy(team, anchors, size, line):
    a_pool(team, [a_connection(team)], anchors=anchors)
    assert f'data-copy="{line}"' in start(team, size=size).text


def test_sizes_are_those_that_the_pool_serves_with_their_price(team):
    a_price()
    a_pool(team, [a_connection(team)], sizes=["medium"])
    offers = start(team).context["offers"]
    assert [offer.name for offer in offers] == ["small", "medium"]
    assert all(offer.minute > 0 for offer in offers)


def test_a_job_that_is_refused_says_why_and_so_does_one_that_waits(team):
    connection = a_connection(team)
    a_job(connection, "refused", reason=Other("no pool of the team asks for jobs with these labels"))
    assert "no pool of the team asks for jobs" in start(team).text


def test_with_htmx_only_the_steps_come(team):
    part = (
        client_of("viewer", team).get(reverse("start", args=[team.slug]), headers={"HX-Request": "true"}).text
    )
    assert part.strip().startswith('<section id="steps"')


class TestTestJob:
    @pytest.fixture
    def address(self, house):
        return reverse("connection_test_job", args=[house.team.slug, house.connection.pk])

    def test_it_is_sent_where_the_token_may(self, house, address, outside):
        client = client_of("admin", house.team)
        assert "<option>kestrel/web</option>" in client.get(address).text
        answer = client.post(address, {"repository": "kestrel/web"}, follow=True)
        assert "A test job was sent to kestrel/web" in answer.text
        assert outside.proposed[0][0] == "kestrel/web"

    def test_where_the_token_may_not_the_file_is_there_to_copy(self, house, address, outside):
        outside.writable = False
        page = client_of("admin", house.team).get(address).text
        assert "the token for kestrel can only read" in page
        assert "runs-on: small" in page
        assert "Send it" not in page

    def test_who_may_not_use_the_link_copies_too(self, house, address, outside):
        client = client_of("member", house.team)
        assert "Send it" not in client.get(address).text
        assert client.post(address, {"repository": "kestrel/app"}).status_code == 403
        assert outside.proposed == []

    def test_a_forge_that_is_silent_is_told(self, house, address, outside):
        outside.broken = Unreachable("No answer.")
        assert "No answer." in client_of("admin", house.team).get(address).text
        answer = client_of("owner", house.team).post(address, {"repository": "kestrel/app"})
        assert "Nothing was sent: No answer." in answer.text

    def test_without_a_pool_it_warns_that_the_job_would_be_refused(self, house, address):
        Pool.objects.filter(pk=house.pool.pk).update(closing_at=house.pool.created_at)
        assert "No pool takes jobs of kestrel yet" in client_of("viewer", house.team).get(address).text


def test_what_is_told_of_the_first_green_job_is_of_a_green_one(house, now):
    green = a_job(house.connection, "completed", conclusion="success", completed_at=now)
    a_job(house.connection, "queued")
    page = client_of("owner", house.team).get(reverse("start", args=[house.team.slug]))
    assert page.context["way"].job == green


def test_a_forge_that_keeps_no_files_shows_the_file_to_push_as_it_reads_it(team, outside):
    outside.writable = False
    connection = a_connection(team, forge="woodpecker", name="acme", runner_url="grpc://ci.example.org:9000")
    page = client_of("owner", team).get(reverse("connection_test_job", args=[team.slug, connection.pk])).text
    assert "acme stores no files" in page
    assert ".woodpecker/farmhand-test.yml" in page
    assert "labels:\n  size: tfgrid" in page
    assert start(team).context["asks"].startswith("labels:\n  size: ")
