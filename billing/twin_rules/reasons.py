"""Why a chain account can't be a team's own twin, and why one can't be removed: codes with parameters. Pure.

Amounts in parameters are in 1e-7 TFT.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.formatting import plural
from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.tft import Tft
from tfci.core.translation import translated


class OwnTwinCode(StrEnum):
    WORDS_MISCOUNTED = "words_miscounted"
    WORDS_MISSPELLED = "words_misspelled"
    TWIN_MISSING = "twin_missing"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    OWNER_UNVERIFIED = "owner_unverified"
    BALANCE_BELOW_MINIMUM = "twin_below_minimum"
    SIGNED_ELSEWHERE = "signed_elsewhere"
    ACCOUNT_TAKEN = "account_taken"
    TWIN_IN_USE = "twin_in_use"


@dataclass(frozen=True, slots=True)
class OwnTwinReason(Reason):
    known: ClassVar[dict[str, "type[OwnTwinReason]"]] = {}
    owner: ClassVar[Owner] = Owner.TEAM
    severity: ClassVar[Severity] = Severity.ERROR


# The words


@dataclass(frozen=True, slots=True)
class WordsMiscounted(OwnTwinReason):
    code = OwnTwinCode.WORDS_MISCOUNTED
    advice = translated(
        "Enter all words of the account, in their order. A secret of 64 digits, as ThreeFold Connect shows it, is not "
        "a mnemonic: create an account in the dashboard or the Polkadot UI."
    )
    sentence = translated("A mnemonic has 12 to 24 words. These are {count}.")
    count: int


class WordsMisspelled(OwnTwinReason):
    code = OwnTwinCode.WORDS_MISSPELLED
    advice = translated("Compare each word and their order with your copy.")
    sentence = translated("The checksum of the words is wrong: one is misspelled, or in the wrong place.")


# The account, as the chain has it


@dataclass(frozen=True, slots=True)
class TwinMissing(OwnTwinReason):
    code = OwnTwinCode.TWIN_MISSING
    advice = translated("Open the account in ThreeFold’s dashboard of this network, which creates the twin.")
    sentence = translated("The account {address} has no twin on the network {network}.")
    address: str
    network: str


class TermsNotAccepted(OwnTwinReason):
    code = OwnTwinCode.TERMS_NOT_ACCEPTED
    advice = translated("Open the account in ThreeFold’s dashboard and accept them.")
    sentence = translated("The account has not accepted the grid’s terms and conditions.")


@dataclass(frozen=True, slots=True)
class OwnerUnverified(OwnTwinReason):
    code = OwnTwinCode.OWNER_UNVERIFIED
    advice = translated(
        "Complete the verification in ThreeFold’s dashboard. It requires 100 TFT on the account."
    )
    sentence = translated("The owner of twin {twin} is not verified (KYC), so nodes reject its deployments.")
    twin: int


@dataclass(frozen=True, slots=True)
class BalanceBelowMinimum(OwnTwinReason):
    code = OwnTwinCode.BALANCE_BELOW_MINIMUM
    advice = translated("Transfer TFT to the account, then enter the words again.")
    sentence = translated("The account can spend {usable} TFT. At least {minimum} TFT is required.")
    usable: int
    minimum: int

    def __str__(self) -> str:
        return self.sentence.format(usable=Tft(self.usable), minimum=Tft(self.minimum))


class SignedElsewhere(OwnTwinReason):
    code = OwnTwinCode.SIGNED_ELSEWHERE
    advice = translated(
        "Stop the program that uses it, wait a minute, then enter the words again. Farmhand has to be the only one."
    )
    sentence = translated("Another program is signing with this account at this moment.")


class AccountTaken(OwnTwinReason):
    code = OwnTwinCode.ACCOUNT_TAKEN
    advice = translated("Create an account that only this team uses.")
    sentence = translated("This installation already signs with this account for someone else.")


# What keeps it


@dataclass(frozen=True, slots=True)
class TwinInUse(OwnTwinReason):
    code = OwnTwinCode.TWIN_IN_USE
    severity = Severity.WARNING
    advice = translated(
        "Stop using the twin for new VMs. Then wait until these VMs have ended, retire them, or delete their servers."
    )
    sentence = translated("It still signs for {vms}, which only its words can end.")
    vms: int

    def __str__(self) -> str:
        return self.sentence.format(vms=plural(self.vms, "VM"))
