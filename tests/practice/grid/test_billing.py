"""Contracts in the chain's book, billed hour by hour, with no process around."""

import pytest

from practice.grid import billing
from practice.grid.book import Book

START = 1_780_315_200
HOUR, DAY = 3600, 86_400
RATE = 21_250_000  # 1e-7 TFT an hour at 10 mUSD


@pytest.fixture
def book():
    book = Book()
    book.apply({"event": "account", "at": START, "twin_id": 1001, "digest": "d"})
    book.apply({"event": "price", "at": START, "tft_musd": 10})
    return book


def fund(book, amount):
    book.apply({"event": "funded", "at": START, "twin_id": 1001, "amount": amount})


def deploy(book, name="vm1", at=START):
    network_id = book.next_contract()
    size = {"cpu": 2, "memory": 8192, "disk": 50, "certified": False}
    about = {"twin_id": 1001, "name": name, "node_id": 7, "network_id": network_id}
    book.apply({"event": "deployed", "at": at, "contract_id": network_id + 1, **about, **size})
    return book.live[network_id + 1]


def settle(book, until):
    """All that the chain does until then."""
    events = []
    while contract := book.due(until):
        for event in billing.cycle(book, contract, contract.due_at):
            book.apply(event)
            events.append(event)
    return events


def end(book, contract, at):
    events = list(billing.final(book, contract, at, "cancelled"))
    for event in events:
        book.apply(event)
    return events


def kinds(events):
    return [event["event"] for event in events]


def test_a_contract_is_billed_in_its_own_minute_of_each_hour(book):
    fund(book, 10**10)
    contract = deploy(book)
    times = [event["at"] for event in settle(book, START + 5 * HOUR)]
    assert {at % HOUR for at in times} == {contract.contract_id % 600 * 6}
    assert len(times) == 5


def test_the_first_bill_is_for_the_seconds_since_the_contract(book):
    fund(book, 10**10)
    deploy(book)
    first, second, *_ = settle(book, START + 3 * HOUR)
    assert first["seconds"] == first["at"] - START < HOUR
    assert (second["seconds"], second["amount"], second["taken"]) == (HOUR, RATE, RATE)


def test_contracts_are_billed_in_the_order_of_time(book):
    fund(book, 10**10)
    for number in range(5):
        deploy(book, f"vm{number}", START + 700 * number)
    times = [event["at"] for event in settle(book, START + DAY)]
    assert times == sorted(times)


def test_the_last_bill_is_for_the_rest(book):
    fund(book, 10**10)
    contract = deploy(book)
    bill, ended = end(book, contract, START + 100)
    assert (bill["seconds"], bill["amount"]) == (100, 590_278)
    assert (ended["event"], ended["at"], ended["cause"]) == ("ended", START + 100, "cancelled")
    assert book.standing(1001, "vm1") is None
    assert book.latest(1001, "vm1").ended_at == START + 100


def test_a_contract_of_no_seconds_has_no_bill(book):
    fund(book, 10**10)
    assert kinds(end(book, deploy(book), START)) == ["ended"]


def test_without_tft_it_is_paused_and_what_there_was_is_taken(book):
    fund(book, 10_000_000)
    contract = deploy(book)
    bill, paused = settle(book, START + HOUR)
    assert bill["taken"] == 10_000_000 < bill["owed"]
    assert paused["event"] == "paused"
    assert contract.owed == bill["owed"] - bill["taken"]
    assert book.accounts[1001].free == 0


def test_a_paused_contract_costs_on_and_is_resumed_once_paid(book):
    contract = deploy(book)
    settle(book, START + 3 * HOUR)
    owed = contract.owed
    fund(book, 10**10)
    bill, resumed = settle(book, START + 4 * HOUR)
    assert bill["taken"] == owed + RATE
    assert resumed["event"] == "resumed"
    assert contract.owed == 0 and contract.paused_at is None


def test_after_fourteen_unpaid_days_it_is_deleted(book):
    contract = deploy(book)
    events = settle(book, START + 15 * DAY)
    assert kinds(events).count("paused") == 1
    assert events[-1]["event"] == "ended" and events[-1]["cause"] == "unpaid"
    assert 14 * DAY <= contract.ended_at - START <= 14 * DAY + 2 * HOUR
    assert not book.live


def test_an_account_never_falls_below_nothing(book):
    fund(book, RATE + 1)
    contracts = [deploy(book, f"vm{number}") for number in range(3)]
    settle(book, START + 3 * HOUR)
    for contract in contracts:
        end(book, contract, START + 3 * HOUR)
    account = book.accounts[1001]
    assert account.free == 0
    assert sum(bill["taken"] for bill in account.bills) == RATE + 1
