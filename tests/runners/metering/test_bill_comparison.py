"""What the chain's model bills against what we charge: each difference has its cause, and what has none is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import call_command

from billing import chain_bills, ledger, quotes
from billing.models import ChainBill, Price
from practice.chain import calls
from practice.chain.notices import PriceSet
from practice.chain.state import TFT
from runners.jobs.labels import NAMED
from runners.metering import bill_comparison, verification
from runners.models import VM
from tests.builders import a_node, a_twin, a_vm, a_wallet
from tests.practice.chain.small import ANN, DAY, HOUR, Small
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.ports import Bill, Prices

pytestmark = pytest.mark.django_db
SIZE = NAMED["small"]


def when(second):
    return datetime.fromtimestamp(second, UTC)


class Grid:
    """A chain whose bills are read as an index tells them, and VMs that we charge by their quotes."""

    def __init__(self, tft=1000, *, tells_price=True):
        self.small, self.tells_price = Small(), tells_price
        self.twin = a_twin(twin_id=self.small.person(ANN, tft))
        self.wallet = a_wallet(tft="1000000", twin=self.twin)
        self.told, self.asked_about = [], []
        self.read_price()
        self.read()  # from here on bills are compared

    @property
    def now(self):
        return when(self.small.now)

    def read_price(self):
        musd = self.small.state.terms.tft_musd
        quotes.note_prices("simulated", Prices(100_000, 50_000, musd, self.now))
        state = self.small.state
        held = {"usable": state.account(ANN).usable, "stash": 0, "holdings_read_at": self.now}
        type(self.twin).objects.filter(pk=self.twin.pk).update(**held)

    def price(self, musd):
        self.small.seal(PriceSet(musd), after=0)
        self.read_price()

    def pass_time(self, seconds):
        self.keep(self.small.pass_time(seconds))
        self.read_price()

    def keep(self, bills):
        self.told += [
            Bill(
                bill.contract_id,
                Tft(bill.taken),
                when(bill.at),
                100 - bill.discount.value[1],
                bill.tft_musd if self.tells_price else None,
            )
            for bill in bills
            if bill.taken == bill.owed
        ]

    def order(self, certified=False):
        node = a_node(certified=certified)
        [quote] = quotes.quote([(SIZE, node)], quotes.prices("simulated", self.wallet.team_id), self.now)
        contract_id, begun = self.small.contract(ANN, 2 if certified else 1), self.now
        made = {"contract_ids": [contract_id, 10**6 + contract_id], "contract_created_at": begun}
        return a_vm("busy", wallet=self.wallet, node=node, quote=quote, **made)

    def end(self, vm):
        self.small.send(ANN, calls.CancelContract(vm.contract_ids[0]))
        self.keep(self.small.chain.best.bills)
        self.read_price()
        VM.objects.filter(pk=vm.pk).update(state="gone", contract_ended_at=self.now, removed_at=self.now)
        self.charge(vm)

    def charge(self, vm):
        length = (self.now - vm.contract_created_at) // timedelta(milliseconds=1)
        due = quotes.cost(vm.quote, length) - ledger.spent(vm_id=vm.pk)
        ledger.charge(self.wallet, f"vm:{vm.pk}:{length}", Tft(due), self.now, use="job", vm_id=vm.pk)

    def bills(self, since, complete=()):
        self.asked_about.append((since, complete))
        return [bill for bill in self.told if bill.at >= since and bill.contract_id not in complete]

    def read(self):
        chain_bills.read(self.twin.pk)
        return bill_comparison.sums()


@pytest.fixture
def grids(monkeypatch):
    """Makes one; only one at a time."""

    def make(*args, **options):
        grid = Grid.__new__(Grid)
        kind = replace(registry.KINDS["simulated"], account=lambda *_: grid)
        monkeypatch.setitem(registry.KINDS, "simulated", kind)
        grid.__init__(*args, **options)
        return grid

    return make


def found(grid):
    """What does not add up, but for what was not charged by the meter itself."""
    return {one.cause.value: one.count for one in verification.verify(grid.now).differences}


def adds_up(sums):
    assert sums["billed"] - sums["charged"] == sum(sums[cause] for cause in bill_comparison.CAUSES)
    return {cause: sums[cause] for cause in bill_comparison.CAUSES if sums[cause]}


def test_at_the_price_of_the_order_only_rounding_differs(grids):
    grid = grids()
    vm = grid.order()
    grid.pass_time(3 * HOUR + 1234)
    grid.end(vm)
    causes = adds_up(grid.read())
    assert causes.keys() <= {"rounding"} and abs(causes.get("rounding", 0)) <= 100 * len(grid.told)
    assert found(grid) == {}


def test_each_cause_is_told_apart(grids):
    grid = grids()
    vm = grid.order()
    grid.pass_time(HOUR)
    grid.price(8)
    grid.pass_time(HOUR)
    grid.end(vm)
    causes = adds_up(grid.read())
    assert causes["price"] > 0 and causes.keys() <= {"price", "rounding"}


@pytest.mark.parametrize(
    ("to_team", "margin", "sign"),
    [(100, 0, {}), (0, 0, {"discount": -1}), (50, 10, {"discount": -1, "margin": -1})],
)
def test_a_discount_that_the_operator_keeps_and_a_margin_are_causes(grids, settings, to_team, margin, sign):
    settings.DISCOUNT_TO_TEAM, settings.MARGIN = to_team, margin
    grid = grids(20_000)  # 40 % off a small
    vm = grid.order(certified=True)
    grid.pass_time(5 * HOUR)
    grid.end(vm)
    causes = adds_up(grid.read())
    causes.pop("rounding", None)
    assert {cause: (amount > 0) - (amount < 0) for cause, amount in causes.items()} == sign


@pytest.mark.parametrize(
    ("seed", "tells_price"), [(0, True), (1, False), (2, False)]
)  # the second one runs dry
def test_whatever_prices_and_balances_do_nothing_is_unexplained(grids, settings, seed, tells_price):
    chance = Random(seed)
    settings.DISCOUNT_TO_TEAM, settings.MARGIN = chance.choice([0, 33, 100]), chance.choice([0, 7])
    grid = grids(chance.choice([1_000, 3_000, 12_000, 60_000]), tells_price=tells_price)
    alive = []
    for _ in range(18):
        if alive and chance.random() < 0.3:
            grid.end(alive.pop(chance.randrange(len(alive))))
        elif chance.random() < 0.4:
            grid.small.give(ANN, chance.randrange(1, 2_000 * TFT))
            grid.read_price()
        else:
            alive.append(grid.order(certified=chance.random() < 0.5))
        grid.price(chance.randrange(6, 15))
        grid.pass_time(chance.randrange(1, 5_000))
    sums = grid.read()
    assert adds_up(sums).get("unexplained", 0) == 0 and sums["billed"] > 0
    assert sums["no_vm"] == 0 >= sums["overdrawn"]
    assert abs(sums["rounding"]) <= 200 * len(grid.told) + 200 * VM.objects.count()
    assert found(grid) == {}


def test_bills_are_kept_once_however_often_they_are_told(grids):
    grid = grids()
    grid.order()
    grid.pass_time(3 * HOUR)
    grid.told += grid.told
    first = grid.read()
    assert ChainBill.objects.count() == len(grid.told) // 2
    assert grid.read() == first


def test_an_hour_that_the_chain_billed_twice_is_a_difference(grids):
    grid = grids()
    vm = grid.order()
    grid.pass_time(2 * HOUR)
    grid.end(vm)
    first = grid.told[0]
    grid.told.append(replace(first, at=first.at + timedelta(seconds=6)))
    assert 0 < adds_up(grid.read())["unexplained"] <= int(first.amount) and found(grid) == {"bill": 1}


def test_a_late_bill_is_time_not_billed_yet_and_later_as_if_it_had_come_in_time(grids):
    grid = grids()
    vm = grid.order()
    grid.pass_time(HOUR)
    grid.end(vm)
    held = grid.told.pop()
    late = adds_up(grid.read())
    assert late["seconds"] < 0 and "unexplained" not in late and found(grid) == {}
    grid.pass_time(DAY)
    grid.told.append(held)
    assert adds_up(grid.read()).keys() <= {"rounding"}


def test_a_bill_that_never_came_is_a_difference_after_three_days(grids):
    grid = grids()
    vm = grid.order()
    grid.pass_time(HOUR)
    grid.end(vm)
    grid.told.pop()
    grid.pass_time(3 * DAY + HOUR)
    causes = adds_up(grid.read())
    assert causes["unexplained"] < 0 and "seconds" not in causes
    assert found(grid) == {"bill": 1}


def test_a_contract_that_no_vm_has_is_kept_as_such(grids):
    grid = grids()
    grid.small.contract(ANN)
    grid.pass_time(2 * HOUR)
    sums = grid.read()
    assert adds_up(sums) == {"no_vm": sums["billed"]}
    assert found(grid) == {}


def test_an_account_that_ran_dry_is_no_mistake(grids):
    grid = grids(3)
    vm = grid.order()
    grid.pass_time(4 * HOUR)
    grid.small.give(ANN, 50 * TFT)
    grid.pass_time(2 * HOUR)
    grid.end(vm)
    causes = adds_up(grid.read())
    assert causes["overdrawn"] < 0 and causes.keys() <= {"overdrawn", "rounding"}


@pytest.mark.parametrize("change", [1, -1, 10_000_000])
def test_a_bill_that_was_tampered_with_is_found_and_the_command_fails(grids, change):
    grid = grids()
    vm = grid.order()
    grid.pass_time(2 * HOUR)
    grid.end(vm)
    grid.read()
    bill = ChainBill.objects.order_by("pk").last()
    ChainBill.objects.filter(pk=bill.pk).update(amount=bill.amount + change)
    assert adds_up(bill_comparison.sums())["unexplained"] == change
    text = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify", stdout=text)
    assert ended.value.code == 1
    assert "\nbill: 1. " in text.getvalue() and f"  VM {vm.pk}: " in text.getvalue()
    assert f"  unexplained: {Tft(change)} TFT\n" in text.getvalue()


def test_contracts_that_are_over_are_not_asked_for_again(grids):
    grid = grids()
    vm = grid.order()
    grid.pass_time(HOUR)
    grid.end(vm)
    grid.read()
    last = grid.told.pop()
    grid.told.append(Bill(last.contract_id, last.amount, last.at, 0, last.tft_musd, final=True))
    grid.read()  # its end is told after its last bill
    grid.read()
    assert [complete for _, complete in grid.asked_about[-2:]] == [frozenset(), {vm.contract_ids[0]}]
    assert ChainBill.objects.filter(final=True).count() == 1


def test_what_is_newer_than_our_prices_waits_for_them(grids):
    grid = grids()
    grid.order()
    grid.keep(grid.small.pass_time(3 * HOUR))
    assert grid.read()["billed"] == 0
    grid.read_price()
    assert grid.read()["billed"] > 0


def test_before_the_first_price_nothing_is_read(grids):
    grid = grids()
    Price.objects.all().delete()
    type(grid.twin).objects.update(bills_from=None, bills_read_to=None)
    assert grid.read() == {}


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0, (10, 10)), (4, (10, 10)), (5, (10, 10)), (6, (10, 14)), (7, (14, 14)), (9, (14, 14))],
)
def test_between_two_readings_that_differ_the_price_may_be_any_between(minutes, expected):
    noon = when(1_780_315_200)

    def reading(musd, first, last):
        times = {"first_read_at": noon + timedelta(minutes=first), "read_at": noon + timedelta(minutes=last)}
        return Price(tft_musd=musd, **times)

    prices = [reading(10, 0, 5), reading(14, 7, 9)]
    assert chain_bills.price_at(prices, noon + timedelta(minutes=minutes))[:2] == expected
