"""Play money: one click pays it in, by the chain and the watcher as any other payment."""

from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.payment_ports import Pay


def available() -> bool:
    """Not where TFT is real."""
    return registry.practices()


def pay(address: str, amount: Tft) -> None:
    """Only where it is available. Raises GridError."""
    wallet = registry.practice_wallet()
    wallet.send(wallet.sign(Pay(address, amount)))
