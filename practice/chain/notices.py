"""What reaches the chain without an account's act: from nodes, from the bridge, from the price feed, from its council,
and from whoever tests."""

from dataclasses import dataclass

from practice.chain.addresses import AccountId
from practice.chain.calls import Call


class Notice:
    """Carried out in a block before the acts of accounts, free of charge."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What a contract takes of its node, in its units: threads, and bytes."""

    cru: int
    mru: int
    sru: int
    hru: int = 0


@dataclass(frozen=True, slots=True)
class ReportResources(Notice):
    """A node runs what a contract is for; from now on it costs."""

    contract_id: int
    used: Resources


@dataclass(frozen=True, slots=True)
class Minted(Notice):
    """The bridge's validators agreed on a payment on Stellar, `tx_id`; its fee is taken from the amount."""

    tx_id: bytes
    target: AccountId
    amount: int


@dataclass(frozen=True, slots=True)
class PriceSet(Notice):
    """Of a TFT, in 1e-3 USD."""

    musd: int


@dataclass(frozen=True, slots=True)
class FeeSet(Notice):
    """Acts cost so many percent of what they do at first."""

    percent: int


@dataclass(frozen=True, slots=True)
class Upgraded(Notice):
    """The blocks after this one follow another runtime."""

    spec: int


@dataclass(frozen=True, slots=True)
class DispatchedAs(Notice):
    """The council acts for an account, which pays no fee."""

    account: AccountId
    call: Call


@dataclass(frozen=True, slots=True)
class Suspended(Notice):
    """A contract pauses although its twin can pay, as when the rent of its node is unpaid."""

    contract_id: int


@dataclass(frozen=True, slots=True)
class PaymentsLost(Notice):
    """The payment states of these contracts are gone, and of no others: the chain neither bills nor cancels them."""

    contract_ids: frozenset[int]


NOTICES: tuple[type[Notice], ...] = (
    ReportResources,
    Minted,
    PriceSet,
    FeeSet,
    Upgraded,
    DispatchedAs,
    Suspended,
    PaymentsLost,
)
