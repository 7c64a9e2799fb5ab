"""Why a chain account can't be a team's own twin, with its sentence."""

from billing.twin_rules import reasons
from tfci.core.tft import UNIT

OWN_TWINS = [
    (reasons.WordsMiscounted(11), "A mnemonic has 12 to 24 words. These are 11."),
    (
        reasons.WordsMisspelled(),
        "The checksum of the words is wrong: one is misspelled, or in the wrong place.",
    ),
    (reasons.TwinMissing("5Grw", "main"), "The account 5Grw has no twin on the network main."),
    (reasons.TermsNotAccepted(), "The account has not accepted the grid’s terms and conditions."),
    (
        reasons.OwnerUnverified(42),
        "The owner of twin 42 is not verified (KYC), so nodes reject its deployments.",
    ),
    (
        reasons.BalanceBelowMinimum(UNIT, 2 * UNIT),
        "The account can spend 1.0000000 TFT. At least 2.0000000 TFT is required.",
    ),
    (reasons.SignedElsewhere(), "Another program is signing with this account at this moment."),
    (reasons.AccountTaken(), "This installation already signs with this account for someone else."),
    (reasons.TwinInUse(1), "It still signs for 1 VM, which only its words can end."),
]
