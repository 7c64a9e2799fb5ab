"""Why a call is refused, and why an act is not even taken up."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class DispatchError:
    """`pallet` names the module whose error it is; "Token" and "Arithmetic" are the runtime's own kinds."""

    pallet: str
    name: str


class Refused(Exception):
    """A call has no effect; in a block, this becomes an event."""

    def __init__(self, pallet: str, name: str) -> None:
        super().__init__(f"{pallet}: {name}")
        self.error = DispatchError(pallet, name)


class Invalidity(Enum):
    """What a node answers instead of taking an act into its pool."""

    BAD_PROOF = "Transaction has a bad signature"
    OUTDATED = "Transaction is outdated"
    NO_FEE = "Inability to pay some fees , e.g. account balance too low"
    IMPORTED = "Transaction is already in the pool"
    LOW_PRIORITY = "The transaction has too low priority to replace another transaction already in the pool."


class Invalid(Exception):
    """An act that the pool does not take."""

    def __init__(self, why: Invalidity) -> None:
        super().__init__(why.value)
        self.why = why
