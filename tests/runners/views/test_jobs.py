"""The board of jobs, one job, and its log."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing import ledger
from runners import again
from runners import board as finding
from runners.models import Job, Rerun
from tests.builders import NOON, a_job, a_load, a_runner, a_vm, an_org
from tests.people import client_of
from tfci.accounts.models import AuditEntry
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import Refused, Unreachable
from tfci.tft import Tft

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
        ({"repository": "KESTREL/web"}, "broken", "build"),
        ({"q": "kestrel we"}, "broken", "build"),
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
        a_job(house.org, "completed", name=f"part {n:02}", conclusion="success")
    first = board(owner, house, q="kestrel")
    assert first.index("part 59") < first.index("part 10")
    assert "part 09" not in first
    oldest = Job.objects.get(name="part 10").pk
    assert f"?q=kestrel&amp;older={oldest}" in first
    assert "part 09" in board(owner, house, q="kestrel", older=oldest)


def test_what_is_not_over_stands_above_what_is(owner, house):
    a_job(house.org, "completed", name="later", conclusion="success")
    page = board(owner, house)
    assert page.index(">Now") < page.index("build</a>") < page.index(">Finished") < page.index("later</a>")


def test_with_htmx_only_the_board_comes_and_it_lives_on_its_first_page(owner, house):
    address, headers = reverse("jobs", args=[house.team.slug]), {"HX-Request": "true"}
    part = owner.get(address, {"pool": house.pool.pk}, headers=headers).text
    assert part.strip().startswith('<section id="board"')
    assert f'hx-get="{address}?pool={house.pool.pk}" hx-trigger="live"' in part
    assert 'data-live="jobs"' in part
    older = owner.get(address, {"older": house.job.pk + 1}, headers=headers).text
    assert "data-live" not in older


def test_a_page_that_stopped_looking_says_so_and_leads_on(owner, house, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 5)
    for _ in range(20):
        a_job(house.org, "completed", name="other", conclusion="success")
    page = board(owner, house, q="build", state="failure")
    assert "looked at 5 jobs" in page
    assert "older=" in page


def test_a_job_shows_its_way_leg_by_leg_with_the_owner_of_each(owner, house):
    page = owner.get(house.address("job")).text
    for words in ("Tells us", "Hands over the job", "Runs", 'fill="url(#p-forge)"', "kestrel/app"):
        assert words in page
    assert "[agent] hello" in page


def test_the_cost_of_a_job_that_runs_is_the_time_since_its_first_step(owner, house, now):
    shown = owner.get(house.address("job")).context["cost"]
    hour = house.vm.quote.per_hour
    assert hour.share(120, 3600) <= shown <= hour.share(150, 3600)


def test_its_machine_says_what_it_does_now_only_while_it_says_anything(owner, house):
    assert "<dt>Now</dt>" not in owner.get(house.address("job")).text
    house.job.vm.why = "runs its job"
    house.job.vm.save()
    assert "<dt>Now</dt><dd>runs its job</dd>" in owner.get(house.address("job")).text


def test_a_job_that_is_over_stops_asking(owner, house):
    gone = a_vm("gone", house.pool)
    over = a_job(house.org, "completed", pool=house.pool, vm=gone, conclusion="success")
    a_runner(gone, over, job=over, taken_at=over.queued_at, registered_at=over.queued_at)
    assert f'data-live="job:{house.job.pk} vm:{house.job.vm_id}"' in owner.get(house.address("job")).text
    assert 'data-live="job' not in owner.get(reverse("job", args=[house.team.slug, over.pk])).text


def over(house, **fields):
    """A job that is over, and whose runner ended so."""
    job = {"conclusion": "failure", "run_id": "5"} | fields.pop("job", {})
    end = {"done_at": NOON + timedelta(minutes=6)} | fields
    vm = a_vm("gone", house.pool, contract_created_at=NOON)
    times = {"started_at": NOON, "completed_at": end["done_at"], "read_at": end["done_at"]}
    made = a_job(house.org, "completed", pool=house.pool, vm=vm, **times | job)
    a_runner(vm, made, job=made, bound_at=NOON, registered_at=NOON, started_at=NOON, taken_at=NOON, **end)
    return made


def page_of(client, house, job):
    return client.get(reverse("job", args=[house.team.slug, job.pk]))


def test_a_job_that_ran_out_of_memory_says_which_size_would_do(owner, house):
    job = over(house, done_cause="out_of_memory", done_said="the kernel ended cc1plus")
    page = page_of(owner, house, job).text
    assert "The machine ran out of memory" in page
    assert "runs-on: medium" in page
    assert "the kernel ended cc1plus" in page


def test_a_job_that_failed_by_itself_blames_no_machine(owner, house):
    page = page_of(owner, house, over(house, done_cause="exited")).text
    assert "A step of the job failed" in page
    assert "The machine did well" in page


def test_a_job_stands_beside_what_others_ask_for_the_same_minutes(owner, house):
    job = over(house, done_cause="exited", job={"conclusion": "success"})
    ledger.charge(job.vm.wallet, "c1", Tft.parse("0.2"), NOON, use="job", job_id=job.pk, vm_id=job.vm_id)
    page = page_of(owner, house, job).text
    assert "GitHub would be" in page
    assert "$0.0360" in page  # six started minutes on 2 vCPU
    assert "as of 2026-11-24" in page


def test_steps_and_load_share_one_axis_and_the_failed_step_is_marked(owner, house):
    steps = [
        {"name": "checkout", "started_at": NOON.isoformat(), "completed_at": later(20)},
        {"name": "make test", "started_at": later(20), "completed_at": later(300)},
        {"name": "upload", "started_at": None, "completed_at": None},
    ]
    job = over(house, done_cause="exited", job={"steps": steps})
    load = {"cpu": 900, "steal": 10, "memory": 4096, "disk": 2048, "received": 512}
    for seconds in (30, 40):
        a_load(job.vm, NOON + timedelta(seconds=seconds), **load)
    page = page_of(owner, house, job).text
    assert "It was in step <code>make test</code>" in page
    axis, _, numbers = page.partition("Each step in numbers")
    told = axis.rindex("make test"), page.index("failed here"), page.index("upload"), page.index("not begun")
    assert sorted(told) == list(told)
    assert "peak 90.0 %" in page
    assert "peak 4.0 GB" in page
    assert "20.0 MB, <br>0 kB" in page  # 512 KiB a second, for the 40 s until its last sample
    assert "The whole run" in numbers and "make test" in numbers
    assert "checkout" not in numbers  # nothing was measured in it


def test_what_its_agent_summed_up_counts_more_than_what_was_drawn(owner, house):
    job = over(house, done_cause="exited")
    for seconds in (30, 40):
        a_load(job.vm, NOON + timedelta(seconds=seconds), cpu=100, memory=100)
    told = {
        "mean_cpu": 333,
        "peak_cpu": 999,
        "peak_memory": 7168,
        "peak_disk": 10240,
        "received": 9 << 30,
        "sent": 0,
    }
    job.vm.runners.update(**told)
    page = page_of(owner, house, job).text
    for words in ("peak 99.9 %, <br>mean 33.3 %", "peak 7.0 GB", "peak 10.0 GB", "9.0 GB, <br>0 kB"):
        assert words in page


def test_a_job_whose_machine_told_next_to_nothing_has_no_lines(owner, house):
    job = over(house, done_cause="exited")
    a_load(job.vm, NOON + timedelta(seconds=30))
    assert "card-pad uses" not in page_of(owner, house, job).text


def later(seconds):
    return (NOON + timedelta(seconds=seconds)).isoformat()


def test_its_last_runs_are_a_link_away(owner, house):
    earlier = over(house, done_cause="exited", job={"conclusion": "success", "branch": "main"})
    page = page_of(owner, house, over(house, done_cause="exited")).text
    assert "Its last runs" in page
    assert reverse("job", args=[house.team.slug, earlier.pk]) in page


# What people ask of its forge


def at_version(house, version):
    LinkedOrg.objects.filter(pk=house.org.pk).update(version=version)
    house.org.refresh_from_db()


def test_a_forge_that_lets_nobody_run_it_again_is_named_and_linked(owner, house):
    at_version(house, "1.25.4")
    job = over(house, done_cause="exited", job={"url": "https://git.example.org/x"})
    page = page_of(owner, house, job).text
    assert "Run again" not in page
    assert "Gitea 1.25.4 lets nobody do that by a token" in page
    assert 'href="https://git.example.org/x"' in page


def test_running_a_job_again_asks_first_then_its_forge_and_is_written_down(owner, house, outside):
    at_version(house, "1.26.1")
    job = over(house, done_cause="exited")
    assert "Run again" in page_of(owner, house, job).text
    address = reverse("job_rerun", args=[house.team.slug, job.pk])
    assert "Run build again?" in owner.get(address).text
    assert outside.asked == []
    answer = owner.post(address, follow=True)
    assert "kestrel was asked to run it again." in answer.text
    assert outside.asked == [("rerun", job.repository, "5", job.forge_job_id)]
    assert AuditEntry.objects.get().what == "jobs.rerun"


def test_a_run_is_cancelled_by_its_forge_where_that_lets_us(owner, house, outside):
    at_version(house, "1.28.0")
    Job.objects.filter(pk=house.job.pk).update(run_id="9")
    owner.post(house.address("job_cancel"))
    assert outside.asked == [("cancel", house.job.repository, "9")]


def test_what_a_forge_refuses_is_said_and_nothing_is_written_down(owner, house, outside):
    at_version(house, "1.28.0")
    outside.broken = Refused("The token lacks the scope write:repository.")
    answer = owner.post(house.address("job_cancel"), follow=True)
    assert "lacks the scope write:repository" in answer.text
    assert not AuditEntry.objects.exists()


def test_a_job_that_runs_is_not_run_again(owner, house, outside):
    at_version(house, "1.28.0")
    answer = owner.post(house.address("job_rerun"), follow=True)
    assert "has not ended yet" in answer.text
    assert outside.asked == []


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


def test_a_lost_job_says_that_it_runs_again_by_itself(owner, house):
    job = over(house, done_at=None, job={"completed_at": NOON, "read_at": NOON})
    assert "runs again by itself" not in page_of(owner, house, job).text
    rerun = Rerun.objects.create(job=job, made_at=job.queued_at, next_at=job.queued_at)
    assert again.COMING in page_of(owner, house, job).text
    Rerun.objects.filter(pk=rerun.pk).update(said=again.ASKED)
    assert again.ASKED in page_of(owner, house, job).text


def test_nothing_is_said_of_running_again_where_the_code_failed(owner, house):
    job = over(house, done_cause="exited")
    Rerun.objects.create(job=job, made_at=job.queued_at, next_at=job.queued_at)
    assert "by itself" not in page_of(owner, house, job).text
