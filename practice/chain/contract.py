"""A contract for a deployment on a node, and what it owes."""

from dataclasses import dataclass
from fractions import Fraction

from practice.chain import prices
from practice.chain.notices import Resources

GIB = 2**30
BLOCK = 6  # seconds
CYCLE = 600  # blocks from one bill of a contract to its next


@dataclass(frozen=True, slots=True)
class Grace:
    """Since when it is unpaid: block and second."""

    block: int
    since: int


@dataclass(frozen=True, slots=True)
class Payment:
    """`reserve`: held back in the payer's account until it is paid out; `overdraft`: still owed."""

    updated_at: int
    reserve: int = 0
    overdraft: int = 0
    cycles: int = 0


@dataclass(frozen=True, slots=True)
class Contract:
    contract_id: int
    twin_id: int
    node_id: int
    deployment_hash: bytes
    deployment_data: str
    created_at: int
    payment: Payment
    grace: Grace | None = None
    used: Resources | None = None

    @property
    def usd_per_hour(self) -> Fraction:
        """In units of 1e-7; nothing before its node has told what it takes."""
        if self.used is None:
            return Fraction(0)
        return prices.usd_per_hour(self.used.cru, Fraction(self.used.mru, GIB), Fraction(self.used.sru, GIB))

    @property
    def due_at(self) -> int:
        """When the chain bills it next: in each hour at the block that its number decides."""
        cycle = CYCLE * BLOCK
        start = self.contract_id % CYCLE * BLOCK
        return self.payment.updated_at + 1 + (start - self.payment.updated_at - 1) % cycle


@dataclass(frozen=True, slots=True)
class Bill:
    """What one billing came to: `due` for its seconds, `owed` with older debt, `taken` of the account."""

    contract_id: int
    twin_id: int
    at: int
    seconds: int
    tft_musd: int
    discount: prices.Discount
    due: int
    owed: int
    taken: int
