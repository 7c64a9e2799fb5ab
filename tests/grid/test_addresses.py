"""Addresses as wallets show them, and sub-accounts of one."""

import pytest
from hypothesis import given, strategies as st
from scalecodec.utils.ss58 import ss58_decode, ss58_encode

from tfci.grid import addresses

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"


@given(st.binary(min_size=32, max_size=32))
def test_they_are_those_of_the_chains_library(account):
    address = addresses.encode(account)
    assert address == ss58_encode(account, addresses.PREFIX)
    assert addresses.decode(address) == account == bytes.fromhex(ss58_decode(address))


@given(st.integers(0, 47), st.sampled_from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"))
def test_one_wrong_character_is_noticed(place, other):
    changed = ALICE[:place] + other + ALICE[place + 1 :]
    if changed != ALICE:
        with pytest.raises(ValueError):
            addresses.decode(changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "5Grw",
        ALICE + "1",
        ALICE.lower(),
        "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
        "twin_12",
    ],
)
def test_other_text_is_no_address(text):
    with pytest.raises(ValueError):
        addresses.decode(text)


def test_sub_accounts_are_those_of_polkadot_js():
    parent = "d6e6e33e51f1e26a0daa9203ee8fb48593af0d4d5b85fc47889ad592126fd634"
    child = "591a683ee626d1bb376d718fb76975f8f5d9e71dbedc412fc223f7fee1ae1da9"
    assert addresses.decode(addresses.sub_address(addresses.encode(bytes.fromhex(parent)), 0)).hex() == child
