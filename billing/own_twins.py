"""A team's own twin: its words are entered once, checked, sealed, and never shown again."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.db.models.functions import TruncDate

from billing import ledger
from billing.models import Cashier, ChainBill, Twin as Twin, Wallet
from billing.twin_rules import checks
from billing.twin_rules.reasons import AccountTaken, OwnTwinReason
from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.ports import AccountFacts

NO_WORDS = Secret("")  # what is kept of those that were removed


class Rejected(Exception):
    """The words or their account won't do, or the one of before is still needed."""

    def __init__(self, reasons: list[OwnTwinReason]) -> None:
        super().__init__()
        self.reasons = reasons


def of_team(team: Team) -> Twin | None:
    """On this installation's grid, used or not."""
    return Twin.objects.filter(network=registry.network(), team=team, removed_at=None).first()


def is_used(twin: Twin) -> bool:
    """Whether new VMs of its team run on it."""
    return Wallet.objects.filter(own_twin=twin).exists()


def check(team: Team, words: Secret) -> AccountFacts:
    """What the chain has of their account. Raises Rejected with all that is wrong, and GridError where the grid gives
    no answer."""
    if problem := checks.words_problem(words):
        raise Rejected([problem])
    facts = registry.account(words).facts()
    problems = checks.account_problems(facts, registry.network())
    if _is_taken(facts, team):
        problems.append(AccountTaken())
    if problems:
        raise Rejected(problems)
    return facts


def _is_taken(facts: AccountFacts, team: Team) -> bool:
    """Whether somebody else of this installation signs with the account: it can do one thing at a time."""
    network = registry.network()
    others = Twin.objects.filter(network=network, removed_at=None).exclude(team=team)
    signs = facts.twin_id is not None and others.filter(twin_id=facts.twin_id).exists()
    return signs or Cashier.objects.filter(address=facts.address).exists()


@transaction.atomic
def store(team: Team, words: Secret, facts: AccountFacts, who: Actor, now: datetime) -> Twin:
    """Keep checked words, and let new VMs run on the twin. The caller has removed another one of before. Raises
    Rejected where somebody else was faster."""
    network, held = registry.network(), facts.holdings
    values = {
        "mnemonic": words,
        "team": team,
        "address": facts.address,
        "removed_at": None,
        "usable": held.usable,
        "stash": held.stash,
        "reserved": held.reserved,
        "holdings_read_at": held.read_at,
        "problem": "",
        "problem_params": None,
    }
    twin_id = present(facts.twin_id)
    known = Twin.objects.select_for_update().filter(network=network, twin_id=twin_id).first()
    if _is_taken(facts, team):
        raise Rejected([AccountTaken()])
    if known is None:
        known = _create(network, twin_id, values, now)
    else:
        Twin.objects.filter(pk=known.pk).update(**values)
    _set_used(team, known)
    after = {"usable": f"{held.usable} TFT", "account": facts.address}
    audit.record(team, who, Action.OWN_TWIN_ENTERED, _name(known), after=after, at=now)
    return known


def _create(network: str, twin_id: int, values: dict[str, object], now: datetime) -> Twin:
    try:
        with transaction.atomic():
            return Twin.objects.create(network=network, twin_id=twin_id, signing_until=now, **values)
    except IntegrityError:
        raise Rejected([AccountTaken()]) from None


@transaction.atomic
def use(twin: Twin, team: Team, who: Actor, now: datetime) -> None:
    """New VMs run on it again."""
    _set_used(team, twin)
    audit.record(team, who, Action.OWN_TWIN_USED, _name(twin), at=now)


@transaction.atomic
def stop_using(twin: Twin, team: Team, who: Actor, now: datetime) -> None:
    """New VMs are paid for from the balance again. It still ends those that it has."""
    _set_used(team, None)
    audit.record(team, who, Action.OWN_TWIN_PAUSED, _name(twin), at=now)


@transaction.atomic
def remove(twin: Twin, team: Team, who: Actor, now: datetime) -> None:
    """Forget its words. The caller has seen that no VM runs on it."""
    _set_used(team, None)
    Twin.objects.filter(pk=twin.pk).update(mnemonic=NO_WORDS, removed_at=now)
    audit.record(team, who, Action.OWN_TWIN_REMOVED, _name(twin), at=now)


def _set_used(team: Team, twin: Twin | None) -> None:
    Wallet.objects.filter(team=team).update(own_twin=twin)


def _name(twin: Twin) -> str:
    return f"twin {twin.twin_id} on {twin.network}"


@dataclass(frozen=True, slots=True)
class TwinDay:
    """What the chain billed the twin, and what VMs on it cost by our meter."""

    day: date
    billed: Tft
    metered: Tft


def days(twin: Twin, team: Team, since: datetime, zone: ZoneInfo) -> list[TwinDay]:
    """Newest first; those without either are left out."""
    bills = ChainBill.objects.filter(twin=twin, at__gte=since).order_by()
    by_day = bills.values_list(TruncDate("at", tzinfo=zone)).annotate(sum=Sum("amount"))
    billed: dict[date, int] = dict(by_day)
    metered = ledger.spent_on_own_twin(team, since, zone)
    found = sorted(billed.keys() | metered.keys(), reverse=True)
    return [TwinDay(day, Tft(billed.get(day, 0)), Tft(metered.get(day, 0))) for day in found]
