"""Which words and accounts will do as a team's own twin, and what one covers."""

from dataclasses import replace

import bip39
import pytest

from billing.twin_rules import checks, room
from billing.twin_rules.reasons import (
    BalanceBelowMinimum,
    OwnerUnverified,
    SignedElsewhere,
    TermsNotAccepted,
    TwinMissing,
    WordsMiscounted,
    WordsMisspelled,
)
from tests.builders import NOON
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid.ports import MIN_BALANCE, AccountFacts, Holdings

GOOD = "legal winner thank year wave sausage worth useful legal winner thank yellow"  # BIP 39's own example
HELD = Holdings(Tft(100 * UNIT), Tft(0), Tft(0), NOON)
FACTS = AccountFacts("5Grw", 42, accepted_terms=True, verified=True, signing=False, holdings=HELD)
POOR = replace(HELD, usable=MIN_BALANCE - 1)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (GOOD, None),
        (f"  {GOOD.upper()}\n", None),
        (GOOD.replace(" ", "\n\t"), None),
        ("", WordsMiscounted(0)),
        (GOOD.rsplit(" ", 1)[0], WordsMiscounted(11)),
        (f"0x{'a' * 64}", WordsMiscounted(1)),
        (GOOD.replace("yellow", "year"), WordsMisspelled()),
        (GOOD.replace("sausage", "sausages"), WordsMisspelled()),
        (GOOD.replace("winner thank", "thank winner", 1), WordsMisspelled()),
    ],
)
def test_words_are_counted_and_their_checksum_is_checked(words, problem):
    assert checks.words_problem(checks.normalized(Secret(words))) == problem


@pytest.mark.parametrize("count", [12, 24])
def test_words_by_chance_are_right_and_are_read_as_they_were_made(count):
    words = bip39.bip39_generate(count)
    assert checks.normalized(Secret(words)).reveal() == words
    assert checks.words_problem(Secret(words)) is None


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, []),
        ({"holdings": replace(HELD, usable=MIN_BALANCE)}, []),
        ({"twin_id": None, "verified": False, "accepted_terms": False}, [TwinMissing("5Grw", "main")]),
        ({"accepted_terms": False}, [TermsNotAccepted()]),
        ({"verified": False}, [OwnerUnverified(42)]),
        ({"holdings": POOR}, [BalanceBelowMinimum(2 * UNIT - 1, 2 * UNIT)]),
        ({"signing": True}, [SignedElsewhere()]),
        (
            {"verified": False, "holdings": POOR, "signing": True},
            [OwnerUnverified(42), BalanceBelowMinimum(2 * UNIT - 1, 2 * UNIT), SignedElsewhere()],
        ),
    ],
)
def test_all_that_an_account_lacks_is_said_at_once(change, problems):
    assert checks.account_problems(replace(FACTS, **change), "main") == problems
    assert all(problem.advice for problem in problems)


@pytest.mark.parametrize(
    ("usable", "left"), [(None, "-2"), ("0", "-2"), ("2", "0"), ("2.0000001", "0.0000001"), ("12", "10")]
)
def test_two_tft_stay_for_the_fees_of_the_chain(usable, left):
    assert room.room(usable and Tft.parse(usable)) == Tft.parse(left)


@pytest.mark.parametrize(("cost", "owed"), [("0", "0"), ("1.5", "1.5"), ("2", "2"), ("9", "2")])
def test_at_most_an_hour_of_a_vm_is_not_billed_yet(cost, owed):
    assert room.unbilled(Tft.parse(cost), Tft.parse("2")) == Tft.parse(owed)
