"""All that a ThreeFold network is asked by: loaded together, and only where one is used (registry.py)."""

from tfci.grid.drivers.threefold.account import (
    ThreefoldAccount as ThreefoldAccount,
    ThreefoldOptions as ThreefoldOptions,
)
from tfci.grid.drivers.threefold.payments import (
    ThreefoldPayer as ThreefoldPayer,
    ThreefoldPaymentChain as ThreefoldPaymentChain,
)
