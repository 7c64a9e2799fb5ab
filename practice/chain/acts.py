"""An account's signed act, and for how long it lives."""

from dataclasses import dataclass

from practice.chain.addresses import AccountId
from practice.chain.calls import Call


@dataclass(frozen=True, slots=True)
class Era:
    """`period` blocks, a power of two, within which an act can be taken up; `phase`: its birth in each period."""

    period: int
    phase: int

    @classmethod
    def at(cls, number: int, period: int) -> "Era":
        """As a client makes it that knows block `number`."""
        return cls(period, number % period)

    def birth(self, number: int) -> int:
        """The block from which it counts, as seen from this one."""
        return (max(number, self.phase) - self.phase) // self.period * self.period + self.phase


@dataclass(frozen=True, slots=True)
class Act:
    """`digest` is its bytes' hash. `checkpoint`: the hash of the block where its era began, signed along; the genesis's
    where it is immortal. On a chain that has another block there, it is worth nothing."""

    signer: AccountId
    nonce: int
    call: Call
    digest: bytes
    checkpoint: bytes
    spec: int
    era: Era | None = None
    size: int = 140
    tip: int = 0
