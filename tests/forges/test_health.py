"""How well a forge's deliveries reach us."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_connection
from tfci.forges import health
from tfci.forges.models import Tally

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_odd_deliveries_are_counted_by_kind_and_the_last_is_remembered():
    connection = a_connection()
    for minute in range(3):
        health.count(
            connection.address, Tally.Kind.SIGNATURE, NOON + timedelta(minutes=minute), f"wrong {minute}"
        )
    health.count(connection.address, Tally.Kind.DOUBLED, NOON)
    found = health.tallies([connection], NOON)[connection.pk]
    assert {kind: row.count for kind, row in found.items()} == {"signature": 3, "doubled": 1}
    assert (found["signature"].said, found["signature"].at) == ("wrong 2", NOON + timedelta(minutes=2))


def test_days_add_up_and_an_old_one_is_left_out_and_forgotten():
    connection = a_connection()
    for days in (8, 6, 1, 0):
        health.count(connection.address, Tally.Kind.SIZE, NOON - days * DAY, f"{days} days ago")
    row = health.tallies([connection], NOON)[connection.pk]["size"]
    assert (row.count, row.said) == (3, "0 days ago")
    health.tidy(NOON)
    assert Tally.objects.count() == 3


def test_an_address_of_nobody_counts_nowhere():
    a_connection(disconnected_at=NOON, address="gone")
    health.count("gone", Tally.Kind.SIGNATURE, NOON)
    health.count("never", Tally.Kind.SIGNATURE, NOON)
    assert not Tally.objects.exists()


def test_one_odd_delivery_more_costs_one_statement(django_assert_num_queries):
    connection = a_connection()
    health.count(connection.address, Tally.Kind.DOUBLED, NOON)
    with django_assert_num_queries(1):
        health.count(connection.address, Tally.Kind.DOUBLED, NOON)


def test_what_the_forge_was_answered_is_cut_to_what_a_row_holds():
    connection = a_connection()
    health.count(connection.address, Tally.Kind.UNREADABLE, NOON, "x" * 1000)
    assert len(Tally.objects.get().said) == 300
