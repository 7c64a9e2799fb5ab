"""Who holds money on the chain: accounts of 32 bytes, a key's own or derived."""

from hashlib import blake2b

AccountId = bytes
DERIVED = b"modlpy/utilisuba"  # as pallet-utility marks the accounts that it derives


def sub_account(parent: AccountId, index: int) -> AccountId:
    """The keyless account for which `parent` acts by `Utility.as_derivative(index, …)`."""
    return blake2b(DERIVED + parent + index.to_bytes(2, "little"), digest_size=32).digest()


def named(name: str) -> AccountId:
    """An account of the chain's own, whose key nobody has."""
    return blake2b(name.encode(), digest_size=32).digest()


BLOCK_AUTHOR = named("author of blocks")  # gets the fees of acts
BRIDGE_FEES = named("fees of the bridge")
FOUNDATION = named("foundation")
STAKING_POOL = named("staking pool")
