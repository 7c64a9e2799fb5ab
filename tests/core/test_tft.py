"""Amounts of TFT, as people and programs write them."""

import pytest

from tfci.core.tft import LARGEST, Tft


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0", 0),
        ("1", 10_000_000),
        (" 1.5 ", 15_000_000),
        (".5", 5_000_000),
        ("2.", 20_000_000),
        ("-0.0000001", -1),
        ("1.00000000000", 10_000_000),
        ("922337203685.4775807", LARGEST),
    ],
)
def test_an_amount_is_read(text, units):
    assert Tft.parse(text) == units


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "-", "+1", "1,5", "1_0", "0x10", "1e3", "1e99999999", "nan", "inf", "1 000", "1\n2"),
        *("\u0665", "\uff11", "0.00000001", "922337203685.4775808", "9" * 31, "1." + "0" * 5000),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="TFT"):
        Tft.parse(text)


def test_the_text_of_an_amount_is_read_back():
    assert Tft.parse(str(Tft(-12_345_678))) == Tft(-12_345_678)
