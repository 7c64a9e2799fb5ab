"""Whether words and their account will do as a team's own twin. Pure."""

import bip39

from billing.twin_rules.reasons import (
    BalanceBelowMinimum,
    OwnerUnverified,
    OwnTwinReason,
    SignedElsewhere,
    TermsNotAccepted,
    TwinMissing,
    WordsMiscounted,
    WordsMisspelled,
)
from tfci.core.secret import Secret
from tfci.grid.ports import MIN_BALANCE, AccountFacts

COUNTS = (12, 15, 18, 21, 24)  # words that a mnemonic may have (BIP 39)


def normalized(words: Secret) -> Secret:
    """As the chain's programs read them."""
    return Secret(" ".join(words.reveal().lower().split()))


def words_problem(words: Secret) -> OwnTwinReason | None:
    """Of normalized words; a mnemonic's last word holds a checksum of all."""
    count = len(words.reveal().split())
    if count not in COUNTS:
        return WordsMiscounted(count)
    return None if bip39.bip39_validate(words.reveal()) else WordsMisspelled()


def account_problems(facts: AccountFacts, network: str) -> list[OwnTwinReason]:
    """All that has to change before it can deploy; what depends on a twin only where it has one."""
    if facts.twin_id is None:
        return [TwinMissing(facts.address, network)]
    found: list[OwnTwinReason] = []
    if not facts.accepted_terms:
        found.append(TermsNotAccepted())
    if not facts.verified:
        found.append(OwnerUnverified(facts.twin_id))
    if facts.holdings.usable < MIN_BALANCE:
        found.append(BalanceBelowMinimum(int(facts.holdings.usable), int(MIN_BALANCE)))
    if facts.signing:
        found.append(SignedElsewhere())
    return found
