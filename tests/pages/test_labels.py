"""The label builder, and labels explained."""

import pytest
from django.utils import timezone

from runners.jobs.labels import Size
from tests.builders import a_node, a_price
from tests.people import Visitor
from tfci.grid import nodes
from tfci.pages.views.labels import for_nothing, room_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_labels():
    a_price(read_at=timezone.now())
    return lambda **query: Visitor().get("/labels/", query)


def test_a_named_size_gets_its_short_label_and_its_price(open_labels):
    text = open_labels().text
    assert 'data-copy="runs-on: small"' in text
    assert "0.0354167" in text and "$0.000354" in text


def test_any_other_size_gets_the_label_that_spells_it_out(open_labels):
    assert 'data-copy="runs-on: 4cpu8gbram60gbssd"' in open_labels(cpu=4, ram=8, disk=60).text


def test_each_label_that_is_built_is_read_back_as_the_same_size(open_labels):
    answer = open_labels(cpu=3, ram=7, disk=90)
    assert Size.parse(answer.context["label"]) == Size(3, 7, 90)


@pytest.mark.parametrize("numbers", [{"cpu": 0}, {"ram": "x"}, {"disk": 10**9}, {"cpu": ""}])
def test_numbers_that_make_no_vm_are_said_and_break_nothing(open_labels, numbers):
    answer = open_labels(**numbers)
    assert answer.status_code == 200
    assert "No VM can have these values." in answer.text


def test_htmx_gets_the_answer_alone(open_labels):
    text = Visitor().get("/labels/", {"cpu": 2, "ram": 8, "disk": 50}, headers={"HX-Request": "true"}).text
    assert text.startswith('<div class="fp-stack" id="built">')
    assert "<html" not in text and "Explain" not in text


def test_only_nodes_with_room_are_counted_and_the_roomiest_come_first(open_labels):
    full = a_node(free_mru=4 * 1024)
    small, large = a_node(free_mru=16 * 1024), a_node(free_mru=64 * 1024)
    a_node(up=False), a_node(healthy=False), a_node(dedicated=True)
    a_node(blocked_until=timezone.now() + timezone.timedelta(minutes=1))
    rooms = open_labels().context["rooms"]
    assert [room.node for room in rooms] == [large, small]
    assert [room.vms for room in rooms] == [8, 2]
    assert full not in nodes.fitting("simulated", 2, 8, 50, timezone.now())


def test_a_size_that_no_node_has_room_for_says_that_a_job_would_wait(open_labels):
    assert "No node has that much free capacity now" in open_labels().text


def test_vms_beside_each_other_are_bound_by_memory_and_disk():
    node = a_node(free_mru=100 * 1024, free_sru=120)
    assert room_for(Size(2, 8, 50), node) == 2
    assert room_for(Size(2, 60, 50), node) == 1


@pytest.mark.parametrize("size, most", [(Size(2, 8, 50), 4), (Size(4, 8, 50), None), (Size(1, 1, 50), 2)])
def test_processors_that_cost_nothing_are_pointed_out(size, most):
    assert for_nothing(size) == most


def test_what_a_new_pool_would_refuse_is_said_beside_the_price(open_labels):
    assert "larger than a new pool allows" in open_labels(cpu=32, ram=64, disk=100).text


def test_the_others_stand_beside_with_their_dates(open_labels):
    text = open_labels(cpu=4, ram=16, disk=100).text
    assert "$0.0120" in text and "2026-10-09" in text


def test_a_label_is_explained_word_by_word(open_labels):
    text = open_labels(label="[self-hosted, linux, 4vCPU-8GB-50gbssd]").text
    assert "Understood: 4 vCPU, 8 GB, 50 GB" in text
    assert text.count("No effect") == 2


def test_a_refusal_is_the_sentence_of_the_job_page(open_labels):
    assert "Refused: the label “gpu” is unknown" in open_labels(label="[tfgrid, gpu]").text


def test_what_is_pasted_is_shown_as_text(open_labels):
    assert "<script>alert" not in open_labels(label="<script>alert(1)</script>").text


def test_a_text_without_end_is_not_read(open_labels):
    assert "Paste up to 300 characters" in open_labels(label="x" * 301).text


def test_the_anchor_is_the_operators(open_labels, settings):
    settings.ANCHOR = "orchard"
    assert "Understood" in open_labels(label="orchard").text
