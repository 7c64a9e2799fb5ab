"""A pool's dry run as a page: nodes, prices, the file, and what it can't know."""

import pytest
from django.urls import reverse

from runners.models import VM, Pool
from tests.builders import a_node
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(house):
    client, address = (
        client_of("viewer", house.team),
        reverse("pool_dry_run", args=[house.team.slug, house.pool.pk]),
    )
    return lambda **asked: client.get(address, asked)


def test_without_a_job_nothing_would_be_sent(page):
    assert "Run the calculation" in page().text
    text = page(jobs=0).text
    assert "enough VMs are ready" in text
    assert "As a file for tfrobot" not in text


def test_it_names_node_price_and_file_of_what_is_imagined(page, house):
    Pool.objects.update(nodes={"ids": [4711]})
    a_node(node_id=4711, country="Chile")
    before = VM.objects.count()
    text = page(jobs=3, size="medium").text
    assert "Node 4711" in text and "Chile" in text
    assert "3 × 4 vCPU, 16 GB, 100 GB" in text and "one that you imagine" in text
    assert "vms_count: 3" in text and "cpu: 4" in text
    assert "Whether a node accepts the VM" in text
    assert VM.objects.count() == before


def test_a_vm_on_standby_is_counted(page):
    text = page(jobs=1, size="small").text
    assert "<small>job</small>" in text and "none more would wait" in text


def test_what_waits_says_why(page):
    Pool.objects.update(nodes={"ids": [404]})
    assert "selects no node of this grid" in page(jobs=1, size="large").text


def test_jobs_beyond_the_maximum_wait_and_nothing_says_otherwise(page):
    text = page(jobs=100, size="small").text
    assert "jobs without a VM" in text and "none more would wait" not in text


@pytest.mark.parametrize(
    "asked", [{"size": "32x", "jobs": 1}, {"jobs": 0, "size": "huge"}, {"jobs": 101}, {"jobs": "x"}]
)
def test_what_makes_no_sense_is_told(page, asked):
    assert "note is-failure" in page(**asked).text


def test_a_file_that_tfrobot_would_refuse_is_told_instead(page):
    Pool.objects.update(sizes=["2cpu8gbram50gbssd", "64cpu8gbram50gbssd"])
    a_node(total_cru=64)
    text = page(jobs=1, size="64cpu8gbram50gbssd").text
    assert "vms_count" not in text and "tfrobot" in text
