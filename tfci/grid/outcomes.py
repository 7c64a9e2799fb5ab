"""What became of a signed call, by what final blocks say. Pure.

An account's number is used by the one act that carries it. So an act whose number is free, and whose time is over,
never happens; and one whose number is used stands in a block of its time, or other bytes took its place.
"""

from collections.abc import Callable

from tfci.grid.payment_ports import Expired, NumberUsed, Outcome, Pending, SignedCall


def outcome(
    signed: SignedCall, final: int, next_nonce: int, in_block: Callable[[int], Outcome | None]
) -> Outcome:
    """`next_nonce`: of the account after the final block. `in_block` reads the block of that number, and says what the
    call came to there; None where it doesn't stand there."""
    if next_nonce <= signed.nonce:
        return Expired() if final >= signed.dies_at else Pending()
    for number in range(signed.born_at + 1, min(final, signed.dies_at - 1) + 1):
        if found := in_block(number):
            return found
    return NumberUsed()
