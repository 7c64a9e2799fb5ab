"""The manual's pages about people and their permissions say what the code does."""

import re
from pathlib import Path

from django.conf import settings

from tfci.accounts import access, invitations
from tfci.accounts.forms import TokenForm
from tfci.accounts.models import Role, Scope

DOCS = Path(__file__).parents[2] / "docs"
COLUMNS = [*access.RANKS, Scope.READ, Scope.WRITE]


def rights():
    """Each right of the table with who has it."""
    page = (DOCS / "permissions.md").read_text()
    rows = re.findall(r"^\| [^|]+\(`([\w.]+)`\) \|(.+)\|$", page, re.M)
    return {
        verb: {who for who, cell in zip(COLUMNS, cells.split("|"), strict=True) if cell.strip()}
        for verb, cells in rows
    }


def test_the_table_is_the_one_of_the_code():
    everybody = [*Role, *Scope]
    assert rights() == {verb: {who for who in everybody if access.may(who, verb)} for verb in access.MAY}


def test_its_numbers_are_the_codes():
    page = " ".join((DOCS / "teams.md").read_text().split())
    amount = settings.ACCOUNT_RATE_LIMITS["invite"].partition("/")[0]
    assert f"may make {amount} invitations an hour" in page
    assert f"ends after {invitations.LIFE.days} days" in page
    days = [days for days, _ in TokenForm.base_fields["days"].choices if days]
    assert "ends after {}, {} or {} days or never".format(*days) in page
