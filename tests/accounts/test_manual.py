"""The manual's page about people says what the code does."""

import re
from pathlib import Path

from django.conf import settings

from tfci.accounts import access, invitations
from tfci.accounts.forms import TokenForm
from tfci.accounts.models import Role, Scope

PAGE = (Path(__file__).parents[2] / "docs/teams.md").read_text()
COLUMNS = [*access.RANKS, Scope.READ, Scope.WRITE]


def rights():
    """Each right of the table with who has it."""
    rows = re.findall(r"^\| [^|]+\(`([\w.]+)`\) \|(.+)\|$", PAGE, re.M)
    return {
        verb: {who for who, cell in zip(COLUMNS, cells.split("|"), strict=True) if cell.strip()}
        for verb, cells in rows
    }


def test_the_table_is_the_one_of_the_code():
    everybody = [*Role, *Scope]
    assert rights() == {verb: {who for who in everybody if access.may(who, verb)} for verb in access.MAY}


def test_its_numbers_are_the_codes():
    amount = settings.ACCOUNT_RATE_LIMITS["invite"].partition("/")[0]
    assert f"may make {amount} invitations an hour" in PAGE
    assert f"ends after {invitations.LIFE.days} days" in PAGE
    days = [days for days, _ in TokenForm.base_fields["days"].choices if days]
    assert "ends after {}, {} or {} days or never".format(*days) in PAGE
