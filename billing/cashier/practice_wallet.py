"""Play money: one click pays it in, by the chain and the watcher as any other payment."""

import bip39

from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.payment_ports import OpenTwin, Pay


def available() -> bool:
    """Not where TFT is real."""
    return registry.practices()


def pay(address: str, amount: Tft) -> None:
    """Only where it is available. Raises GridError."""
    wallet = registry.practice_wallet()
    wallet.send(wallet.sign(Pay(address, amount)))


def open_account(amount: Tft) -> Secret:
    """The words of a new account that holds so much and has a twin, which it made itself as any account does. Only
    where it is available. Raises GridError."""
    words = Secret(bip39.bip39_generate(12))
    account = registry.payer(words)
    pay(account.address(), amount)
    account.send(account.sign(OpenTwin()))
    return words
