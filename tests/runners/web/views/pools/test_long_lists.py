"""Lists that no person fills in: what is over the limit is not read, not looked for, and not sent back."""

import pytest
from django.urls import reverse

from tests.builders import a_node
from tests.runners.web.views.pools.test_form import FILLED

pytestmark = pytest.mark.django_db

LARGEST_ANSWER = 100_000  # bytes
LONG = {
    "node_ids": " ".join(map(str, range(1, 140_001))),
    "farms": " ".join(map(str, range(1, 70_001))),
    "countries": "\n".join(f"Land {number}" for number in range(50_000)),
    "regions": "\n".join(f"Land {number}" for number in range(50_000)),
    "repositories": " ".join(f"acme/{number}" for number in range(50_000)),
    "anchors": " ".join(f"label-{number}" for number in range(50_000)),
    "sizes": [f"size-{number}" for number in range(1_900)],
    "min_vms": ["1"] * 1_900,
}


@pytest.fixture
def grid():
    for number in range(1, 4):
        a_node(node_id=number)


@pytest.mark.parametrize("field", LONG)
@pytest.mark.parametrize("button", [{"ask": "1"}, {}])
def test_a_pools_form_refuses_it_in_few_words(
    owner, house, grid, field, button, django_assert_max_num_queries
):
    filled = house.form(FILLED) | button | {field: LONG[field]}
    with django_assert_max_num_queries(30):
        answer = owner.post(reverse("pool_new", args=[house.team.slug]), filled)
    assert answer.status_code == 200
    assert len(answer.content) < LARGEST_ANSWER
    if field != "min_vms":  # rows beyond those that have a size
        assert f"At most {1000 if field == 'node_ids' else 20 if field == 'anchors' else 100}" in answer.text


@pytest.mark.parametrize("field", ["node_ids", "farms", "countries", "regions"])
def test_so_does_a_servers_form(owner, house, grid, field, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        answer = owner.post(reverse("app_deploy", args=[house.team.slug, "pages"]), {field: LONG[field]})
    assert answer.status_code == 200
    assert "At most" in answer.text and len(answer.content) < LARGEST_ANSWER


def test_an_entry_longer_than_any_is_cut(owner, house, grid):
    filled = house.form(FILLED) | {"ask": "1", "countries": "x" * 900_000}
    answer = owner.post(reverse("pool_new", args=[house.team.slug]), filled)
    assert "An entry has at most 100 characters" in answer.text and len(answer.content) < LARGEST_ANSWER
