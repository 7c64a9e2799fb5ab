"""The pauses between two VMs that are bought for a job which its forge hands to none."""

from datetime import timedelta

import pytest

from runners.jobs import backoff
from runners.reasons.jobs import RunnerRefused
from tests.builders import NOON, a_job, a_vm
from tfci.forges.problems import ForgeRefusal

pytestmark = pytest.mark.django_db


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def pauses(count, every):
    job = a_job()
    for at in range(count):
        backoff.refused_runner(job.connection, ForgeRefusal("no"), after(at * every))
    job.refresh_from_db()
    return job.offers, job.next_offer_at


def test_many_vms_that_met_the_same_trouble_count_once():
    assert pauses(5, every=1) == (1, NOON + backoff.FIRST_PAUSE)


def test_they_grow_up_to_an_hour():
    assert pauses(60, every=3600) == (60, after(59 * 3600) + backoff.LONGEST_PAUSE)


def test_the_reason_is_not_hidden_by_the_vm_that_went():
    job = a_job(awaits=a_vm("removing"))
    backoff.refused_runner(job.connection, ForgeRefusal("no"), NOON)
    job.refresh_from_db()
    assert (job.awaits, job.typed_reason) == (None, RunnerRefused(str(job.connection), "no"))
