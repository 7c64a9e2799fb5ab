"""What a run says of its jobs: asked once, kept, and given up in time."""

from datetime import timedelta

import pytest

from runners.jobs import run_details
from runners.models import Job
from tests.builders import NOON, a_connection, a_job
from tests.worlds import FakeForge
from tfci.forges.errors import Limited, Unreachable
from tfci.forges.facts import RunSeen

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    return a_connection()


def test_all_jobs_of_a_run_learn_its_workflow_by_one_question(connection):
    jobs = [a_job(connection, run_id="7"), a_job(connection, run_id="7", sender="tomas")]
    forge = FakeForge(runs={"7": RunSeen("ci.yml", "Retry on failure", event="push")})
    run_details.describe(connection, forge, NOON)
    found = Job.objects.order_by("pk").values_list("workflow", "title", "event", "sender", "described_at")
    assert list(found) == [
        ("ci.yml", "Retry on failure", "push", "", NOON),
        ("ci.yml", "Retry on failure", "push", "tomas", NOON),
    ]
    assert [job.pk for job in jobs] == list(Job.objects.order_by("pk").values_list("pk", flat=True))
    assert run_details.due(NOON) == []


def test_a_run_that_is_no_more_is_not_asked_for_again(connection):
    a_job(connection, run_id="7")
    run_details.describe(connection, FakeForge(), NOON)
    assert run_details.due(NOON) == []
    assert Job.objects.get().workflow == ""


def test_a_forge_that_does_not_answer_is_asked_again_and_given_up_in_the_end(connection):
    a_job(connection, run_id="7")
    with pytest.raises(Unreachable):
        run_details.describe(connection, FakeForge(broken=Unreachable("no answer")), NOON)
    assert run_details.due(NOON) == [connection.pk]
    run_details.describe(connection, FakeForge(broken=Unreachable("no answer")), NOON + timedelta(hours=2))
    assert run_details.due(NOON) == []


def test_what_a_forge_would_have_to_be_asked_for_holds_up_nothing_that_is_known(connection):
    class Short(FakeForge):
        def run(self, repository, run_id):
            if run_id == "8":
                raise Limited("no calls are left", NOON + timedelta(minutes=1))
            return super().run(repository, run_id)

    a_job(connection, run_id="7")
    a_job(connection, run_id="8")
    with pytest.raises(Limited):
        run_details.describe(connection, Short(runs={"7": RunSeen("ci.yml", "Mend it")}), NOON)
    assert list(Job.objects.order_by("pk").values_list("title", flat=True)) == ["Mend it", ""]


def test_an_organisation_that_is_unlinked_is_left_alone(connection):
    a_job(connection, run_id="7")
    connection.disconnecting_at = NOON
    connection.save()
    assert run_details.due(NOON) == []
