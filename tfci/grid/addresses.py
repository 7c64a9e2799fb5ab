"""Accounts of ThreeFold's chain as text (SS58), and the keyless sub-accounts of one. Pure."""

from hashlib import blake2b

import base58

PREFIX = 42  # of this chain's addresses
SUB_ACCOUNTS = 65_536  # that each account has
_CHECKED = b"SS58PRE"
_DERIVED = b"modlpy/utilisuba"  # as pallet-utility marks the accounts that it derives


def encode(account: bytes) -> str:
    body = bytes([PREFIX]) + account
    return base58.b58encode(body + _checksum(body)).decode()


def decode(address: str) -> bytes:
    """The account's 32 bytes. Raises ValueError for what is no address of this chain."""
    raw = base58.b58decode(address)
    body, checksum = raw[:-2], raw[-2:]
    if len(raw) != 35 or body[0] != PREFIX or checksum != _checksum(body):
        raise ValueError("no address of this chain")
    return body[1:]


def sub_address(parent: str, index: int) -> str:
    """Of the account for which `parent` acts by `Utility.as_derivative(index, …)`."""
    derived = _DERIVED + decode(parent) + index.to_bytes(2, "little")
    return encode(blake2b(derived, digest_size=32).digest())


def _checksum(body: bytes) -> bytes:
    return blake2b(_CHECKED + body).digest()[:2]
