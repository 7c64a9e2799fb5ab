"""A node is drained by a button, shown as such, and used again by another."""

import re

import pytest
from django.urls import reverse

from runners.models import VM
from runners.reasons.retirements import NodeDrained
from tests.builders import a_node, a_pool, a_team
from tests.people import client_of
from tfci.grid.models import Drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(house):
    return client_of("member", house.team)


def page(name, house, *args):
    return reverse(name, args=[house.team.slug, *args])


def test_the_question_says_what_happens_to_jobs(member, house):
    VM.objects.filter(state="busy").update(node=house.node)
    asked = member.get(page("node_drain", house, house.node.node_id)).text
    assert "1 job runs there and will not be interrupted" in asked
    assert not Drain.objects.exists()


def test_it_is_drained_and_each_page_says_so(member, house, sent):
    VM.objects.filter(pk=house.vm.pk).update(node=house.node)
    number = house.node.node_id
    answer = member.post(page("node_drain", house, number))
    assert answer.url == f"{page('nodes_compare', house)}?node={number}"
    side = member.get(answer.url).text
    assert "Stop draining" in side and "is being drained" in side and "Drained" in side
    assert "Drained" in member.get(page("nodes", house), {"node": number}).text
    own = member.get(page("pool_nodes", house, house.pool.pk)).text
    assert "Drained" in own and "The team lets no VM start on it" in own
    house.vm.refresh_from_db()
    assert house.vm.typed_retire_reason == NodeDrained(f"node {number}")


def test_whoever_came_from_a_pool_is_sent_back_to_it(member, house, sent):
    own = page("pool", house, house.pool.pk)
    [link] = re.findall(
        r'href="([^"]+/drain/[^"]*)"', member.get(page("pool_nodes", house, house.pool.pk)).text
    )[:1]
    assert f'href="{own}"' in member.get(link).text
    assert member.post(link).url == own


def test_a_pool_of_nobodys_leads_nowhere(member, house, sent):
    number = house.node.node_id
    for pool in (a_pool(a_team("Others")).pk, "x", "9" * 30):
        answer = member.post(f"{page('node_drain', house, number)}?pool={pool}")
        assert answer.url == f"{page('nodes_compare', house)}?node={number}"


def test_it_is_used_again(member, house):
    number = house.node.node_id
    member.post(page("node_drain", house, number))
    assert "can start on node" in member.post(page("node_use", house, number), follow=True).text
    assert not Drain.objects.exists()
    assert "Drained" not in member.get(page("nodes", house), {"node": number}).text


def test_who_may_not_drain_sees_no_button(house):
    viewer = client_of("viewer", house.team)
    pages = [
        page("pool_nodes", house, house.pool.pk),
        f"{page('nodes_compare', house)}?node={house.node.node_id}",
    ]
    assert all("/drain/" not in viewer.get(address).text for address in pages)


def test_a_node_that_there_is_not_is_none(member, house):
    a_node(node_id=4711, network="main")
    assert member.get(page("node_drain", house, 4711)).status_code == 404
