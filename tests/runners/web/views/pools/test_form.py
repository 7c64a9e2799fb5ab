"""What the buttons of a pool's form do: rows, presets, the picker, and the way to the node finder and back."""

import pytest
from django.urls import reverse

from runners.models import Pool
from tests.builders import a_node
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def press(owner, house):
    """press(**changed): the answer to the form with these values and that button."""

    def send(path="", **changed):
        filled = house.form(FILLED) | {
            name: house.fill(text) for name, text in changed.items() if text is str(text)
        }
        lists = {name: values for name, values in changed.items() if isinstance(values, list)}
        return owner.post(reverse("pool_new", args=[house.team.slug]) + path, filled | lists)

    return send


FILLED = {
    **{"name": "second", "connections": "CONNECTION", "default_size": "medium", "position": 0},
    **{"sizes": ["small", "medium"], "min_vms": ["1", ""], "max_vms": 7, "max_job_minutes": 60},
    **{"linger_minutes": 5, "min_distinct_nodes": 1, "countries": "Belgium"},
}


def rows(answer):
    return [(row.size, row.count) for row in answer.context["form"].size_rows]


def test_a_row_is_added_and_everything_else_stays(press):
    answer = press(add="size")
    assert rows(answer) == [("small", "1"), ("medium", ""), ("", "")]
    assert answer.context["form"]["max_vms"].value() == "7"
    assert "autofocus" in answer.text
    assert not Pool.objects.filter(name="second").exists()


@pytest.mark.parametrize(
    "row, left", [("0", ["medium"]), ("1", ["small"]), ("9", ["small", "medium"]), ("x", None)]
)
def test_the_row_whose_button_was_pressed_goes(press, row, left):
    assert [size for size, _ in rows(press(remove=row))] == (left or ["small", "medium"])


def test_what_is_empty_is_not_blamed_before_the_pool_is_sent(press):
    assert "This field is required" not in press(add="size", name="").text
    answer = press(name="").text
    assert "This field is required" in answer and "The pool is not saved yet" in answer


@pytest.mark.parametrize(
    "preset, nodes, ready, idle",
    [
        ("cheapest", {}, {}, 0),
        ("fast", {"countries": ["Belgium"], "rule": {"min_success_percent": 90}}, {"medium": 1}, 30),
        ("europe", {"regions": ["Europe"], "rule": {"certified": True}}, {"small": 1}, 5),
        ("unheard-of", {"countries": ["Belgium"]}, {"small": 1}, 5),
    ],
)
def test_a_preset_fills_in_what_it_is_about_and_saves_nothing(press, preset, nodes, ready, idle):
    a_node(certified=True)
    form = press(preset=preset).context["form"]
    assert form.is_valid(), form.errors
    pool = form.instance
    assert (pool.nodes, pool.min_vms, pool.linger_minutes) == (nodes, ready, idle)
    assert (pool.name, pool.max_vms) == ("second", 7)
    assert not Pool.objects.filter(name="second").exists()


def test_the_cheapest_takes_back_the_success_rate_of_fast_start(press):
    assert (
        not press(preset="cheapest", min_success_percent="90").context["form"]["min_success_percent"].value()
    )


def test_fast_start_adds_the_default_size_where_no_row_has_it(press):
    assert rows(press(preset="fast", default_size="8x"))[-1] == ("8x", "1")


def test_a_preset_for_a_region_that_the_grid_lacks_is_not_offered(owner, house):
    page = reverse("pool_new", args=[house.team.slug])
    assert "europe" in owner.get(page).context["presets"]
    house.node.__class__.objects.update(region="Local")
    assert "europe" not in owner.get(page).context["presets"]


def options(answer, field):
    group = next(group for group in answer.context["places"].groups if group.field == field)
    return {option.value: (option.note, option.chosen) for option in group.options}


def test_places_are_offered_with_their_nodes(owner, house):
    a_node(country="Chile", region="Americas")
    answer = owner.get(reverse("pool_new", args=[house.team.slug]))
    assert options(answer, "countries") == {"Belgium": ("3", False), "Chile": ("1", False)}
    assert options(answer, "regions") == {"Europe": ("3", False), "Americas": ("1", False)}
    assert options(answer, "farms") == options(answer, "node_ids") == {}


@pytest.mark.parametrize("button", ["search", "enter"])
def test_a_search_finds_farms_by_name_and_nodes_by_number(press, button):
    node = a_node(node_id=4711, farm_id=9, country="Chile")
    node.farm.name = "Mistral"
    node.farm.save()
    answer = press(place="MISTR", **{button: "1"})
    assert options(answer, "farms") == {"9": ("1", False)}
    assert options(answer, "countries") == {"Belgium": ("3", True)}
    answer = press(place="4711", **{button: "1"})
    assert options(answer, "node_ids") == {"4711": ("Mistral, Chile", False)}
    assert "Nothing matches “x”" in press(place="x", **{button: "1"}).text


def test_odd_searches_and_rows_break_nothing(press):
    for place in ("\0", "%_\\", "9" * 5000, "٣"):
        assert press(place=place, search="1").status_code == 200
    assert press(remove="9" * 5000).status_code == 200


def test_a_search_by_htmx_answers_with_the_list_alone(owner, house):
    there = reverse("pool_new", args=[house.team.slug])
    answer = owner.post(f"{there}?search", {"place": "belg"}, headers={"HX-Request": "true"}).text
    assert answer.startswith('<div id="places"') and "Belgium" in answer and "fit" not in answer


def test_a_viewer_is_not_sent_back_to_a_form(house):
    page = client_of("viewer", house.team).get(reverse("nodes", args=[house.team.slug]), {"pool": "new"})
    assert page.context["pool_form"] == "" and "Back to the pool" not in page.text


def test_a_place_that_the_grid_lost_can_be_taken_out(press):
    answer = press(countries="Atlantis", ask="1")
    assert options(answer, "countries")["Atlantis"] == ("0", True)
    assert "No node of this grid stands in “Atlantis”" in answer.text


def test_the_form_goes_to_the_node_finder_and_comes_back_with_nodes(press, owner, house):
    finder = press(find="1", certified="on", max_price="3", node_ids=["7"])
    assert finder.status_code == 302
    there = owner.get(finder.url)
    assert there.context["form"].cleaned_data["certified"] is True
    assert there.context["pool_form"] == reverse("pool_new", args=[house.team.slug])
    back = owner.get(
        there.context["pool_form"], {"draft": "1", "size": "medium", "node": ["7", house.node.node_id]}
    )
    form = back.context["form"]
    assert form["node_ids"].value() == ["7", str(house.node.node_id)]
    assert (form["name"].value(), form["max_vms"].value()) == ("second", "7")


def test_exact_nodes_goes_to_the_node_finder_without_places(press, owner, house):
    assert press(preset="exact").status_code == 302
    back = owner.get(reverse("pool_new", args=[house.team.slug]), {"draft": "1", "node": house.node.node_id})
    assert back.context["form"]["countries"].value() == []
    assert back.context["form"]["node_ids"].value() == [str(house.node.node_id)]


def test_what_one_pool_was_is_not_filled_into_another(press, owner, house):
    press(find="1")
    back = owner.get(house.address("pool_edit"), {"draft": "1", "node": house.node.node_id})
    assert back.context["form"]["name"].value() == "default"


def test_the_advanced_part_sums_up_what_it_holds_and_opens_for_a_mistake(press, owner, house):
    page = owner.get(reverse("pool_new", args=[house.team.slug])).text
    assert "360 min job timeout · 5 min idle timeout · encrypted disk · new VM for each job" in page
    assert '<details class="card fh-fold" >' in page
    assert '<details class="card fh-fold" open>' in press(max_job_minutes="0").text
