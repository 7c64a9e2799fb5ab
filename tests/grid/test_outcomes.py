"""What became of a signed call, for every combination of what final blocks say."""

import pytest

from tfci.core.tft import Tft
from tfci.grid.outcomes import outcome
from tfci.grid.payment_ports import CarriedOut, ChainBlock, Expired, NumberUsed, Pending, SignedCall

SIGNED = SignedCall("0x", "0x", nonce=5, born_at=100, dies_at=164)


def done(number):
    return CarriedOut(ChainBlock(number, "0x", "0x", None), Tft(1))


@pytest.mark.parametrize(
    ("final", "next_nonce", "stands_in", "came_to"),
    [
        (100, 5, None, Pending()),
        (
            163,
            5,
            None,
            Pending(),
        ),  # block 163 is the last that could have it; a lagging node may not show its state
        (164, 5, None, Expired()),
        (1000, 4, None, Expired()),  # acts before it never came either
        (101, 6, 101, done(101)),
        (164, 6, 163, done(163)),
        (164, 6, None, NumberUsed()),
        (1000, 9, 120, done(120)),
        (110, 6, 120, NumberUsed()),  # a block that is not final does not count
        (100, 6, 100, NumberUsed()),  # nor one from before it was signed
    ],
)
def test_number_and_time_decide(final, next_nonce, stands_in, came_to):
    def in_block(number):
        return done(number) if number == stands_in else None

    assert outcome(SIGNED, final, next_nonce, in_block) == came_to


def test_only_blocks_of_its_time_are_read():
    read = []
    outcome(SIGNED, 10_000, 6, lambda number: read.append(number))
    assert (read[0], read[-1], len(read)) == (101, 163, 63)
