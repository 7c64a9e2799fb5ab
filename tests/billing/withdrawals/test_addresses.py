"""Addresses that TFT can be paid out to, by their checksums. Examples: Substrate's and SEP-23's own."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from billing.withdrawal_rules import addresses
from billing.withdrawal_rules.addresses import Route

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
STELLAR = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"
MUXED = "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK"
GIVEN = [(Route.TFCHAIN, ALICE), (Route.STELLAR, STELLAR)]


@pytest.mark.parametrize(("route", "address"), GIVEN)
def test_an_address_is_taken_without_spaces_around_it(route, address):
    assert addresses.check(route, f"  {address}\n") == address


@pytest.mark.parametrize(
    ("route", "text", "said"),
    [
        (Route.TFCHAIN, STELLAR, "begins with 5"),
        (Route.STELLAR, ALICE, "begins with G"),
        (Route.TFCHAIN, "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F", "begins with 5"),  # Kusama's Alice
        (Route.TFCHAIN, "", "begins with 5"),
        (Route.TFCHAIN, "0" * 48, "begins with 5"),
        (Route.TFCHAIN, "ü" * 48, "begins with 5"),
        (Route.STELLAR, "", "begins with G"),
        (Route.STELLAR, "ü" * 56, "begins with G"),
        (Route.STELLAR, STELLAR.lower(), "begins with G"),
        (Route.STELLAR, STELLAR[:-1], "begins with G"),
        (Route.STELLAR, MUXED, "needs a memo"),
        (
            Route.STELLAR,
            "SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR",
            "begins with G",
        ),  # a secret key
    ],
)
def test_what_is_no_address_says_what_one_looks_like(route, text, said):
    with pytest.raises(ValueError, match=said):
        addresses.check(route, text)


@settings(derandomize=True)  # a checksum of 16 bits misses one of 65,536
@given(st.data())
@pytest.mark.parametrize(("route", "address"), GIVEN)
def test_one_wrong_letter_is_found(route, address, data):
    at = data.draw(st.integers(0, len(address) - 1))
    letter = data.draw(st.sampled_from([c for c in "ABCDEFGHJK23456789" if c != address[at]]))
    with pytest.raises(ValueError):
        addresses.check(route, address[:at] + letter + address[at + 1 :])
