"""The page of one job."""

from datetime import timedelta

import pytest
from django.urls import reverse

from runners.models import Event, Job, Rerun
from runners.reasons.ends import AgentKilled, OutOfMemory, StepFailed
from runners.reasons.reruns import RerunAsked, RerunCode, RerunComing
from tests.builders import NOON, a_job, a_pool, a_runner, a_vm
from tests.runners.web.views.finished import over, page_of
from tfci.core.reasons import Other, columns

pytestmark = pytest.mark.django_db


def test_a_job_shows_its_way_leg_by_leg_with_the_owner_of_each(owner, house):
    page = owner.get(house.address("job")).text
    for words in (
        "Reports the job",
        "Hands over the job",
        "Running for",
        'fill="url(#p-forge)"',
        "kestrel/app",
    ):
        assert words in page
    assert "[agent] hello" in page


def test_its_vm_says_what_it_does_now_only_while_it_says_anything(owner, house):
    assert "<dt>Now</dt>" not in owner.get(house.address("job")).text
    house.job.vm.set_reason(Other("runs its job"))
    house.job.vm.save()
    assert "<dt>Now</dt> <dd>runs its job</dd>" in owner.get(house.address("job")).text


def test_a_job_on_a_vm_of_another_pool_says_which_nodes_its_own_allows(owner, house):
    words = "gave this job to a VM of the pool"
    assert words not in owner.get(house.address("job")).text
    own = a_pool(house.team, [house.connection], name="ExactY", nodes={"ids": [1984]})
    Job.objects.filter(pk=house.job.pk).update(pool=own)
    page = " ".join(owner.get(house.address("job")).text.split())
    assert f"Gitea {words} <a" in page and f"on node {house.job.vm.node.node_id}" in page
    assert "allows only: nodes 1984" in page and "Give each pool a label of its own" in page
    Job.objects.filter(pk=house.job.pk).update(pool=None)
    assert "No pool of the team takes this job" in owner.get(house.address("job")).text


def test_a_job_that_is_over_stops_asking(owner, house):
    gone = a_vm("gone", house.pool)
    over = a_job(house.connection, "completed", pool=house.pool, vm=gone, conclusion="success")
    a_runner(gone, over, job=over, taken_at=over.queued_at, registered_at=over.queued_at)
    assert f'data-live="job:{house.job.pk} vm:{house.job.vm_id}"' in owner.get(house.address("job")).text
    assert 'data-live="job' not in owner.get(reverse("job", args=[house.team.slug, over.pk])).text


def test_a_job_that_ran_out_of_memory_says_which_size_would_do(owner, house):
    job = over(house, done_cause="out_of_memory", done_said="the kernel ended cc1plus")
    page = page_of(owner, house, job).text
    assert OutOfMemory.title in page
    assert "runs-on: medium" in page
    assert "the kernel ended cc1plus" in page


def test_a_job_that_ended_its_agent_says_what_to_do_before_its_forge_has_noticed(owner, house):
    job = over(house, done_cause="agent_killed", job={"conclusion": ""})
    Job.objects.filter(pk=job.pk).update(state="in_progress")
    page = page_of(owner, house, job).text
    assert AgentKilled.title in page and AgentKilled.advice in page
    assert "Gitea does not let Farmhand end jobs" in page and "until it times out: around" in page


def test_a_job_that_failed_by_itself_blames_no_vm(owner, house):
    page = page_of(owner, house, over(house, done_cause="exited")).text
    assert StepFailed.title in page
    assert StepFailed.advice.split(".")[0] in page


def test_its_last_runs_are_a_link_away(owner, house):
    earlier = over(house, done_cause="exited", job={"conclusion": "success", "branch": "main"})
    page = page_of(owner, house, over(house, done_cause="exited")).text
    assert "Other runs" in page
    assert reverse("job", args=[house.team.slug, earlier.pk]) in page


def test_a_lost_job_says_that_it_runs_again_by_itself(owner, house):
    job = over(house, done_at=None, job={"completed_at": NOON, "read_at": NOON})
    Event.objects.create(
        vm=job.vm, now="removing", **columns(Other("node lost")), at=NOON - timedelta(minutes=10)
    )
    assert str(RerunComing()) not in page_of(owner, house, job).text
    rerun = Rerun.objects.create(job=job, made_at=job.queued_at, next_at=job.queued_at)
    assert str(RerunComing()) in page_of(owner, house, job).text
    Rerun.objects.filter(pk=rerun.pk).update(reason=RerunCode.ASKED)
    assert str(RerunAsked()) in page_of(owner, house, job).text


def test_nothing_is_said_of_running_again_where_the_code_failed(owner, house):
    job = over(house, done_cause="exited")
    Rerun.objects.create(job=job, made_at=job.queued_at, next_at=job.queued_at)
    assert "again automatically" not in page_of(owner, house, job).text
