"""What the storm is judged by can tell right from wrong."""

from tests.chaos import books


def deployed(number: int, at: int) -> dict:
    return {"event": "deployed", "at": at, "contract_id": 100 + number, "name": f"fh_abc_{number}"}


def ended(number: int, at: int) -> dict:
    return {"event": "ended", "at": at, "contract_id": 100 + number, "name": f"fh_abc_{number}"}


JOURNAL = [
    deployed(1, 10),
    deployed(2, 20),
    ended(1, 70),
    deployed(3, 80),
    {"event": "fee", "at": 81},
    ended(2, 90),
]


def test_vms_that_stand_together_are_counted():
    assert books.most_at_once(JOURNAL) == 2


def test_one_that_was_left_is_named():
    assert books.never_ended(JOURNAL) == ["fh_abc_3"]


def test_seconds_cost_what_their_quote_says():
    stood = books.seconds(JOURNAL)
    assert stood == {1: 60, 2: 70}
    assert books.costs(stood, {1: 3_600_000, 2: 36}) == {1: 60_000, 2: 1}
