"""What Farmhand needs from a chain to take TFT in and to pay TFT out, in Farmhand's terms.

Beside ports.py, which is for VMs. Both drivers pass tests/contracts/test_payments.py. Money in 1e-7 TFT; addresses as
wallets show them (addresses.py); hashes as 0x and digits; times of the chain, with a zone. A block that is final stays
for good; any other may be replaced. Reading raises Unavailable where there is no answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from tfci.core.tft import Tft
from tfci.grid.ports import GridError

ERA = 64  # blocks, 6.4 minutes, in which a signed call can be carried out


class StateGone(GridError):
    """The block is known, but no node that answers still has what the chain held after it."""


@dataclass(frozen=True, slots=True)
class ChainBlock:
    number: int
    hash: str
    parent: str
    at: datetime


class TransferKind(StrEnum):
    TRANSFER = "transfer"  # from another account of the chain
    MINT = "mint"  # from Stellar, by the bridge


@dataclass(frozen=True, slots=True)
class TransferSeen:
    """`index`: the event's place in its block. A mint comes from no account; `amount` is what arrived."""

    index: int
    kind: TransferKind
    source: str
    target: str
    amount: Tft
    stellar_transaction: str = ""


@dataclass(frozen=True, slots=True)
class BridgeFees:
    """What the bridge keeps of each payment. An amount that is not larger does not pass."""

    deposit: Tft
    withdrawal: Tft


# What the signer can ask for


@dataclass(frozen=True, slots=True)
class Pay:
    """Refused where the signer's account would end by it."""

    target: str
    amount: Tft


@dataclass(frozen=True, slots=True)
class SwapToStellar:
    """`amount` with the bridge's fee, which it keeps. There is no memo."""

    target: str
    amount: Tft


@dataclass(frozen=True, slots=True)
class OpenTwin:
    """The signer accepts the terms and gets a twin. Refused where it has one."""


@dataclass(frozen=True, slots=True)
class OpenAddresses:
    """Sub-accounts of the signer: each gets `amount` and a twin, or nothing where it has one."""

    indexes: tuple[int, ...]
    amount: Tft


@dataclass(frozen=True, slots=True)
class Sweep:
    """From sub-accounts to the signer: (index, amount). Each by itself: one that fails holds no other back."""

    amounts: tuple[tuple[int, Tft], ...]


PaymentCall: TypeAlias = Pay | SwapToStellar | OpenTwin | OpenAddresses | Sweep


@dataclass(frozen=True, slots=True)
class SignedCall:
    """Store it before it is sent. Its bytes can be carried out once, in a block from `born_at` to before `dies_at`."""

    data: str
    hash: str
    nonce: int  # the number of the signer's act
    born_at: int
    dies_at: int


# What became of it, as final blocks tell


@dataclass(frozen=True, slots=True)
class Pending:
    """It may still be carried out, or is and is not final. Send the same bytes again; sign nothing instead of it."""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """`failed_calls`: of a sweep or an opening, how many had no effect. `burn_id`: the bridge's number of a swap."""

    block: ChainBlock
    fee: Tft
    failed_calls: int = 0
    burn_id: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """It stands in a block and had no effect but its fee. `error` as the chain names it: "Token: FundsUnavailable"."""

    block: ChainBlock
    fee: Tft
    error: str


@dataclass(frozen=True, slots=True)
class Expired:
    """Its time is over and its number was not used: it never happens."""


@dataclass(frozen=True, slots=True)
class NumberUsed:
    """Other bytes of the same account used its number: it never happens."""


Outcome: TypeAlias = Pending | CarriedOut | Failed | Expired | NumberUsed


class PaymentChain(Protocol):
    """The chain as one of its nodes shows it; without a key."""

    def genesis(self) -> str:
        """The hash of block 0, which names the chain."""

    def final(self) -> ChainBlock:
        """The newest block that is final, as far as this node knows."""

    def heads(self) -> tuple[ChainBlock, ChainBlock]:
        """The same, and the newest of all, by one question."""

    def block_hash(self, number: int) -> str | None:
        """Of the best chain's block; None where this node has none of that number."""

    def block(self, number: int) -> ChainBlock | None:
        """The same as a whole. Raises StateGone."""

    def transfers(self, block_hash: str, watched: Collection[str]) -> list[TransferSeen]:
        """In this block, to or from a watched address, in the order of events. Raises StateGone."""

    def balances(self, addresses: Sequence[str], block_hash: str) -> Mapping[str, Tft]:
        """What each holds after this block, with what is held back; 0 for one that does not exist. Raises StateGone."""

    def twins(self, addresses: Sequence[str], block_hash: str) -> Mapping[str, int]:
        """The number of each one's twin; addresses without one are left out. Raises StateGone."""

    def bridge_fees(self) -> BridgeFees: ...


class Payer(PaymentChain, Protocol):
    """The same, with one account that acts. Its calls raise GridError where the words are no account's."""

    def address(self) -> str: ...

    def sub_address(self, index: int) -> str:
        """Of the keyless account for which this one acts; `index` below 65,536."""

    def fee(self, call: PaymentCall) -> Tft:
        """What the chain takes for it now."""

    def next_nonce(self) -> int:
        """The number of the account's next act, those that wait for a block included."""

    def sign(self, call: PaymentCall) -> SignedCall:
        """For the next ERA blocks, with the next number that the account has free. Sends nothing."""

    def send(self, signed: SignedCall) -> None:
        """Sending the same again is harmless. What the node answers is no outcome: ask for that. Raises OutOfFunds
        where the account can't pay the fee."""

    def outcome(self, signed: SignedCall) -> Outcome:
        """Raises StateGone where it was carried out, and no node still has that block's events."""
