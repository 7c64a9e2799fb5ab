"""Drawings are measured and marked so that people can read them."""

import pytest

from tests.builders import NOON
from tfci.templatetags.draw import Axis, meter


@pytest.mark.parametrize(
    "seconds, words",
    [
        (1, ["0", "0.2 s", "0.4 s", "0.6 s", "0.8 s"]),
        (115, ["0", "20 s", "40 s", "60 s", "80 s", "100 s"]),
        (170, ["0", "30 s", "1 min", "1.5 min", "2 min", "2.5 min"]),
        (7600, ["0", "30 min", "1 h", "1.5 h", "2 h"]),
        (7300, ["0", "30 min", "1 h", "1.5 h"]),  # the next would hang over the end
    ],
)
def test_an_axis_is_marked_at_round_times_in_units_that_come_out_even(seconds, words):
    assert [said for _, said, _ in Axis(NOON, seconds).ticks] == words


def test_a_meter_shows_which_part_is_used():
    assert meter("CPU", 3, 4)["used"] == "75.00%"
    assert meter("CPU", 3, 0)["used"] == "0.00%"
