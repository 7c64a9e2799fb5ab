"""The pool's form in a real browser: a newcomer fills it in, by mouse, by keyboard alone, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from runners.models import Pool
from tests.browser import accessibility, chromium, open_page
from tests.builders import a_node, a_price
from tests.journeys.people import WAYS, WIDE

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FEW = 10  # inputs
LONGER = [name for name in WAYS if name != "mouse"]
SLOW = [pytest.param(WAYS[name], marks=pytest.mark.proof) for name in LONGER]


class Counting:
    """Hands that count what they do."""

    def __init__(self, hands):
        self.hands, self.inputs = hands, 0

    def __getattr__(self, deed):
        self.inputs += 1
        return getattr(self.hands, deed)


@pytest.fixture
def nodes(now):
    a_price(cu=20_000, su=10_000, read_at=now)
    for country in ("Germany", "Belgium", "Chile"):
        a_node(country=country, region="Europe" if country != "Chile" else "Americas", certified=True)


@pytest.mark.parametrize("way", [WAYS["mouse"], *SLOW], ids=["mouse", *LONGER])
def test_a_newcomer_makes_a_pool_that_fits_in_under_ten_inputs(open_page, owner, house, nodes, way):
    look = {"viewport": way.size or WIDE, "java_script_enabled": way.scripts}
    page = open_page(owner, house.address("pool_new"), **look)
    hands = Counting(way.hands(page))
    hands.write(page.get_by_label("Name", exact=True), "app")
    hands.write(page.get_by_role("textbox", name="Repositories"), "kestrel/app")
    hands.tick(page.get_by_role("checkbox", name="Germany"))
    hands.tick(page.get_by_role("checkbox", name="Belgium"))
    hands.tick(page.get_by_label("Certified nodes only"))
    hands.write(page.get_by_label("Maximum price"), "3")
    hands.write(page.get_by_role("spinbutton", name="VMs kept ready small"), "2")
    hands.write(page.get_by_label("Default size"), "medium")
    if way.scripts:
        expect(page.locator("#fit")).to_contain_text("2 nodes match")
        expect(page.locator("#fit")).to_contain_text("Keeping 2 small")
    hands.press(page.get_by_role("button", name="Create pool"))
    page.get_by_text("app is saved").wait_for()
    assert hands.inputs < FEW
    pool = Pool.objects.get(name="app")
    rule = {"certified": True, "max_price": "3.0000000"}
    assert pool.nodes == {"countries": ["Belgium", "Germany"], "rule": rule}
    assert (pool.repositories, pool.default_size) == (["kestrel/app"], "medium")
    assert (pool.min_vms, pool.max_vms) == ({"small": 2}, 10)
    assert page.mistakes == []


@pytest.mark.parametrize("scripts", [True, False])
def test_rows_of_sizes_are_added_and_removed(open_page, owner, house, scripts):
    page = open_page(owner, house.address("pool_edit"), java_script_enabled=scripts)
    sizes = page.locator("input[name=sizes]")
    page.get_by_role("button", name="Add size").click()
    expect(sizes).to_have_count(5)
    expect(sizes.last).to_be_focused()
    page.keyboard.type("32x")
    page.get_by_role("spinbutton", name="VMs kept ready 32x").fill("1")
    page.get_by_role("button", name="Remove medium").click()
    expect(sizes).to_have_count(4)
    page.get_by_role("button", name="Save pool").click()
    page.get_by_text("default is saved").wait_for()
    house.pool.refresh_from_db()
    assert (house.pool.sizes, house.pool.min_vms) == (["small", "large", "xlarge", "32x"], {"32x": 1})


def test_hours_are_added_seen_and_saved(open_page, owner, house, nodes):
    page = open_page(owner, house.address("pool_edit"))
    page.get_by_role("button", name="Add hours").click()
    row = page.get_by_role("group", name="Hours, row")
    expect(row.get_by_label("VMs")).to_be_focused()
    expect(page.locator("#ready-hours")).to_contain_text("a month")  # the server's answer to the new row
    page.get_by_role("button", name="Remove row").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Add hours").click()
    row.get_by_label("VMs").fill("2")
    row.get_by_label("Sat").check()
    row.get_by_label("From").fill("22")
    row.get_by_label("To").fill("6")
    expect(page.locator("#ready-hours")).to_contain_text("22:00 to 24:00: 2 small")
    assert accessibility(page) == ""
    page.get_by_role("button", name="Save pool").click()
    expect(page.get_by_role("region", name="VMs kept ready by the hour")).to_contain_text(
        "Not enough jobs yet"
    )
    assert accessibility(page) == ""
    house.pool.refresh_from_db()
    weekdays = ["mon", "tue", "wed", "thu", "fri", "sat"]
    night = {"size": "small", "vms": 2, "weekdays": weekdays, "from_hour": 22, "to_hour": 6}
    assert house.pool.schedule == [night]
    assert page.mistakes == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_search_shows_what_it_finds_and_what_is_ticked(open_page, owner, house, nodes, scripts):
    page = open_page(owner, house.address("pool_new"), java_script_enabled=scripts)
    page.get_by_role("checkbox", name="Chile").check()
    page.get_by_label("Regions, countries").fill("germ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Belgium")).to_have_count(0)
    page.get_by_role("checkbox", name="Germany").check()
    expect(page.get_by_role("checkbox", name="Chile")).to_be_checked()
    assert not Pool.objects.exclude(pk=house.pool.pk).exists()


def test_nodes_are_ticked_in_the_finder_and_come_back_to_what_was_filled_in(open_page, owner, house, nodes):
    node = a_node(country="Chile", node_id=4711)
    page = open_page(owner, house.address("pool_new"))
    page.get_by_label("Name", exact=True).fill("elsewhere")
    page.get_by_role("button", name="Exact nodes").click()
    page.wait_for_url("**/nodes/?*")  # with its scripts
    page.get_by_label("Country").select_option("Chile")
    expect(page.get_by_role("checkbox", name=f"Node {house.node.node_id}")).to_have_count(0)
    page.get_by_role("checkbox", name=f"Node {node.node_id}").check()
    page.get_by_role("button", name="Add to the pool").click()
    expect(page.get_by_role("checkbox", name="Node 4711")).to_be_checked()
    expect(page.get_by_label("Name", exact=True)).to_have_value("elsewhere")
    page.get_by_role("button", name="Create pool").click()
    page.get_by_text("elsewhere is saved").wait_for()
    assert Pool.objects.get(name="elsewhere").nodes == {"ids": [4711]}


def test_what_is_wrong_is_named_above_with_a_way_to_each_field(open_page, owner, house):
    page = open_page(owner, house.address("pool_new"))
    page.get_by_label("Maximum price").fill("x")
    page.locator("summary", has_text="Advanced").click()
    page.get_by_label("Job timeout").fill("0")
    page.locator("summary", has_text="Advanced").click()
    page.get_by_role("button", name="Create pool").click()
    wrong = page.get_by_role("alert")
    expect(wrong.get_by_role("link")).to_have_text(
        ["Name", "Job timeout (minutes)", "Maximum price (TFT/hour)"]
    )
    assert accessibility(page) == ""
    wrong.get_by_role("link", name="Job timeout").click()
    expect(page.get_by_label("Job timeout")).to_be_in_viewport()
