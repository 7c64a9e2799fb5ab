"""What people ask of a job’s forge: to run it again, or to cancel it."""

import pytest
from django.urls import reverse

from runners.models import Job
from tests.runners.web.views.finished import over, page_of
from tfci.accounts.models import AuditEntry
from tfci.forges.errors import ForgeRefused
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db


def at_version(house, version):
    Connection.objects.filter(pk=house.connection.pk).update(version=version)
    house.connection.refresh_from_db()


def test_a_forge_that_lets_nobody_run_it_again_is_named_and_linked(owner, house):
    at_version(house, "1.25.4")
    job = over(house, done_cause="exited", job={"url": "https://git.example.org/x"})
    page = page_of(owner, house, job).text
    assert "Retry job" not in page
    assert "Gitea 1.25.4 lets nobody do that by a token" in page
    assert 'href="https://git.example.org/x"' in page


def test_running_a_job_again_asks_first_then_its_forge_and_is_written_down(owner, house, outside):
    at_version(house, "1.26.1")
    job = over(house, done_cause="exited")
    assert "Retry job" in page_of(owner, house, job).text
    address = reverse("job_rerun", args=[house.team.slug, job.pk])
    assert "Retry build?" in owner.get(address).text
    assert outside.asked == []
    answer = owner.post(address, follow=True)
    assert "kestrel was asked to retry the job." in answer.text
    assert outside.asked == [("rerun", job.repository, "5", job.forge_job_id)]
    assert AuditEntry.objects.get().what == "jobs.rerun"


def test_a_run_is_cancelled_by_its_forge_where_that_lets_us(owner, house, outside):
    at_version(house, "1.28.0")
    Job.objects.filter(pk=house.job.pk).update(run_id="9")
    owner.post(house.address("job_cancel"))
    assert outside.asked == [("cancel", house.job.repository, "9")]


def test_what_a_forge_refuses_is_said_and_nothing_is_written_down(owner, house, outside):
    at_version(house, "1.28.0")
    outside.broken = ForgeRefused("The token lacks the scope write:repository.")
    answer = owner.post(house.address("job_cancel"), follow=True)
    assert "lacks the scope write:repository" in answer.text
    assert not AuditEntry.objects.exists()


def test_a_job_that_runs_is_not_run_again(owner, house, outside):
    at_version(house, "1.28.0")
    answer = owner.post(house.address("job_rerun"), follow=True)
    assert "has not ended yet" in answer.text
    assert outside.asked == []
