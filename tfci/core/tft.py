"""TFT as whole numbers of 1e-7, the chain's own unit; text only at the edges."""

import re
from decimal import Decimal
from typing import Self

UNIT = 10_000_000
LARGEST = 2**63 - 1
AMOUNT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{0,30})?|-?\.[0-9]{1,30}", re.ASCII)


class Tft(int):
    """An amount of TFT in units of 1e-7 TFT. Sums and differences stay Tft.

    >>> str(Tft.parse("0.0012345"))
    '0.0012345'
    >>> Tft.parse("1.5") + Tft(1)
    Tft('1.5000001')
    """

    @classmethod
    def parse(cls, text: str) -> Self:
        """Decimal text to Tft; ValueError for anything else than digits with at most one point, exact to 1e-7."""
        if not AMOUNT.fullmatch(text.strip()):
            raise ValueError(f"not an amount of TFT: {text[:60]!r}")
        units = Decimal(text.strip()).scaleb(7)
        if units != units.to_integral_value():
            raise ValueError(f"TFT have at most 7 decimals: {text!r}")
        if abs(units) > LARGEST:
            raise ValueError(f"larger than any amount of TFT: {text!r}")
        return cls(units)

    def share(self, part: int, whole: int) -> Self:
        """self x part / whole, rounded half up: the one rounding rule of all money."""
        return type(self)((2 * int(self) * part + whole) // (2 * whole))

    def __add__(self, other: int) -> Self:
        return type(self)(int(self) + int(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> Self:
        return type(self)(int(self) - int(other))

    def __neg__(self) -> Self:
        return type(self)(-int(self))

    def __str__(self) -> str:
        """Decimal text with all seven digits, as the API writes it."""
        whole, rest = divmod(abs(int(self)), UNIT)
        return f"{'-' if self < 0 else ''}{whole}.{rest:07d}"

    def __repr__(self) -> str:
        return f"Tft('{self}')"
