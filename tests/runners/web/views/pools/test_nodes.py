"""Where a pool's VMs may go and why others not, what keeping some ready costs, and what becomes of a job."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from runners.models import VM, Job, Pool
from runners.reasons.vm_ends import DiedStarting
from tests.builders import a_node, a_pool
from tests.people import client_of
from tfci.core.reasons import columns
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(house):
    return client_of("viewer", house.team)


def nodes(viewer, house, **pool):
    Pool.objects.filter(pk=house.pool.pk).update(nodes={"countries": ["Chile"]}, **pool)
    return viewer.get(house.address("pool_nodes"))


def uses(page):
    return [(row.node.node_id, row.use) for row in page.context["rows"]]


def test_nodes_stand_in_the_order_in_which_they_are_asked(viewer, house):
    busy = a_node(node_id=1, country="Chile", deploys=9)
    a_node(node_id=2, country="Chile", deploys=3, failures=1)
    a_node(node_id=3, country="Chile", deploys=4)
    VM.objects.filter(pk=house.vm.pk).update(node=busy)
    page = nodes(viewer, house)
    assert [number for number, _ in uses(page)] == [3, 2, 1]
    assert [row.vms for row in page.context["rows"]] == [0, 0, 1]
    assert "75.0 %" in page.text


def test_the_order_is_that_of_placement(house, viewer):
    for number in range(1, 5):
        a_node(node_id=number, country="Chile", free_mru=1024 * (100 + number))
    first, *_ = uses(nodes(viewer, house))
    answer = viewer.get(reverse("pool_try", args=[house.team.slug, house.pool.pk]), {"labels": "small"})
    assert answer.context["answer"].node.node_id == first[0] == 4


def test_each_says_why_it_is_not_used(viewer, house):
    rests = timezone.now() + timedelta(minutes=8)
    a_node(node_id=1, country="Chile", free_mru=6144)
    failed = {"failures": 3, **columns(DiedStarting(), "last_failure")}
    a_node(node_id=2, country="Chile", blocked_until=rests, **failed)
    a_node(node_id=3, country="Chile", up=False)
    page = nodes(viewer, house)
    assert uses(page) == [(1, "Full"), (2, "Set aside"), (3, "Excluded")]
    for words in ("6 GB of memory free, 8 needed", f"after a failure: {DiedStarting()}", "Down"):
        assert words in page.text


def test_a_choice_without_a_node_says_what_to_do(viewer, house):
    assert "select more nodes" in nodes(viewer, house).text


def test_fewer_nodes_than_the_pool_spreads_over_are_told(viewer, house):
    a_node(country="Chile")
    assert "minimum is 2" in nodes(viewer, house, min_distinct_nodes=2).text


@pytest.mark.parametrize(
    "chosen, says",
    [({"countries": ["Chile"]}, "one after another"), ({}, "Up to 20 VMs are deployed at once")],
)
def test_on_threefold_it_says_how_vms_come_to_their_nodes(viewer, house, settings, chosen, says):
    Pool.objects.filter(pk=house.pool.pk).update(nodes=chosen)
    address = house.address("pool_nodes")
    settings.GRID = "main"
    assert says in viewer.get(address).text
    settings.GRID = "local"
    assert says not in viewer.get(address).text


def test_what_is_kept_ready_has_a_price_a_month(viewer, house):
    a_node(country="Chile")
    page = nodes(viewer, house, min_vms={"small": 2})
    warm = page.context["fit"].warm
    assert warm.vms == 2
    assert warm.month == pytest.approx(2 * 30 * 24 * 60 * page.context["fit"].least, rel=1e-4)
    assert "Keeping 2 small ready around the clock" in page.text


def test_without_any_the_page_says_what_one_would_cost(viewer, house):
    a_node(country="Chile")
    page = nodes(viewer, house)
    assert "an idle pool costs nothing" in page.text
    assert page.context["fit"].warm.vms == 1


def dry_run(viewer, house, labels):
    return viewer.get(reverse("pool_try", args=[house.team.slug, house.pool.pk]), {"labels": labels})


@pytest.mark.parametrize("labels", ["medium", "[self-hosted, medium]", "self-hosted medium", '["medium"]'])
def test_a_dry_run_says_size_node_and_price_however_one_writes_the_labels(viewer, house, labels):
    answer = dry_run(viewer, house, labels).context["answer"]
    assert (answer.pool, answer.size.cpu) == (house.pool, 4)
    assert answer.node and answer.minute > 0 and answer.github


def test_it_says_why_a_job_would_be_refused(viewer, house):
    assert "one of its labels matches a pool of this team" in dry_run(viewer, house, "gpu").text
    assert "largest size has 16" in dry_run(viewer, house, "32x").text


def test_it_says_when_another_pool_is_asked_first(viewer, house):
    a_pool(house.team, [house.connection], name="heavy", anchors=["medium"])
    Pool.objects.filter(pk=house.pool.pk).update(position=5)
    assert "heavy takes it because it comes before" in dry_run(viewer, house, "medium").text


def test_it_says_when_no_node_has_room_now(viewer, house):
    Node.objects.update(free_mru=0)
    assert "Accepted, but not immediately" in dry_run(viewer, house, "small").text


def test_it_says_when_no_node_of_the_pool_will_ever_do(viewer, house):
    Pool.objects.filter(pk=house.pool.pk).update(nodes={"countries": ["Nowhere"]})
    page = dry_run(viewer, house, "small").text
    assert "Refused" in page and "pool selects no node of this grid" in page


def test_trying_changes_nothing(viewer, house):
    before = Job.objects.count(), VM.objects.count()
    dry_run(viewer, house, "small")
    assert (Job.objects.count(), VM.objects.count()) == before


def test_without_a_question_there_is_no_answer(viewer, house):
    assert dry_run(viewer, house, " ").context["answer"] is None
