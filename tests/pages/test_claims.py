"""What is claimed on public pages names what shows it."""

from pathlib import Path

import pytest

from tfci.core.list_prices.current import PEERS
from tfci.pages import claims
from tfci.pages.manual import manual

ROOT = Path(__file__).resolve().parents[2]


def made():
    """Each claim of ours: what it says, and what shows it."""
    for group in claims.read("comparison")["groups"]:
        yield from ((row["point"], row["shown_by"]) for row in group["rows"])
    for row in [*claims.read("security")["threats"], *claims.read("security")["gives"]]:
        yield row.get("against") or row["what"], row["shown_by"]
    yield from ((one["what"], one["shown_by"]) for one in claims.read("claims")["claims"])


@pytest.mark.parametrize("what, shown_by", list(made()))
def test_what_shows_a_claim_is_there(what, shown_by):
    file, _, test = shown_by.partition("::")
    if test:
        assert f"def {test}(" in (ROOT / file).read_text()
    else:
        assert shown_by in manual().pages


def test_what_is_said_to_be_protected_is_shown_by_a_test():
    for row in claims.read("security")["threats"]:
        assert row["mark"] != "yes" or "::" in row["shown_by"], row["against"]


def test_every_point_speaks_of_every_product():
    table = claims.read("comparison")
    for group in table["groups"]:
        for row in group["rows"]:
            assert len(row["others"]) == len(table["products"]), row["point"]
            assert {mark for mark, _ in [row["ours"], *row["others"]]} <= {"yes", "part", "no", "", "price"}


def test_a_price_in_the_comparison_is_one_that_was_read():
    named = {said for g in claims.read("comparison")["groups"] for row in g["rows"] for mark, said in row["others"]
             if mark == "price"}  # fmt: skip
    assert named == {peer.name for peer in PEERS}


def test_every_source_has_its_date():
    assert all(source["as_of"].startswith("2026-") for source in claims.read("comparison")["sources"])
