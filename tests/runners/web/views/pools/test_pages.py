"""Pools: their order, their form with its live answer, and their end."""

from datetime import timedelta

import pytest
from django.urls import reverse

from runners.models import Event, Pool, Refresh
from runners.reasons.nodes import NodeCode
from tests.builders import a_connection, a_node, a_pool, a_team, a_vm
from tests.house import POOL
from tests.people import client_of
from tfci.core.reasons import Other, columns
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db


def new(house):
    return reverse("pool_new", args=[house.team.slug])


def test_a_pool_is_made_and_its_page_says_so(owner, house):
    answer = owner.post(new(house), house.form(POOL), follow=True)
    assert "second is saved" in answer.text
    assert list(Pool.objects.get(name="second").connections.all()) == [house.connection]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(owner, house):
    answer = owner.post(new(house), house.form(POOL) | {"default_size": "2x", "max_vms": 0})
    assert answer.status_code == 200
    assert "“2x” can" in answer.text
    assert not Pool.objects.filter(name="second").exists()


def test_a_name_that_is_taken_is_said(owner, house):
    answer = owner.post(new(house), house.form(POOL) | {"name": "default"})
    assert "A pool of this name is there already" in answer.text


@pytest.mark.parametrize("asking", [{"headers": {"HX-Request": "true"}}, {"button": {"ask": "1"}}])
def test_choosing_shows_how_many_nodes_fit_and_what_a_minute_costs_and_saves_nothing(owner, house, asking):
    a_node(country="Chile")
    a_node(country="Chile", up=False, healthy=False)
    asked = house.form(POOL) | {"countries": "Chile"} | asking.get("button", {})
    answer = owner.post(new(house), asked, headers=asking.get("headers"))
    fit = answer.context["fit"]
    assert (len(fit.in_play), fit.with_room) == (1, 1)
    assert {out.code: nodes for out, nodes in fit.out}[NodeCode.DOWN] == 1
    assert f"{fit.least} TFT" in answer.text
    assert not Pool.objects.filter(name="second").exists()


def test_a_choice_that_makes_no_sense_says_so_instead_of_a_number(owner, house):
    asked = house.form(POOL) | {"default_size": "huge"}
    assert "“huge” is not a size" in owner.post(new(house), asked, headers={"HX-Request": "true"}).text


def test_the_form_and_the_page_warn_of_a_pool_with_the_same_labels_and_other_nodes(owner, house):
    words = "may run on each other’s VMs"
    asked = house.form(POOL) | {"countries": "Belgium"}
    assert words in owner.post(new(house), asked, headers={"HX-Request": "true"}).text
    assert words not in owner.get(house.address("pool_nodes")).text
    assert words not in owner.post(new(house), house.form(POOL), headers={"HX-Request": "true"}).text
    owner.post(new(house), asked)
    page = owner.get(
        house.address("pool_nodes"), headers={"HX-Request": "true"}
    ).text  # a part of the pool's page
    assert words in page and "The pools differ in nodes. Give each pool a label of its own" in page


def test_room_counts_memory_disk_and_processors(owner, house):
    a_node(country="Chile", free_mru=1024)
    answer = owner.post(new(house), house.form(POOL) | {"countries": "Chile", "ask": "1"})
    assert (len(answer.context["fit"].in_play), answer.context["fit"].with_room) == (1, 0)


def test_the_only_organisation_is_chosen_beforehand(owner, house):
    assert "checked" in owner.get(new(house)).text.partition('name="connections"')[2].partition(">")[0]


def test_an_edited_pool_keeps_what_was_not_changed(owner, house):
    owner.post(house.address("pool_edit"), house.form(POOL) | {"name": "default", "max_vms": 7})
    house.pool.refresh_from_db()
    assert (house.pool.name, house.pool.max_vms) == ("default", 7)


def test_of_two_who_edit_a_pool_the_second_is_asked_before_the_first_is_overwritten(owner, house):
    form = house.form(POOL) | {"name": "default"}
    opened = owner.get(house.address("pool_edit")).context["form"].version
    owner.post(house.address("pool_edit"), form | {"max_vms": 7, "version": opened})
    refused = owner.post(house.address("pool_edit"), form | {"max_vms": 9, "version": opened})
    house.pool.refresh_from_db()
    assert "Someone changed this pool" in refused.text and house.pool.max_vms == 7
    newest = refused.context["form"].version
    owner.post(house.address("pool_edit"), form | {"max_vms": 9, "version": newest})
    house.pool.refresh_from_db()
    assert house.pool.max_vms == 9


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_form_of_a_deleted_pool_leads_to_the_list_and_says_so(owner, house, now, headers):
    Pool.objects.filter(pk=house.pool.pk).update(closing_at=now, closed_at=now)
    answer = owner.post(house.address("pool_edit"), house.form(POOL), headers=headers)
    to = answer.headers["HX-Redirect"] if headers else answer.url
    assert to == reverse("pools", args=[house.team.slug])
    assert "default was deleted. Nothing is saved." in owner.get(to).text


def test_a_node_too_small_for_the_default_size_does_not_match(owner, house):
    a_node(country="Chile", total_cru=1)
    a_node(country="Chile", total_cru=64)
    asked = house.form(POOL) | {"countries": "Chile", "ask": "1"}
    fit = owner.post(new(house), asked).context["fit"]
    assert len(fit.in_play) == 1
    assert {reason.code: nodes for reason, nodes in fit.out}[NodeCode.TOO_FEW_CPUS] == 1


def test_pools_move_up_and_down_in_the_teams_order(owner, house):
    last = a_pool(house.team, [house.connection], name="last", position=9)

    def names():
        return [row[0].name for row in owner.get(reverse("pools", args=[house.team.slug])).context["rows"]]

    owner.post(reverse("pool_up", args=[house.team.slug, last.pk]))
    assert names() == ["last", "default"]
    owner.post(reverse("pool_up", args=[house.team.slug, last.pk]))
    assert names() == ["last", "default"]
    owner.post(reverse("pool_down", args=[house.team.slug, last.pk]))
    assert names() == ["default", "last"]


def test_its_page_shows_vms_open_jobs_and_decisions(owner, house, now):
    Event.objects.create(team=house.team, pool=house.pool, **columns(Other("Wanted 2: 2 queued")), at=now)
    page = owner.get(house.address("pool")).text
    for words in (house.vm.name, "Wanted 2", "2 queued", "kestrel/app", "1 busy, 1 idle"):
        assert words in page


def test_nodes_in_play_are_named_and_the_others_counted_by_reason(owner, house):
    a_node(up=False)
    a_node(dedicated=True)
    page = owner.get(house.address("pool_nodes"))
    counted = {out.code: nodes for out, nodes in page.context["fit"].out}
    assert counted == {NodeCode.DOWN: 1, NodeCode.DEDICATED: 1}


def test_a_part_that_is_loaded_later_takes_no_message_away(owner, house):
    part = owner.get(house.address("pool_nodes"), headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<div id="nodes"')
    assert 'id="messages"' not in part


def test_closing_asks_first_and_then_drains(owner, house):
    assert "1 job runs and can finish first" in owner.get(house.address("pool_close")).text
    owner.post(house.address("pool_close"))
    house.pool.refresh_from_db()
    assert house.pool.closing_at
    assert "Deleting" in owner.get(reverse("pools", args=[house.team.slug])).text
    assert owner.get(house.address("pool_edit")).url == reverse("pools", args=[house.team.slug])


def test_a_pool_that_closes_stands_last_and_is_not_closed_again(owner, house):
    later = a_pool(house.team, [house.connection], name="later", position=9)
    owner.post(house.address("pool_close"))
    rows = owner.get(reverse("pools", args=[house.team.slug])).context["rows"]
    assert [row[0] for row in rows] == [later, house.pool]
    assert owner.get(reverse("pools", args=[house.team.slug])).context["lowest"] == [later]
    page = owner.get(house.address("pool_close"), follow=True).text
    assert "is already being deleted" in page


def test_without_a_pool_the_next_step_is_said_and_it_is_one_click(house):
    team = a_team("Night Shift")
    member, pools = client_of("member", team), reverse("pools", args=[team.slug])
    assert "connect your forge first" in member.get(pools).text
    a_connection(team)
    assert reverse("start_pool", args=[team.slug]) in member.get(pools).text
    assert "Ask a member of the team" in client_of("viewer", team).get(pools).text


def test_the_list_renews_itself(owner, house):
    part = owner.get(house.address("pools"), headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<section id="pools"')


def test_a_pool_of_many_vms_counts_them_all_and_lists_some(owner, house):
    for _ in range(30):
        a_vm("standby", house.pool, node=house.node, quote=house.vm.quote)
    page = owner.get(house.address("pool"))
    assert "1 busy, 31 idle" in page.text
    assert ("All 32 VMs" in page.text, len(page.context["vms"])) == (True, 20)


@pytest.mark.parametrize(
    "protection, words",
    [
        ("encrypted", ["Encrypted disk", "sold, seized or powered off", "read its memory"]),
        ("ram", ["In memory", "nothing is left"]),
        ("none", ["Not protected", "can read what jobs wrote"]),
    ],
)
def test_its_page_says_what_protects_jobs_against_what_and_what_not(owner, house, protection, words):
    Pool.objects.update(protection=protection)
    page = owner.get(house.address("pool")).text
    assert all(word in page for word in [*words, "Speeds: fio"])


def test_it_claims_no_encryption_where_vms_are_programs(owner, house, settings):
    assert "nothing is encrypted" in owner.get(house.address("pool")).text
    settings.GRID = "local"
    assert "nothing is encrypted" not in owner.get(house.address("pool")).text


def test_its_page_counts_reboots_and_says_how_long_they_take(owner, house, now):
    page = owner.get(house.address("pool")).text
    assert "Each job gets a new VM" in page and "Reboots" not in page
    Pool.objects.update(reuse="repository")
    for seconds in (3, 4, 5):
        began = now - timedelta(seconds=60 + seconds)
        Refresh.objects.create(vm=house.vm, began_at=began, claimed_at=now - timedelta(seconds=60))
    page = owner.get(house.address("pool")).text
    assert "Jobs of the same repository can reuse" in page
    assert '<dd class="num">3</dd> <dt>Average reboot time</dt> <dd class="num">4.0 s</dd>' in page


def test_arm_is_served_by_emulation_only_where_a_pool_says_so(owner, house):
    ask = reverse("pool_try", args=[house.team.slug, house.pool.pk]) + "?labels=small,arm64"
    assert "only a pool that emulates arm64 (5 to 13 times slower)" in owner.get(ask).text
    Pool.objects.update(arm64_emulated=True)
    answer = owner.get(ask).text
    assert "Accepted" in answer and "run emulated there, 5 to 13 times slower" in answer


def test_where_lost_jobs_can_not_run_again_is_said_before(owner, house):
    Pool.objects.update(rerun_lost=True)
    Connection.objects.update(version="1.25.4")
    address = reverse("pool", args=[house.team.slug, house.pool.pk])
    assert "Not for kestrel: Gitea 1.25.4 lets nobody do that by a token." in owner.get(address).text
    Connection.objects.update(version="1.26.0", may_write=False)
    assert "Not for kestrel: Our token may only read there." in owner.get(address).text
    Connection.objects.update(may_write=True)
    page = owner.get(address).text
    assert "up to 2 retries if the VM fails" in page and "Not at" not in page


def test_its_page_says_what_its_vms_run_and_what_of_it_is_too_old(owner, house, now):
    engines = [{"engine": "gitea", "version": "0.2.10", "released": "2026-01-01"}]
    built = (now - timedelta(days=20)).isoformat()
    house.vm.image = {"built_at": built, "distribution": "debian", "release": "trixie", "engines": engines}
    house.vm.save()
    for page in (house.address("pool"), house.address("vm")):
        text = owner.get(page).text
        assert "debian trixie" in text and "0.2.10" in text
        assert "The image is 20 days old" in text and "The engine gitea 0.2.10 is" in text


def test_its_page_says_which_labels_reach_it(owner, house):
    assert 'chip-label">tfgrid</span> or a size' in owner.get(house.address("pool")).text
    Pool.objects.update(anchors=["release"])
    page = owner.get(house.address("pool")).text
    assert 'chip-label">release</span>' in page and "or a size" not in page
