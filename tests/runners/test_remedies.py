"""What to do about a job that failed."""

import pytest

from runners import remedies
from tests.builders import NOON, a_job, a_pool, a_vm

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    return a_pool()


def failed(pool, labels=("small",), conclusion="failure", **facts):
    vm = a_vm("gone", pool, **{"done_at": NOON} | facts)
    fields = {"pool": pool, "vm": vm, "labels": list(labels), "conclusion": conclusion}
    return remedies.remedy(a_job(pool.orgs.get(), "completed", **fields))


@pytest.mark.parametrize("cause", remedies.ENDS)
def test_each_end_that_an_agent_tells_has_a_title_and_something_to_do(pool, cause):
    found = failed(pool, done_cause=cause)
    assert found.title == remedies.ENDS[cause].title
    assert found.todo


@pytest.mark.parametrize(
    "labels, runs_on",
    [(["small"], "medium"), (["tfgrid", "small"], "[tfgrid, medium]"), (["heavy"], "[heavy, medium]")],
)
def test_too_little_memory_asks_for_the_next_size_and_keeps_the_other_labels(pool, labels, runs_on):
    assert failed(pool, labels, done_cause="out_of_memory").runs_on == runs_on


def test_a_full_disk_asks_for_a_size_with_more_disk(pool):
    assert failed(pool, done_cause="disk_full", cpu=16, memory_gb=64, disk_gb=50).runs_on == "medium"


def test_no_size_is_offered_that_the_pool_does_not_serve(pool):
    pool.sizes = ["small"]
    assert failed(pool, done_cause="out_of_memory").runs_on == ""


def test_a_lost_node_and_a_machine_that_went_are_not_the_codes_fault(pool):
    assert failed(pool, died_at=NOON) == remedies.LOST
    assert failed(pool, done_at=None) == remedies.TORN


def test_a_job_that_failed_by_itself_is_told_so(pool):
    assert failed(pool, done_cause="exited") == remedies.OWN


def test_what_did_not_fail_needs_no_remedy(pool):
    assert failed(pool, conclusion="success") is None
    assert remedies.remedy(a_job(pool.orgs.get(), "completed", conclusion="failure")) is None
