"""Where TFT can be paid out to: an address of the chain or of Stellar, with its checksum. Pure."""

from base64 import b32decode
from binascii import crc_hqx
from enum import StrEnum

from tfci.core.translation import gettext
from tfci.grid import addresses as chain_addresses

STELLAR_ACCOUNT = 6 << 3  # the first byte of a G… address (SEP-23)
STELLAR_LENGTH = 56
STELLAR_SUBADDRESS = "M"  # of an account with a memo, as exchanges give them out


class Route(StrEnum):
    TFCHAIN = "tfchain"
    STELLAR = "stellar"


def check(route: Route, text: str) -> str:
    """The address without spaces around it. ValueError with a sentence for people where it is none."""
    address = text.strip()
    return _tfchain(address) if route is Route.TFCHAIN else _stellar(address)


def _tfchain(address: str) -> str:
    """As wallets write it for this chain; for others they write the same account otherwise."""
    try:
        chain_addresses.decode(address)
    except ValueError:
        text = gettext(
            "This is no TFChain address, or it has a typo. Copy it from your wallet: it begins with 5."
        )
        raise ValueError(text) from None
    return address


def _stellar(address: str) -> str:
    """A public key (SEP-23): its kind, 32 bytes, and a CRC16 over both."""
    if address.startswith(STELLAR_SUBADDRESS):
        text = gettext("An address that begins with M needs a memo, which a withdrawal can’t carry.")
        raise ValueError(text)
    try:
        raw = b32decode(address) if len(address) == STELLAR_LENGTH else b""
    except ValueError:
        raw = b""
    if not raw or raw[0] != STELLAR_ACCOUNT or crc_hqx(raw[:-2], 0) != int.from_bytes(raw[-2:], "little"):
        text = gettext(
            "This is no Stellar address, or it has a typo. Copy it from your wallet: it begins with G."
        )
        raise ValueError(text)
    return address
